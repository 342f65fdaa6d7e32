/** One execution by its id, as history and approvals link to it. */

import { element } from "../base/dom.js";
import { ExecutionPanel } from "../executions/execution_panel.js";

export class ExecutionView {
  title = "Execution";
  element = element("div", { class: "page" });
  #desk;
  #panel;

  /** @param {import("../types.js").Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#panel = new ExecutionPanel(desk);
  }

  /** @param {string} [id] */
  show(id = "") {
    if (this.#desk.store.execution(id)) {
      this.#panel.show(id);
      this.element.replaceChildren(this.#panel.element);
    } else {
      this.element.replaceChildren(element("p", { class: "empty" },
        `The execution ${id} is not in the history, which keeps the last ones only.`));
    }
  }
}
