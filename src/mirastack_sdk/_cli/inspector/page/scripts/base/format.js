/** Numbers, times and JSON as texts for people. */

import { formatJson, parseJson } from "./exact_json.js";

/**
 * @param {number} value
 * @param {number} digits
 */
function padded(value, digits) {
  return String(value).padStart(digits, "0");
}

/**
 * @param {number} epochMs
 * @returns {string} the local time of day, such as `14:03:09.250`
 */
export function timeOfDay(epochMs) {
  const time = new Date(epochMs);
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return `${parts.map((part) => padded(part, 2)).join(":")}.${padded(time.getMilliseconds(), 3)}`;
}

/**
 * @param {number} epochMs
 * @returns {string} the local date and time, such as `2026-03-01 14:03:09`
 */
export function dateAndTime(epochMs) {
  const time = new Date(epochMs);
  const date = [padded(time.getFullYear(), 4), padded(time.getMonth() + 1, 2), padded(time.getDate(), 2)];
  return `${date.join("-")} ${timeOfDay(epochMs).slice(0, 8)}`;
}

/**
 * @param {number | null} milliseconds
 * @returns {string} such as `3.4 ms`, `1.25 s` or `2 min 5 s`
 */
export function duration(milliseconds) {
  if (milliseconds === null) {
    return "";
  }
  if (milliseconds < 1000) {
    return `${shortNumber(milliseconds)} ms`;
  }
  if (milliseconds < 60_000) {
    return `${shortNumber(milliseconds / 1000)} s`;
  }
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}

/**
 * @param {number} value
 * @returns {string} three significant digits, with `k`, `M` and `G` for large numbers
 */
export function shortNumber(value) {
  if (!Number.isFinite(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  const [unit, suffix] = size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  const scaled = value / unit;
  if (scaled !== 0 && Math.abs(scaled) < 1e-3) {
    return scaled.toExponential(2);
  }
  const text = Math.abs(scaled) >= 1000 ? String(Math.round(scaled)) : String(Number(scaled.toPrecision(3)));
  return `${text}${suffix}`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/**
 * @param {unknown} value
 * @returns {string} JSON on one line
 */
export function compactJson(value) {
  return value === undefined ? "" : formatJson(value);
}

/**
 * @param {string} text
 * @param {number} length
 */
export function shortened(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/**
 * @param {string} text
 * @returns {string} the text with indentation if it is JSON
 */
export function indentedJson(text) {
  try {
    return formatJson(parseJson(text), 2);
  } catch {
    return text;
  }
}
