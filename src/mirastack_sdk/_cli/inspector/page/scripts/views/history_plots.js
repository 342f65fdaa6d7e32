/** How long executions took, and what share of them failed. */

import { element, setText } from "../base/dom.js";
import { duration } from "../base/format.js";
import { Plot } from "../values/plot.js";

/** @typedef {import("../types.js").Execution} Execution */

const WINDOW = 10;
const COLORS = { succeeded: "var(--good)", "not succeeded": "var(--bad)" };

export class HistoryPlots {
  #latency = new Plot("Latency", {
    height: 190, isDots: true, format: duration, lowest: 0,
    colorOf: ({ name }) => COLORS[/** @type {keyof typeof COLORS} */ (name)],
  });
  #errors = new Plot("Errors", {
    height: 190, format: (value) => `${Math.round(value)} %`, lowest: 0, colorOf: () => "var(--bad)",
  });
  #latencyText = element("span", { class: "muted" });
  #errorText = element("span", { class: "muted" });

  element = element("div", { class: "history-plots" },
    element("section", {}, element("h2", {}, "Latency ", this.#latencyText), this.#latency.element),
    element("section", {}, element("h2", {}, "Errors ", this.#errorText), this.#errors.element));

  /** @param {Execution[]} executions newest first */
  show(executions) {
    const ended = executions.filter(({ status }) => status !== "running").reverse();
    const isGood = (/** @type {Execution} */ { status }) => status === "succeeded";
    const failed = ended.filter((execution) => !isGood(execution));
    this.#latency.show([
      { name: "succeeded", points: points(ended.filter(isGood)) },
      { name: "not succeeded", points: points(failed) },
    ].filter((series) => series.points.length > 0));
    this.#errors.show([{ name: `of the last ${WINDOW}`, points: shares(ended, isGood) }]);
    const sorted = ended.map(({ duration_ms: took }) => took ?? 0).sort((one, other) => one - other);
    setText(this.#latencyText, sorted.length === 0 ? ""
      : `half below ${duration(quantile(sorted, 0.5))}, 95 % below ${duration(quantile(sorted, 0.95))}`);
    setText(this.#errorText, ended.length === 0 ? "" : `${failed.length} of ${ended.length} failed`);
  }
}

/**
 * @param {Execution[]} executions
 * @returns {[number, number | null][]}
 */
function points(executions) {
  return executions.map(({ started_at: at, duration_ms: took }) => [at, took]);
}

/**
 * @param {Execution[]} executions oldest first
 * @param {(execution: Execution) => boolean} isGood
 * @returns {[number, number | null][]} how many per cent of the last ones failed
 */
function shares(executions, isGood) {
  return executions.map(({ started_at: at }, index) => {
    const last = executions.slice(Math.max(0, index - WINDOW + 1), index + 1);
    return [at, (100 * last.filter((execution) => !isGood(execution)).length) / last.length];
  });
}

/**
 * @param {number[]} sorted
 * @param {number} share
 */
function quantile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
