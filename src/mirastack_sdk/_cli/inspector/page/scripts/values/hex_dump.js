/** A protobuf message as bytes, with its fields beside them. */

import { element } from "../base/dom.js";
import { counted, shortened } from "../base/format.js";
import { readFields } from "./protobuf.js";

const PER_LINE = 16;
const LINES = 512;

/**
 * @param {string} hex
 * @param {{[number: number]: string}} names the names of the message's own fields
 * @returns {HTMLElement}
 */
export function hexDump(hex, names) {
  const bytes = bytesOf(hex);
  const dump = element("pre", { class: "hex", tabindex: 0, "aria-label": "Bytes" },
    linesOf(bytes).join("\n"));
  const cut = bytes.length > PER_LINE * LINES && element("p", { class: "muted" },
    `The first ${PER_LINE * LINES} bytes are shown.`);
  return element("div", { class: "hex-dump" },
    element("p", { class: "muted" }, counted(bytes.length, "byte")), fieldTable(bytes, names), dump, cut);
}

/**
 * @param {Uint8Array} bytes
 * @param {{[number: number]: string}} names
 */
function fieldTable(bytes, names) {
  const fields = readFields(bytes);
  if (fields === null) {
    return element("p", { class: "muted" }, "These bytes are no protobuf message.");
  }
  const rows = fields.map((field) => element("tr", {},
    element("td", { class: "number" }, hexOffset(field.offset)),
    element("td", { class: "number" }, field.length),
    element("td", { style: { "padding-left": `${12 + field.depth * 16}px` } },
      field.depth === 0 ? `${field.number} ${names[field.number] ?? ""}` : field.number),
    element("td", {}, field.kind),
    element("td", { class: "mono wrap" }, shortened(field.value, 300))));
  const headings = ["Offset", "Bytes", "Field", "Type", "Value"].map((label, index) =>
    element("th", { scope: "col", class: index < 2 ? "number" : "" }, label));
  return element("div", { class: "scroll-x" }, element("table", { class: "plain" },
    element("thead", {}, element("tr", {}, headings)), element("tbody", {}, rows)));
}

/** @param {Uint8Array} bytes */
function linesOf(bytes) {
  const lines = [];
  for (let start = 0; start < bytes.length && lines.length < LINES; start += PER_LINE) {
    const line = [...bytes.slice(start, start + PER_LINE)];
    const digits = line.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = line.map((byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·");
    lines.push(`${hexOffset(start)}  ${digits.padEnd(3 * PER_LINE)} ${text.join("")}`);
  }
  return lines;
}

/** @param {number} offset */
function hexOffset(offset) {
  return offset.toString(16).padStart(4, "0");
}

/** @param {string} hex */
function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
