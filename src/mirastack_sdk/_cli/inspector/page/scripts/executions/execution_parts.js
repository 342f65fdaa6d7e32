/** The tabs of an execution that need no more than its data. */

import { element } from "../base/dom.js";
import { compactJson, counted, dateAndTime, duration, shortened, timeOfDay } from "../base/format.js";
import { jsonTree } from "../values/json_tree.js";
import { payloadOf } from "./results.js";

/**
 * @typedef {import("../types.js").Execution} Execution
 * @typedef {import("../types.js").Partial} Partial
 * @typedef {import("../types.js").Log} Log
 */

const SHOWN = 200;

/**
 * @param {Partial[]} partials
 * @returns {HTMLElement}
 */
export function partialList(partials) {
  if (partials.length === 0) {
    return element("p", { class: "empty" }, "No partial results were published.");
  }
  const first = Math.max(0, partials.length - SHOWN);
  const items = partials.slice(first).map((partial) => partialItem(partial));
  return element("div", {},
    first > 0 && element("p", { class: "muted" }, `The last ${SHOWN} of ${partials.length} are shown.`),
    element("ol", { class: "stack" }, items));
}

/** @param {Partial} partial */
function partialItem(partial) {
  const { at, progress, message } = partial;
  const payload = payloadOf(partial);
  return element("li", {},
    element("time", { class: "muted mono" }, timeOfDay(at)),
    progress !== null && element("progress", { max: 1, value: progress, "aria-label": "Progress" }),
    message !== null && element("span", {}, message),
    payload !== undefined && element("code", {}, shortened(compactJson(payload), 400)));
}

/**
 * @param {Execution} execution
 * @param {Log[]} logs all records
 * @returns {{element: HTMLElement, count: number}}
 */
export function executionLogs(execution, logs) {
  const records = logs.filter((log) => log.execution_id === execution.id);
  const count = execution.logs.length + records.length;
  if (count === 0) {
    return { count, element: element("p", { class: "empty" }, "Nothing was logged.") };
  }
  const messages = execution.logs.map((text) => element("li", {}, text));
  const lines = records.slice(-SHOWN).map(({ at, level, logger, text }) => element("li", { class: `level-${level.toLowerCase()}` },
    element("time", { class: "muted mono" }, timeOfDay(at)), element("b", { class: "level" }, level),
    element("span", { class: "muted" }, logger), element("span", { class: "wrap" }, text)));
  return {
    count,
    element: element("div", {},
      messages.length > 0 && element("h3", {}, "Logs in the response"),
      messages.length > 0 && element("ul", { class: "stack" }, messages),
      lines.length > 0 && element("h3", {}, "Log records"),
      lines.length > 0 && element("ol", { class: "stack mono" }, lines)),
  };
}

/**
 * @param {Execution} execution
 * @returns {HTMLElement}
 */
export function callbackList({ callbacks, callbacks_omitted: omitted = 0 }) {
  if (callbacks.length === 0) {
    return element("p", { class: "empty" }, "The action did not call the engine.");
  }
  return element("div", {}, element("ol", { class: "stack" }, callbacks.map(callbackItem)),
    omitted > 0 && element("p", { class: "muted" }, `${counted(omitted, "more callback")} are left out.`));
}

/** @param {import("../types.js").Callback} callback */
function callbackItem({ method, at_ms: at, duration_ms: took, request, response, error, shared: isShared }) {
  const times = `${took === null ? "running" : duration(took)}, after ${duration(Math.max(0, at))}`;
  return element("li", {}, element("details", {},
    element("summary", {}, element("code", {}, method), " ", element("span", { class: "muted" }, times), " ",
      isShared && element("span", { class: "badge", title: "Other executions ran at the same time." }, "perhaps of another execution"),
      error !== null && element("span", { class: "error-text" }, error)),
    element("h4", {}, "Request"), jsonTree(request, `Request of ${method}`, 1),
    response !== null && element("h4", {}, "Response"),
    response !== null && jsonTree(response, `Response of ${method}`, 1)));
}

/**
 * @param {Execution} execution
 * @returns {HTMLElement}
 */
export function requestView({ id, params, time_range: range, encoding, mode, started_at: startedAt }) {
  /** @type {[string, string][]} */
  const facts = [
    ["Execution", id], ["Started", dateAndTime(startedAt)], ["Encoding", encoding], ["Mode", mode],
  ];
  if (range !== null) {
    facts.push(["Time range", `${range.original_expression} (${range.timezone})`]);
  }
  return element("div", {},
    element("dl", { class: "facts" }, facts.flatMap(([name, value]) =>
      [element("dt", {}, name), element("dd", { class: "mono" }, value)])),
    element("h3", {}, "Parameters"), jsonTree(params, "Parameters"));
}
