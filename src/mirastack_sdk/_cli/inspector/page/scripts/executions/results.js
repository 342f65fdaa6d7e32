/** What was asked of an action, and what it returned. */

import { parseJson } from "../base/exact_json.js";
import { isObject } from "../values/shapes.js";

/** @typedef {import("../types.js").Json} Json */

/**
 * @param {import("../types.js").Execution} execution
 * @returns {{value: Json, isEmpty: boolean}} the output `result`, or all outputs if there are others
 */
export function resultOf({ output, result }) {
  const names = Object.keys(output ?? {});
  if (output === null || names.length === 0) {
    return { value: result, isEmpty: result === null };
  }
  if (names.length === 1 && names[0] === "result") {
    return { value: result ?? read(output.result), isEmpty: false };
  }
  const value = Object.fromEntries(names.map((name) => [name, read(output[name])]));
  return { value, isEmpty: false };
}

/**
 * @param {import("../types.js").Execution} execution as lists have it, without a large result
 * @param {import("../api.js").Api} api
 */
export function whole(execution, api) {
  return execution.result_omitted ? api.execution(execution.id) : execution;
}

/** What a progress report consists of; the server hands out the progress and the message by name. */
const PROGRESS = new Set(["schema_version", "progress", "message"]);

/**
 * @param {import("../types.js").Partial} partial
 * @returns {Json | undefined} what it brings beside its progress
 */
export function payloadOf({ json, progress }) {
  const isReport = progress !== null && isObject(json)
    && Object.keys(json).every((key) => PROGRESS.has(key));
  return isReport ? undefined : json;
}

/**
 * @param {import("../types.js").Execution} execution
 * @returns {import("../types.js").Call} what repeats it
 */
export function callOf({ action, params, time_range, encoding, mode, timeout_s = 30 }) {
  return { action, params, time_range, encoding, mode, timeout_s };
}

/**
 * @param {string} text
 * @returns {Json} what the text is as JSON, or the text
 */
function read(text) {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
