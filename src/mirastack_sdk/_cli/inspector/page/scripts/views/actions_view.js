/** One action: its form, and the last execution beside it. */

import { element } from "../base/dom.js";
import { formatJson } from "../base/exact_json.js";
import { ActionForm } from "../forms/action_form.js";
import { CallOptions } from "../forms/call_options.js";
import { permissionBadge } from "../shell/status.js";
import { ExecutionPanel } from "../executions/execution_panel.js";

/**
 * @typedef {import("../types.js").Action} Action
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Desk} Desk
 */

export class ActionsView {
  title = "Actions";
  #desk;
  #name = "";
  #options = new CallOptions();
  /** @type {Map<string, {form: ActionForm, declaration: string}>} kept, and with them what was typed */
  #forms = new Map();
  /** @type {Map<string, string>} the id of the execution that is shown for an action */
  #executions = new Map();
  #intro = element("header", { class: "action-intro" });
  #place = element("div");
  #error = element("p", { class: "field-error", role: "alert" });
  #panel;
  #side = element("div", { class: "action-side" });
  element;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#panel = new ExecutionPanel(desk);
    this.element = element("div", { class: "action-view" },
      element("div", { class: "action-call" }, this.#intro, this.#place, this.#error), this.#side);
    desk.store.on(["agent"], () => this.#showForm());
    desk.store.on(["agent", "connection", "reload"], () => this.#enable());
  }

  /** @param {string} [name] the first action if it is missing */
  show(name) {
    this.#name = name ?? this.#desk.store.lastAgent?.actions[0]?.name ?? "";
    this.title = this.#name || "Actions";
    this.#error.textContent = "";
    this.#showForm();
    this.#showExecution();
  }

  submit() {
    this.#forms.get(this.#name)?.form.submit();
  }

  focusForm() {
    this.#forms.get(this.#name)?.form.focus();
  }

  /**
   * Fills the form of an action that is shown, and runs it.
   * @param {Call} call
   */
  repeat(call) {
    this.#forms.get(this.#name)?.form.fill(call);
    this.#run(call);
  }

  #showForm() {
    const action = this.#desk.store.lastAgent?.actions.find(({ name }) => name === this.#name);
    if (!action) {
      const isNone = this.#desk.store.lastAgent === null;
      this.#intro.replaceChildren(element("p", { class: "empty" }, isNone
        ? "The agent has not registered yet." : `The agent has no action ${this.#name}.`));
      this.#place.replaceChildren();
      return;
    }
    const declaration = formatJson(action);
    const known = this.#forms.get(action.name);
    if (known?.declaration !== declaration) {
      const form = new ActionForm(action, this.#options, (call) => this.#run(call));
      if (known) {
        form.fill(known.form.read());
      }
      this.#forms.set(action.name, { form, declaration });
    }
    const { form } = /** @type {{form: ActionForm}} */ (this.#forms.get(action.name));
    if (this.#place.firstElementChild !== form.element) {
      form.takeOptions();
      this.#place.replaceChildren(form.element);
    }
    this.#intro.replaceChildren(...introduction(action));
    this.#enable();
  }

  #enable() {
    this.#forms.forEach(({ form }) => form.setEnabled(this.#desk.store.isRunning));
  }

  #showExecution() {
    const { executions } = this.#desk.store.state;
    const id = this.#executions.get(this.#name)
      ?? executions.find(({ action }) => action === this.#name)?.id;
    if (id === undefined) {
      this.#side.replaceChildren(element("section", { class: "execution" }, element("p", { class: "empty" },
        "Not called yet. Fill in the form, and press Run or Ctrl+Enter.")));
    } else {
      this.#panel.show(id);
      this.#side.replaceChildren(this.#panel.element);
    }
  }

  /** @param {Call} call */
  async #run(call) {
    this.#error.textContent = "";
    try {
      const execution = await this.#desk.api.execute(call);
      // The stream may have told its end already, which must not be overwritten.
      if (!this.#desk.store.execution(execution.id)) {
        this.#desk.store.apply("execution", execution);
      }
      this.#executions.set(call.action, execution.id);
      this.#showExecution();
    } catch (error) {
      this.#error.textContent = /** @type {Error} */ (error).message;
    }
  }
}

/** @param {Action} action */
function introduction({ name, description, permission, stages, intents, output_params: outputs }) {
  return [
    element("h1", {}, name, permissionBadge(permission),
      stages.map((stage) => element("span", { class: "badge" }, stage))),
    element("p", { class: "description" }, description),
    element("details", { class: "more" },
      element("summary", {}, "Phrases and outputs"),
      intents.length > 0
        ? element("ul", {}, intents.map(({ pattern, priority }) => element("li", {},
          element("q", {}, pattern), element("span", { class: "muted" }, ` priority ${priority}`))))
        : element("p", { class: "muted" }, "No phrases lead to this action."),
      element("dl", { class: "facts" }, outputs.flatMap((output) => [
        element("dt", { class: "mono" }, `${output.name}: ${output.type}`),
        element("dd", {}, output.description || "not described"),
      ]))),
  ];
}
