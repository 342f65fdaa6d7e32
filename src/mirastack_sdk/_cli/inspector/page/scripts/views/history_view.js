/** All executions, with plots of how long they took and how many failed. */

import { button, element, setText } from "../base/dom.js";
import { compactJson, counted, duration, shortened, timeOfDay } from "../base/format.js";
import { KeyedList } from "../base/keyed_list.js";
import { addressOf, goTo } from "../router.js";
import { executionBadge } from "../shell/status.js";
import { HistoryPlots } from "./history_plots.js";
import { callOf } from "../executions/results.js";

/**
 * @typedef {import("../types.js").Desk} Desk
 * @typedef {import("../types.js").Execution} Execution
 */

export class HistoryView {
  title = "History";
  element;
  #desk;
  #plots = new HistoryPlots();
  /** @type {string[]} the ids to compare, at most two */
  #chosen = [];
  #action = element("select", { "aria-label": "Action" });
  #status = element("select", { "aria-label": "Status" },
    ["all", "running", "succeeded", "failed", "cancelled", "unreachable"].map((status) =>
      element("option", { value: status }, status === "all" ? "Any status" : status)));
  #count = element("span", { class: "muted" });
  #compare = button("Compare", () => goTo("compare", ...this.#inOrder()), { disabled: true });
  #body = element("tbody");
  #list;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#list = new KeyedList(this.#body, (/** @type {Execution} */ { id }) => id, () => this.#row());
    const headings = ["Compare", "Time", "Action", "Status", "Duration", "Parameters", ""].map((label) =>
      element("th", { scope: "col", class: label === "Duration" ? "number" : "" }, label));
    this.element = element("div", { class: "page" }, element("h1", {}, "History"),
      this.#plots.element,
      element("div", { class: "toolbar" }, this.#action, this.#status, this.#count,
        element("span", { class: "stretch" }),
        element("span", { class: "muted" }, "Choose two executions:"), this.#compare),
      element("div", { class: "scroll-x" }, element("table", { class: "plain history" },
        element("thead", {}, element("tr", {}, headings)), this.#body)));
    this.element.addEventListener("change", () => this.#show());
    desk.store.on(["executions", "agent"], () => this.element.isConnected && this.#show());
  }

  show() {
    this.#show();
  }

  #show() {
    const { executions } = this.#desk.store.state;
    this.#showActions(new Set(executions.map(({ action }) => action)));
    const found = executions.filter(({ action, status }) =>
      ["", action].includes(this.#action.value) && ["all", status].includes(this.#status.value));
    this.#list.show(found);
    this.#plots.show(found);
    this.#compare.disabled = this.#chosen.length !== 2;
    setText(this.#count, counted(found.length, "execution"));
  }

  /** @param {Set<string>} actions */
  #showActions(actions) {
    const known = [...this.#action.options].slice(1).map(({ value }) => value);
    if (known.join("\n") !== [...actions].sort().join("\n")) {
      const { value } = this.#action;
      this.#action.replaceChildren(element("option", { value: "" }, "All actions"),
        ...[...actions].sort().map((name) => element("option", { value: name }, name)));
      this.#action.value = actions.has(value) ? value : "";
    }
  }

  #row() {
    const row = element("tr");
    const box = element("input", { type: "checkbox" });
    let shown = "";
    return {
      element: row,
      update: (/** @type {Execution} */ execution) => {
        box.checked = this.#chosen.includes(execution.id);
        const wanted = `${execution.status} ${execution.duration_ms}`;
        if (shown !== wanted) {
          shown = wanted;
          box.setAttribute("aria-label", `Compare ${execution.action} of ${timeOfDay(execution.started_at)}`);
          box.onchange = () => this.#choose(execution.id, box.checked);
          row.replaceChildren(...this.#cells(execution, box));
        }
      },
    };
  }

  /**
   * @param {Execution} execution
   * @param {HTMLInputElement} box
   */
  #cells(execution, box) {
    const { id, action, params, started_at: startedAt, duration_ms: took, error } = execution;
    const repeat = button("Repeat", () => this.#desk.repeat(callOf(execution)), { class: "small" });
    return [
      element("td", {}, box),
      element("td", { class: "mono" }, element("a", { href: addressOf("executions", id) }, timeOfDay(startedAt))),
      element("td", {}, action),
      element("td", { title: error }, executionBadge(execution)),
      element("td", { class: "number" }, duration(took)),
      element("td", { class: "mono cut" }, shortened(compactJson(params), 120)),
      element("td", {}, repeat),
    ];
  }

  /**
   * @param {string} id
   * @param {boolean} isChosen
   */
  #choose(id, isChosen) {
    const others = this.#chosen.filter((other) => other !== id);
    this.#chosen = isChosen ? [...others.slice(-1), id] : others;
  }

  /** The older execution comes first. */
  #inOrder() {
    return this.#desk.store.state.executions.map(({ id }) => id)
      .filter((id) => this.#chosen.includes(id)).reverse();
  }
}
