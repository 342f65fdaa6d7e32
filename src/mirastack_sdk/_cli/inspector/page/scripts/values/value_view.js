/** A result as a tree, a table, a plot or text: the views that fit it, the best one first. */

import { button, element } from "../base/dom.js";
import { formatJson } from "../base/exact_json.js";
import { Tabs } from "../base/tabs.js";
import { barList } from "./bars.js";
import { jsonTree } from "./json_tree.js";
import { Plot } from "./plot.js";
import { resultTable } from "./result_table.js";
import { findBars, findSeries, findTable } from "./shapes.js";

/** @typedef {import("../types.js").Json} Json */

const TEXT_LIMIT = 200_000;

/**
 * @param {Json} value
 * @returns {HTMLElement}
 */
export function valueView(value) {
  const offered = viewsOf(value);
  /** @type {Set<string>} */
  const made = new Set();
  const panels = offered.map(({ name, label }) => ({ name, label, panel: element("div") }));
  const show = (/** @type {string} */ name) => {
    const index = panels.findIndex((panel) => panel.name === name);
    if (!made.has(name)) {
      made.add(name);
      panels[index].panel.append(offered[index].make());
    }
  };
  const tabs = new Tabs("View of the result", panels, show);
  tabs.element.classList.add("value-view");
  show(panels[0].name);
  return tabs.element;
}

/**
 * @param {Json} value
 * @returns {{name: string, label: string, make: () => HTMLElement}[]}
 */
function viewsOf(value) {
  const [series, bars, table] = [findSeries(value), findBars(value), findTable(value)];
  const tree = { name: "tree", label: "Tree", make: () => jsonTree(value, "Result") };
  const text = { name: "text", label: "Text", make: () => textView(value) };
  if (typeof value === "string") {
    return [text, tree];
  }
  return [
    ...(series ? [{ name: "plot", label: "Plot", make: () => plotOf(series) }] : []),
    ...(bars ? [{ name: "plot", label: "Plot", make: () => barList(bars) }] : []),
    ...(table ? [{ name: "table", label: "Table", make: () => resultTable(table) }] : []),
    tree,
    text,
  ];
}

/** @param {import("./shapes.js").Series[]} series */
function plotOf(series) {
  const plot = new Plot("Result");
  plot.show(series);
  return plot.element;
}

/** @param {Json} value */
function textView(value) {
  const text = typeof value === "string" ? value : formatJson(value, 2);
  const isCut = text.length > TEXT_LIMIT;
  const copy = button("Copy", () => navigator.clipboard.writeText(text), { class: "small copy" });
  return element("div", { class: "text-view" }, copy,
    element("pre", { tabindex: 0 }, isCut ? text.slice(0, TEXT_LIMIT) : text),
    isCut && element("p", { class: "muted" },
      `The first ${TEXT_LIMIT.toLocaleString("en")} of ${text.length.toLocaleString("en")} characters `
      + "are shown; Copy copies all of them."));
}
