/** A list of like objects as a table with a filter, and the selected row as a tree below it. */

import { element } from "../base/dom.js";
import { compactJson, counted, shortened } from "../base/format.js";
import { DataTable } from "./data_table.js";
import { jsonTree } from "./json_tree.js";

/**
 * @typedef {import("./shapes.js").Table} Table
 * @typedef {import("../types.js").Json} Json
 * @typedef {import("../types.js").JsonObject} JsonObject
 */

const SAMPLE = 100;
const CHARACTER_PX = 8;
const NARROWEST = 72;
const WIDEST = 320;

/**
 * @param {Table} table
 * @returns {HTMLElement}
 */
export function resultTable({ columns, rows }) {
  const detail = element("div", { class: "row-detail", "aria-live": "polite" });
  const count = element("span", { class: "muted" });
  const grid = new DataTable("Result", columns.map((name) => column(name, rows)), {
    onSelect: (row) => detail.replaceChildren(...(row ? [jsonTree(row, "Selected row")] : [])),
  });
  const filter = element("input", {
    type: "search", placeholder: "Filter rows", "aria-label": "Filter rows", class: "filter",
  });
  /** @type {string[]} made when the filter is first used: it takes a while for many rows */
  let texts = [];
  const show = () => {
    const wanted = filter.value.trim().toLowerCase();
    if (wanted && texts.length === 0) {
      texts = rows.map((row) => compactJson(row).toLowerCase());
    }
    const found = wanted ? rows.filter((_, index) => texts[index].includes(wanted)) : rows;
    grid.show(found);
    count.textContent = wanted ? `${found.length.toLocaleString("en")} of ${counted(rows.length, "row")}`
      : counted(rows.length, "row");
  };
  filter.addEventListener("input", show);
  show();
  return element("div", { class: "result-table" },
    element("div", { class: "toolbar" }, filter, count), grid.element, detail);
}

/**
 * @param {string} name
 * @param {JsonObject[]} rows
 * @returns {import("./data_table.js").Column<JsonObject>}
 */
function column(name, rows) {
  const sample = rows.slice(0, SAMPLE).map((row) => row[name]);
  const longest = Math.max(name.length + 2, ...sample.map((value) => cellText(value).length));
  return {
    label: name,
    width: Math.min(WIDEST, Math.max(NARROWEST, longest * CHARACTER_PX + 24)),
    isNumber: sample.every((value) => typeof value === "number" || value === null),
    cell: (row) => cellText(row[name]),
    sortBy: (row) => sortKey(row[name]),
  };
}

/** @param {Json | undefined} value */
function cellText(value) {
  if (value === undefined) {
    return "";
  }
  return typeof value === "string" ? value : shortened(compactJson(value), 500);
}

/** @param {Json | undefined} value */
function sortKey(value) {
  if (value === undefined || value === null) {
    return null;
  }
  return typeof value === "number" ? value : cellText(value);
}
