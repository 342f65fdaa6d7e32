/** The bytes of a call in either encoding. */

import { element } from "../base/dom.js";
import { indentedJson } from "../base/format.js";
import { Tabs } from "../base/tabs.js";
import { hexDump } from "../values/hex_dump.js";
import { REQUEST_FIELDS, RESPONSE_FIELDS } from "./wire_fields.js";

/**
 * @param {import("../types.js").Execution} execution with its `wire`
 * @returns {HTMLElement}
 */
export function wireView({ wire, encoding }) {
  if (!wire) {
    return element("p", { class: "empty" }, "The bytes of this call are not kept.");
  }
  const messages = (/** @type {"json" | "protobuf"} */ kind) => element("div", {},
    message("Request", wire.request, kind, REQUEST_FIELDS),
    wire.response ? message("Response", wire.response, kind, RESPONSE_FIELDS)
      : element("p", { class: "empty" }, "There is no response."));
  const used = (/** @type {string} */ name) => (name === encoding ? " (sent)" : "");
  const tabs = new Tabs("Encoding", [
    { name: "json", label: `JSON${used("json")}`, panel: messages("json") },
    { name: "protobuf", label: `Protobuf${used("protobuf")}`, panel: messages("protobuf") },
  ]);
  tabs.select(encoding === "protobuf" ? "protobuf" : "json");
  return tabs.element;
}

/**
 * @param {string} heading
 * @param {import("../types.js").WireMessage} bytes
 * @param {"json" | "protobuf"} kind
 * @param {{[number: number]: string}} names
 */
function message(heading, bytes, kind, names) {
  return element("section", {}, element("h3", {}, heading),
    kind === "protobuf" ? hexDump(bytes.protobuf, names)
      : element("pre", { class: "code", tabindex: 0, "aria-label": `${heading} as JSON` },
        indentedJson(bytes.json)));
}
