/** The form of one action. */

import { button, element } from "../base/dom.js";
import { Field } from "./field.js";
import { parametersOf } from "./schema.js";
import { TimeRangePicker } from "./time_range.js";

/**
 * @typedef {import("../types.js").Action} Action
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").JsonObject} JsonObject
 */

export class ActionForm {
  /** @type {HTMLFormElement} */
  element;
  /** @type {Field[]} */
  #fields;
  #action;
  #options;
  #timeRange;
  #place = element("div");
  #run = element("button", { type: "submit", class: "primary" }, "Run");

  /**
   * @param {Action} action
   * @param {import("./call_options.js").CallOptions} options
   * @param {(call: Call) => void} onRun
   */
  constructor(action, options, onRun) {
    this.#action = action;
    this.#options = options;
    this.#fields = parametersOf(action).map((parameter) => new Field(parameter));
    this.#timeRange = new TimeRangePicker(action.default_range);
    this.#timeRange.element.hidden = action.accepts_time_range === false;
    const isEmpty = this.#fields.length === 0 && action.accepts_time_range === false;
    this.element = element("form", { class: "action-form", novalidate: true, "aria-label": action.name },
      isEmpty && element("p", { class: "muted" }, "This action has no parameters."),
      this.#fields.map((field) => field.element), this.#timeRange.element, this.#place,
      element("div", { class: "form-buttons" }, this.#run,
        button("Reset", () => this.#fields.forEach((field) => field.reset()))));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(onRun);
    });
  }

  /** @param {boolean} canRun */
  setEnabled(canRun) {
    this.#run.disabled = !canRun;
    this.#run.title = canRun ? "Ctrl+Enter" : "The agent is not running.";
  }

  /** Takes in the options, which all forms share. */
  takeOptions() {
    this.#place.replaceChildren(this.#options.element);
  }

  submit() {
    if (!this.#run.disabled) {
      this.element.requestSubmit();
    }
  }

  focus() {
    (this.#fields[0] ?? this.#run).focus();
  }

  /** @param {Call} call */
  fill(call) {
    this.#fields.forEach((field) => field.write(call.params[field.parameter.name]));
    this.#timeRange.write(call.time_range);
    this.#options.write(call);
  }

  /** @returns {Call} */
  read() {
    /** @type {JsonObject} */
    const params = {};
    for (const field of this.#fields) {
      const { value } = field.read();
      if (value !== undefined) {
        params[field.parameter.name] = value;
      }
    }
    const hasRange = this.#action.accepts_time_range !== false;
    return {
      action: this.#action.name, params, ...this.#options.read(),
      time_range: hasRange ? this.#timeRange.read(Date.now()) : null,
    };
  }

  /** @param {(call: Call) => void} onRun */
  #submit(onRun) {
    const isRangeFit = this.#timeRange.check();
    const wrong = this.#fields.filter((field) => !field.check());
    if (this.#options.isChecked && wrong.length > 0) {
      wrong[0].focus();
    } else if (isRangeFit) {
      onRun(this.read());
    } else {
      this.#timeRange.focus();
    }
  }
}
