/** The time range of a call: none, the last minutes or hours, or from one time to another. */

import { element, setText } from "../base/dom.js";
import { allZones, epochOf, localZone, wallTimeAt } from "../base/zoned_time.js";

/** @typedef {import("../types.js").TimeRange} TimeRange */

const MINUTE = 60_000;
const PRESETS = { "5m": 5, "15m": 15, "1h": 60, "6h": 360, "24h": 1440, "7d": 10_080 };
const CHOICES = [
  ["none", "No time range"],
  ...Object.keys(PRESETS).map((name) => [name, `Last ${name}`]),
  ["custom", "Custom…"],
];

export class TimeRangePicker {
  /** @type {HTMLElement} */
  element;
  #preset = element("select", { "aria-label": "Time range" },
    CHOICES.map(([value, label]) => element("option", { value }, label)));
  #from = element("input", { type: "datetime-local", "aria-label": "From" });
  #to = element("input", { type: "datetime-local", "aria-label": "To" });
  #zone = element("select", { "aria-label": "Time zone" },
    allZones().map((zone) => element("option", { value: zone }, zone)));
  #error = element("p", { class: "field-error", role: "alert" });
  #custom = element("div", { class: "time-range-custom", hidden: true },
    this.#from, element("span", { "aria-hidden": "true" }, "–"), this.#to, this.#zone);

  /** @param {string | null} [byDefault] what the action takes without a range */
  constructor(byDefault) {
    if (byDefault) {
      this.#preset.options[0].label = `No time range (then the action takes: ${byDefault})`;
    }
    this.#zone.value = localZone();
    this.#preset.addEventListener("change", () => this.#choose());
    this.element = element("fieldset", { class: "field time-range" },
      element("legend", {}, "Time range"), this.#preset, this.#custom, this.#error);
  }

  /** @param {TimeRange | null} range */
  write(range) {
    const preset = range === null ? "none" : range.original_expression.replace(/^last /, "");
    const isPreset = preset === "none" || preset in PRESETS;
    this.#preset.value = isPreset ? preset : "custom";
    if (range !== null && !isPreset) {
      this.#zone.value = range.timezone;
      this.#from.value = wallTimeAt(range.start_epoch_ms, range.timezone);
      this.#to.value = wallTimeAt(range.end_epoch_ms, range.timezone);
    }
    this.#choose();
  }

  /**
   * @param {number} now
   * @returns {TimeRange | null}
   */
  read(now) {
    const { value } = this.#preset;
    if (value === "none") {
      return null;
    }
    if (value === "custom") {
      const [from, to, zone] = [this.#from.value, this.#to.value, this.#zone.value];
      return {
        start_epoch_ms: epochOf(from, zone), end_epoch_ms: epochOf(to, zone), timezone: zone,
        original_expression: `${from} to ${to}`,
      };
    }
    const minutes = PRESETS[/** @type {keyof typeof PRESETS} */ (value)];
    return {
      start_epoch_ms: now - minutes * MINUTE, end_epoch_ms: now, timezone: localZone(),
      original_expression: `last ${value}`,
    };
  }

  /** Shows what is wrong, and returns whether the range can be sent. */
  check() {
    const range = this.read(Date.now());
    const isWrong = range !== null && !(range.start_epoch_ms < range.end_epoch_ms);
    setText(this.#error, isWrong ? "Enter a beginning and a later end." : "");
    return !isWrong;
  }

  focus() {
    this.#preset.focus();
  }

  #choose() {
    const isCustom = this.#preset.value === "custom";
    this.#custom.hidden = !isCustom;
    if (isCustom && this.#from.value === "") {
      const now = Date.now();
      this.#from.value = wallTimeAt(now - 60 * MINUTE, this.#zone.value);
      this.#to.value = wallTimeAt(now, this.#zone.value);
    }
    setText(this.#error, "");
  }
}
