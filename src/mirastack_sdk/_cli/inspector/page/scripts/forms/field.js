/** One parameter of a form: a control that fits its type, with its description and its errors. */

import { element, setText, uniqueId } from "../base/dom.js";
import { formatJson, parseJson } from "../base/exact_json.js";

/**
 * @typedef {import("./schema.js").Parameter} Parameter
 * @typedef {import("../types.js").Json} Json
 * @typedef {{value?: Json, error?: string}} Reading no value if nothing was entered
 *
 * @typedef {object} Control
 * @property {HTMLElement} element
 * @property {() => Reading} read
 * @property {(value: Json | undefined) => void} write
 */

const ONE_LINE = 40;
const CONTROLS = {
  text: textControl, integer: numberControl, number: numberControl, boolean: booleanControl,
  choice: choiceControl, json: jsonControl,
};

export class Field {
  /** @type {HTMLElement} */
  element;
  /** @type {Parameter} */
  parameter;
  /** @type {Control} */
  #control;
  #error = element("p", { class: "field-error", id: uniqueId("error") });

  /** @param {Parameter} parameter */
  constructor(parameter) {
    this.parameter = parameter;
    const [id, hint] = [uniqueId("field"), uniqueId("hint")];
    this.#control = CONTROLS[parameter.kind](parameter);
    const { element: input } = this.#control;
    input.id = id;
    input.setAttribute("aria-describedby", `${hint} ${this.#error.id}`);
    if (parameter.isRequired) {
      input.setAttribute("aria-required", "true");
    }
    input.addEventListener("change", () => this.check());
    input.addEventListener("input", () => this.#error.textContent !== "" && this.check());
    this.element = element("div", { class: `field field-${parameter.kind}` },
      element("div", { class: "field-head" },
        element("label", { for: id }, parameter.name),
        parameter.isRequired && element("span", { class: "required" }, "required"),
        element("span", { class: "field-type" }, parameter.type)),
      // An error takes the place of the hint: if it needed its own, the button that is being
      // pressed would move away.
      input, element("div", { class: "field-notes" },
        element("p", { class: "field-hint", id: hint }, hintOf(parameter)), this.#error));
    this.reset();
  }

  /** Shows the parameter's default. */
  reset() {
    this.write(this.parameter.fallback);
  }

  /** @param {Json | undefined} value */
  write(value) {
    this.#control.write(value);
    this.#showError("");
  }

  /** @returns {Reading} without the checks: a text that is no JSON is sent as it is */
  read() {
    return this.#control.read();
  }

  /**
   * Shows what is wrong.
   * @returns {boolean} whether the value can be sent
   */
  check() {
    const { value, error } = this.read();
    const missing = this.parameter.isRequired && value === undefined && error === undefined;
    const text = error ?? (missing ? "This parameter is required." : "");
    this.#showError(text);
    return text === "";
  }

  focus() {
    this.#control.element.focus();
  }

  /** @param {string} text */
  #showError(text) {
    setText(this.#error, text);
    this.#control.element.setAttribute("aria-invalid", String(text !== ""));
  }
}

/** @param {Parameter} parameter */
function hintOf({ description, fallback, kind, schema }) {
  // The SDK puts the limits of typed parameters into their descriptions.
  const limits = description.includes("Format: ") ? [] : [
    ["minimum", "at least"], ["exclusiveMinimum", "more than"], ["maximum", "at most"],
    ["exclusiveMaximum", "less than"], ["minLength", "characters: at least"],
    ["maxLength", "characters: at most"], ["minItems", "items: at least"],
    ["maxItems", "items: at most"], ["pattern", "matches"],
  ].flatMap(([key, words]) => schema[key] === undefined ? [] : [`${words} ${schema[key]}`]);
  // A default that is JSON is in the field already, where it can be read.
  const isShown = fallback === undefined || fallback === null || kind === "json";
  const standard = isShown ? [] : [`default ${asText(fallback)}`];
  const rules = [...limits, ...standard].join(", ");
  return [description, rules && `(${rules})`].filter(Boolean).join(" ");
}

/** @param {Json} value */
function asText(value) {
  return typeof value === "string" ? value : formatJson(value);
}

/**
 * @param {Parameter} parameter
 * @returns {Control}
 */
function textControl({ schema, fallback }) {
  const placeholders = /** @type {{[format: string]: string}} */ ({
    "date-time": "2026-01-31T12:00:00Z", date: "2026-01-31", duration: "PT5M",
  });
  const input = element("input", {
    type: "text", autocomplete: "off", spellcheck: "false",
    placeholder: placeholders[schema.format] ?? schema.examples?.[0] ?? null,
  });
  return {
    element: input,
    // Without the text, the agent uses its default; that of "" is the same.
    read: () => (input.value === "" && !fallback ? {} : { value: input.value }),
    write: (value) => {
      input.value = value === undefined || value === null ? "" : asText(value);
    },
  };
}

/**
 * @param {Parameter} parameter
 * @returns {Control}
 */
function numberControl({ kind, schema }) {
  const input = element("input", {
    type: "text", inputmode: kind === "integer" ? "numeric" : "decimal", autocomplete: "off",
    class: "number",
  });
  return {
    element: input,
    read: () => readNumber(input.value.trim(), kind === "integer", schema),
    write: (value) => {
      input.value = value === undefined || value === null ? "" : asText(value);
    },
  };
}

/**
 * @param {string} text
 * @param {boolean} isInteger
 * @param {{[key: string]: any}} schema
 * @returns {Reading}
 */
function readNumber(text, isInteger, schema) {
  if (text === "") {
    return {};
  }
  const number = Number(text);
  const isWrong = Number.isNaN(number) || (isInteger && !/^[+-]?\d+$/.test(text));
  if (isWrong) {
    const expected = isInteger ? "a whole number, such as 10" : "a number, such as 0.5";
    return { value: text, error: `Enter ${expected}.` };
  }
  const checks = /** @type {[boolean, string][]} */ ([
    [number < schema.minimum, `Enter at least ${schema.minimum}.`],
    [number > schema.maximum, `Enter at most ${schema.maximum}.`],
    [number <= schema.exclusiveMinimum, `Enter more than ${schema.exclusiveMinimum}.`],
    [number >= schema.exclusiveMaximum, `Enter less than ${schema.exclusiveMaximum}.`],
  ]);
  const error = checks.find(([isBroken]) => isBroken)?.[1];
  const value = isInteger && !Number.isSafeInteger(number) ? BigInt(text) : number;
  return error === undefined ? { value } : { value, error };
}

/**
 * @param {Parameter} parameter
 * @returns {Control}
 */
function booleanControl({ isRequired, fallback }) {
  if (!isRequired && (fallback === undefined || fallback === null)) {
    return choiceOf([true, false], true);
  }
  const box = element("input", { type: "checkbox" });
  return {
    element: box,
    read: () => ({ value: box.checked }),
    write: (value) => {
      box.checked = value === true || value === "true";
    },
  };
}

/**
 * @param {Parameter} parameter
 * @returns {Control}
 */
function choiceControl({ choices, isRequired, fallback }) {
  return choiceOf(choices, !isRequired || fallback === undefined);
}

/**
 * @param {Json[]} choices
 * @param {boolean} canBeEmpty
 * @returns {Control}
 */
function choiceOf(choices, canBeEmpty) {
  const empty = canBeEmpty ? [element("option", { value: "" }, "— not given —")] : [];
  const options = choices.map((choice, index) =>
    element("option", { value: String(index) }, asText(choice)));
  const select = element("select", {}, empty, options);
  return {
    element: select,
    read: () => (select.value === "" ? {} : { value: choices[Number(select.value)] }),
    write: (value) => {
      const index = choices.findIndex((choice) => value !== undefined && value !== null
        && asText(choice) === asText(value));
      select.value = index < 0 ? (canBeEmpty ? "" : "0") : String(index);
    },
  };
}

/**
 * @param {Parameter} parameter
 * @returns {Control}
 */
function jsonControl({ type, example }) {
  const area = element("textarea", {
    rows: 2, spellcheck: "false", class: "mono",
    placeholder: example,
  });
  return {
    element: area,
    read: () => readJson(area.value.trim(), type, example),
    write: (value) => {
      area.value = value === undefined || value === null ? ""
        : typeof value === "string" ? value : fittingJson(value);
      area.rows = Math.min(12, Math.max(2, area.value.split("\n").length));
    },
  };
}

/** @param {Json} value */
function fittingJson(value) {
  const line = formatJson(value);
  return line.length <= ONE_LINE ? line : formatJson(value, 2);
}

/**
 * @param {string} text
 * @param {string} type
 * @param {string} example
 * @returns {Reading}
 */
function readJson(text, type, example) {
  if (text === "") {
    return {};
  }
  try {
    const value = parseJson(text);
    const isWrong = (type.startsWith("array") && !Array.isArray(value))
      || (type.startsWith("object") && (typeof value !== "object" || value === null || Array.isArray(value)));
    const noun = type.startsWith("array") ? "array" : "object";
    return isWrong ? { value, error: `Enter a JSON ${noun}, such as ${example}.` } : { value };
  } catch (error) {
    return { value: text, error: `This is not JSON: ${/** @type {Error} */ (error).message}.` };
  }
}
