/** The differences of two JSON values as a list: where, what it was, what it is. */

import { element } from "../base/dom.js";
import { formatJson } from "../base/exact_json.js";
import { counted, shortened } from "../base/format.js";
import { differences, pathText } from "./diff.js";

/** @typedef {import("../types.js").Json} Json */

const SHOWN = 500;
const LONG = 2000;
const SIGNS = { added: "Added", removed: "Removed", changed: "Changed" };

/**
 * @param {string} heading
 * @param {Json} before
 * @param {Json} after
 * @returns {HTMLElement}
 */
export function diffView(heading, before, after) {
  const found = differences(before, after);
  const items = found.slice(0, SHOWN).map((difference) => element("li", { class: `diff-${difference.kind}` },
    element("div", { class: "diff-path" },
      element("span", { class: "diff-kind" }, SIGNS[difference.kind]), " ",
      element("code", {}, pathText(difference.path))),
    difference.before !== undefined && side("del", "−", difference.before),
    difference.after !== undefined && side("ins", "+", difference.after)));
  const verdict = found.length === 0 ? "no differences" : counted(found.length, "difference");
  return element("section", { class: "diff" },
    element("h3", {}, `${heading}: `, element("span", { class: "muted" }, verdict)),
    element("ul", { class: "diff-list" }, items),
    found.length > SHOWN && element("p", { class: "muted" }, `The first ${SHOWN} are shown.`));
}

/**
 * @param {"del" | "ins"} tag
 * @param {string} sign
 * @param {Json} value
 */
function side(tag, sign, value) {
  return element(tag, {}, element("span", { "aria-hidden": "true", class: "diff-sign" }, sign),
    element("code", {}, shortened(formatJson(value, 2), LONG)));
}
