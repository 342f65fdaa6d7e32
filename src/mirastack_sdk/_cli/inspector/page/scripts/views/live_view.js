/** Events and partial results as they arrive. */

import { element, setText } from "../base/dom.js";
import { compactJson, counted, timeOfDay } from "../base/format.js";
import { payloadOf } from "../executions/results.js";
import { addressOf } from "../router.js";
import { DataTable } from "../values/data_table.js";
import { jsonTree } from "../values/json_tree.js";

/**
 * @typedef {import("../types.js").Desk} Desk
 * @typedef {import("../types.js").Json} Json
 * @typedef {{at: number, kind: string, id: string, action: string, progress: number | null,
 *   text: string, data: Json}} Row
 */

export class LiveView {
  title = "Live";
  element;
  #store;
  #kind = element("select", { "aria-label": "Kind" },
    [["all", "Events and partial results"], ["event", "Events"], ["partial", "Partial results"]].map(
      ([value, label]) => element("option", { value }, label)));
  #follow = element("input", { type: "checkbox", checked: true });
  #count = element("span", { class: "muted" });
  #running = element("div", { class: "running" });
  #detail = element("div", { class: "row-detail", "aria-live": "polite" });
  #table;

  /** @param {Desk} desk */
  constructor({ store }) {
    this.#store = store;
    this.#table = new DataTable("Events and partial results", columns(), {
      onSelect: (row) => this.#detail.replaceChildren(...(row ? [jsonTree(row.data, "Selected item")] : [])),
    });
    this.#table.isFollowing = true;
    this.#table.element.addEventListener("unfollow", () => {
      this.#follow.checked = false;
    });
    this.#follow.addEventListener("change", () => {
      this.#table.isFollowing = this.#follow.checked;
    });
    this.#kind.addEventListener("change", () => this.#show());
    this.element = element("div", { class: "page page-full" }, element("h1", {}, "Live"),
      element("div", { class: "toolbar" }, this.#kind, this.#count, element("span", { class: "stretch" }),
        element("label", { class: "box-label" }, this.#follow, "Follow")),
      this.#running, this.#table.element, this.#detail);
    store.on(["events", "partials", "executions"], () => this.element.isConnected && this.#show());
  }

  show() {
    this.#show();
  }

  #show() {
    const rows = [...this.#events(), ...this.#partials()].sort((one, other) => one.at - other.at);
    const { value } = this.#kind;
    const shown = rows.filter(({ kind }) => value === "all" || kind === value);
    this.#table.show(shown);
    setText(this.#count, counted(shown.length, "item"));
    this.#showRunning();
  }

  /** @returns {Row[]} */
  #events() {
    return this.#store.state.events.map(({ at, execution_id: id, fields }) => ({
      at, kind: "event", id, action: this.#actionOf(id), progress: null, text: compactJson(fields), data: fields,
    }));
  }

  /** @returns {Row[]} */
  #partials() {
    return this.#store.partials.map((partial) => {
      const { at, execution_id: id, json, progress, message } = partial;
      const text = [message, compactJson(payloadOf(partial))].filter(Boolean).join(" · ");
      return { at, kind: "partial", id, action: this.#actionOf(id), progress, text, data: json };
    });
  }

  /** @param {string} id */
  #actionOf(id) {
    return this.#store.execution(id)?.action ?? id;
  }

  #showRunning() {
    const running = this.#store.state.executions.filter(({ status }) => status === "running");
    this.#running.replaceChildren(...running.map(({ id, action, partials }) => {
      const last = partials.findLast(({ progress }) => progress !== null);
      const bar = element("progress", { max: 1, "aria-label": `Progress of ${action}` });
      if (typeof last?.progress === "number") {
        bar.value = last.progress;
      }
      return element("div", { class: "progress" },
        element("a", { href: addressOf("executions", id) }, action), bar, last?.message);
    }));
  }
}

/** @returns {import("../values/data_table.js").Column<Row>[]} */
function columns() {
  return [
    { label: "Time", width: 110, cell: ({ at }) => timeOfDay(at) },
    { label: "Kind", width: 80, cell: ({ kind }) => kind },
    {
      label: "Execution", width: 160, cell: ({ id, action }) =>
        element("a", { href: addressOf("executions", id), tabindex: -1 }, action),
    },
    {
      label: "Progress", width: 110, cell: ({ progress }) => (progress === null ? ""
        : element("progress", { max: 1, value: progress, "aria-label": `${Math.round(progress * 100)} %` })),
    },
    { label: "Content", width: 400, cell: ({ text }) => text },
  ];
}
