/** The agent's config as operators set it in the engine. */

import { element, setText } from "../base/dom.js";
import { formatJson } from "../base/exact_json.js";
import { Field } from "../forms/field.js";
import { parametersOf } from "../forms/schema.js";

/**
 * @typedef {import("../types.js").ConfigParam} ConfigParam
 */

const MASK = "***";

export class ConfigView {
  title = "Config";
  element;
  #desk;
  /** @type {{key: string, isSecret: boolean, field: Field}[]} */
  #fields = [];
  #declared = "";
  #place = element("div");
  #version = element("span", { class: "muted" });
  #outcome = element("p", { role: "status" });
  #form = element("form", { class: "config-form", novalidate: true });

  /** @param {import("../types.js").Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#form.append(this.#place, element("div", { class: "form-buttons" },
      element("button", { type: "submit", class: "primary" }, "Push"), this.#version), this.#outcome);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#push();
    });
    this.element = element("div", { class: "page" }, element("h1", {}, "Config"),
      element("p", { class: "description" },
        "Push sends these values to the running agent, as an operator's change in the engine does."),
      this.#form);
    desk.store.on(["agent", "config", "connection", "reload"], () => this.#show());
    this.#show();
  }

  #show() {
    const { agent, config } = this.#desk.store.state;
    const params = (agent ?? this.#desk.store.lastAgent)?.config_params ?? [];
    const declared = formatJson(params);
    if (declared !== this.#declared) {
      this.#declared = declared;
      this.#fields = params.map(configField);
      this.#place.replaceChildren(...(params.length === 0
        ? [element("p", { class: "empty" }, "The agent declares no config.")]
        : this.#fields.map(({ field }) => field.element)));
    }
    this.#form.querySelectorAll("button").forEach((submit) => {
      submit.disabled = !this.#desk.store.isRunning || params.length === 0;
    });
    const version = `version ${config.version}`;
    if (this.#version.textContent !== version || !this.#form.contains(document.activeElement)) {
      this.#fields.forEach(({ key, isSecret, field }) => !isSecret && config.values[key] !== undefined
        && field.write(config.values[key]));
    }
    setText(this.#version, version);
  }

  async #push() {
    if (!this.#fields.every(({ field }) => field.check())) {
      setText(this.#outcome, "Correct the marked values first.");
      return;
    }
    /** @type {{[key: string]: string}} the engine keeps texts */
    const values = {};
    for (const { key, isSecret, field } of this.#fields) {
      const { value } = field.read();
      // An untouched secret stays what it is: the page does not know it.
      if (value !== undefined && !(isSecret && value === MASK)) {
        values[key] = typeof value === "string" ? value : formatJson(value);
      }
    }
    this.#outcome.className = "";
    try {
      const { acknowledged, error, version } = await this.#desk.api.pushConfig(values);
      this.#outcome.className = acknowledged ? "good-text" : "error-text";
      setText(this.#outcome, acknowledged ? `The agent uses version ${version} now.`
        : `The agent refused it: ${error || "it gave no reason"}`);
    } catch (error) {
      this.#outcome.className = "error-text";
      setText(this.#outcome, /** @type {Error} */ (error).message);
    }
  }
}

/** @param {ConfigParam} param */
function configField({ key, description, type, required, default: fallback, secret }) {
  const [parameter] = parametersOf({
    input_schema: null,
    input_params: [{ name: key, type: secret ? "string" : type, required: required && !secret, description, default: fallback, enum: null }],
  });
  const field = new Field(parameter);
  const input = field.element.querySelector("input");
  if (secret && input) {
    input.type = "password";
    input.autocomplete = "new-password";
    input.placeholder = "not shown; leave empty to keep it";
  }
  return { key, isSecret: secret, field };
}
