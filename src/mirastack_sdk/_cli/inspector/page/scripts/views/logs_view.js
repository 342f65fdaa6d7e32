/** The agent's log records, with a filter, the lowest level and the newest in sight. */

import { element, setText } from "../base/dom.js";
import { counted, timeOfDay } from "../base/format.js";
import { addressOf } from "../router.js";
import { DataTable } from "../values/data_table.js";
import { jsonTree } from "../values/json_tree.js";

/**
 * @typedef {import("../types.js").Log} Log
 */

const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

export class LogsView {
  title = "Logs";
  element;
  #store;
  #level = element("select", { "aria-label": "Lowest level" }, LEVELS.map((level) =>
    element("option", { value: level }, level === "DEBUG" ? "All levels" : `${level} and above`)));
  #filter = element("input", {
    type: "search", placeholder: "Filter", "aria-label": "Filter log records", class: "filter",
  });
  #follow = element("input", { type: "checkbox", checked: true });
  #count = element("span", { class: "muted" });
  #detail = element("div", { class: "row-detail", "aria-live": "polite" });
  #table;

  /** @param {import("../types.js").Desk} desk */
  constructor({ store }) {
    this.#store = store;
    this.#table = new DataTable("Log records", columns(), {
      onSelect: (row) => this.#detail.replaceChildren(...(row ? details(row) : [])),
      classOf: ({ level }) => `level-${level.toLowerCase()}`,
    });
    this.#table.isFollowing = true;
    this.#table.element.addEventListener("unfollow", () => {
      this.#follow.checked = false;
    });
    this.#follow.addEventListener("change", () => {
      this.#table.isFollowing = this.#follow.checked;
    });
    this.#level.addEventListener("change", () => this.#show());
    this.#filter.addEventListener("input", () => this.#show());
    this.element = element("div", { class: "page page-full" }, element("h1", {}, "Logs"),
      element("div", { class: "toolbar" }, this.#level, this.#filter, this.#count,
        element("span", { class: "stretch" }),
        element("label", { class: "box-label" }, this.#follow, "Follow")),
      this.#table.element, this.#detail);
    store.on(["logs"], () => this.element.isConnected && this.#show());
  }

  show() {
    this.#show();
  }

  #show() {
    const lowest = LEVELS.indexOf(this.#level.value);
    const wanted = this.#filter.value.trim().toLowerCase();
    const { logs } = this.#store.state;
    const found = logs.filter(({ level, text, logger }) => rank(level) >= lowest
      && (text.toLowerCase().includes(wanted) || logger.toLowerCase().includes(wanted)));
    this.#table.show(found);
    setText(this.#count, found.length === logs.length ? counted(logs.length, "record")
      : `${found.length} of ${counted(logs.length, "record")}`);
  }
}

/**
 * @param {string} level
 * @returns {number} levels of the author's own are shown with everything
 */
function rank(level) {
  return Math.max(0, LEVELS.indexOf(level.toUpperCase()));
}

/** @returns {import("../values/data_table.js").Column<Log>[]} */
function columns() {
  return [
    { label: "Time", width: 110, cell: ({ at }) => timeOfDay(at) },
    { label: "Level", width: 90, cell: ({ level }) => element("b", { class: "level" }, level) },
    { label: "Logger", width: 170, cell: ({ logger }) => logger },
    { label: "Message", width: 420, cell: ({ text }) => text },
  ];
}

/** @param {Log} log */
function details({ text, fields, execution_id: id }) {
  return [
    element("pre", { class: "code", tabindex: 0, "aria-label": "Message" }, text),
    id !== null && element("p", {}, "Logged by ",
      element("a", { href: addressOf("executions", id) }, id)),
    Object.keys(fields).length > 0 && jsonTree(fields, "Fields"),
  ].filter((node) => node !== false);
}
