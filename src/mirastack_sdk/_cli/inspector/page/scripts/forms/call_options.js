/** How a call is made: the encoding, the mode and the timeout, which this browser remembers. */

import { element, setText } from "../base/dom.js";
import { preference, remember } from "../base/preferences.js";

const ENCODINGS = ["json", "protobuf"];
const MODES = ["autonomous", "guided", "manual"];

export class CallOptions {
  #summary = element("span", { class: "muted" });
  #encoding = choice("Encoding", "encoding", ENCODINGS);
  #mode = choice("Mode", "mode", MODES);
  #timeout = element("input", {
    type: "number", min: "1", max: "3600", value: preference("timeout", "30"), "data-name": "timeout",
  });
  #isChecked = element("input", { type: "checkbox", checked: true });

  /** @type {HTMLElement} */
  element = element("details", { class: "call-options" },
    element("summary", {}, "Options: ", this.#summary),
    element("div", { class: "option-grid" },
      element("label", {}, "Encoding", this.#encoding),
      element("label", {}, "Mode", this.#mode),
      element("label", {}, "Timeout, in seconds", this.#timeout),
      element("label", { class: "box-label" }, this.#isChecked,
        "Check the parameters first. Without it, the agent gets what you entered, and reports itself "
        + "what is wrong.")));

  constructor() {
    this.element.addEventListener("input", () => this.#changed());
    this.#changed();
  }

  get isChecked() {
    return this.#isChecked.checked;
  }

  /** @returns {{encoding: string, mode: string, timeout_s: number}} */
  read() {
    const timeout = Number(this.#timeout.value);
    return {
      encoding: this.#encoding.value, mode: this.#mode.value, timeout_s: timeout > 0 ? timeout : 30,
    };
  }

  /** @param {{encoding: string, mode: string}} options */
  write({ encoding, mode }) {
    this.#encoding.value = encoding;
    this.#mode.value = mode;
    this.#changed();
  }

  #changed() {
    const { encoding, mode, timeout_s: timeout } = this.read();
    const unchecked = this.isChecked ? "" : ", unchecked";
    setText(this.#summary, `${encoding}, ${mode}, ${timeout} s${unchecked}`);
    remember("encoding", encoding);
    remember("mode", mode);
    remember("timeout", String(timeout));
  }
}

/**
 * @param {string} label
 * @param {string} name
 * @param {string[]} values
 */
function choice(label, name, values) {
  const chosen = preference(name, values[0]);
  return element("select", { "aria-label": label }, values.map((value) =>
    element("option", { value, selected: value === chosen }, value)));
}
