/** One execution by its id, as history and approvals link to it. */

import { element } from "../base/dom.js";
import { ExecutionPanel } from "../executions/execution_panel.js";

export class ExecutionView {
  title = "Execution";
  #heading = element("h1");
  #place = element("div");
  element = element("div", { class: "page" }, this.#heading, this.#place);
  #desk;
  #panel;
  #id = "";

  /** @param {import("../types.js").Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#panel = new ExecutionPanel(desk);
    desk.store.on(["executions"], () => this.element.isConnected && this.#show());
  }

  /** @param {string} [id] */
  show(id = "") {
    this.#id = id;
    this.#show();
  }

  #show() {
    const execution = this.#desk.store.execution(this.#id);
    this.#heading.textContent = execution ? `${execution.action} ` : "Execution ";
    this.#heading.append(element("span", { class: "muted mono" }, this.#id));
    if (execution) {
      this.#panel.show(this.#id);
    }
    const content = execution ? this.#panel.element : element("p", { class: "empty" },
      "This execution is not in the history, which keeps the last ones only.");
    if (this.#place.firstElementChild !== content) {
      this.#place.replaceChildren(content);
    }
  }
}
