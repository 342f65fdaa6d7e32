/** What differs between two JSON values, and where. */

import { formatJson } from "../base/exact_json.js";
import { isObject } from "./shapes.js";

/**
 * @typedef {import("../types.js").Json} Json
 * @typedef {object} Difference
 * @property {(string | number)[]} path
 * @property {"added" | "removed" | "changed"} kind
 * @property {Json} [before]
 * @property {Json} [after]
 */

/** Longer lists are compared by position: finding moved items takes time squared. */
const ALIGNED = 600;

/**
 * @param {Json} before
 * @param {Json} after
 * @param {(string | number)[]} [path]
 * @returns {Difference[]}
 */
export function differences(before, after, path = []) {
  if (Array.isArray(before) && Array.isArray(after)) {
    return listDifferences(before, after, path);
  }
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => memberDifferences(before[key], after[key], [...path, key]));
  }
  return isSame(before, after) ? [] : [{ path, kind: "changed", before, after }];
}

/**
 * @param {Json | undefined} before
 * @param {Json | undefined} after
 * @param {(string | number)[]} path
 * @returns {Difference[]}
 */
function memberDifferences(before, after, path) {
  if (before === undefined) {
    return after === undefined ? [] : [{ path, kind: "added", after }];
  }
  return after === undefined ? [{ path, kind: "removed", before }] : differences(before, after, path);
}

/**
 * Lists are aligned at their equal items; what lies between is compared item by item.
 * @param {Json[]} before
 * @param {Json[]} after
 * @param {(string | number)[]} path
 */
function listDifferences(before, after, path) {
  const isLong = before.length > ALIGNED || after.length > ALIGNED;
  const anchors = isLong ? [] : commonItems(before.map(keyOf), after.map(keyOf));
  /** @type {Difference[]} */
  const found = [];
  let [left, right] = [0, 0];
  for (const [leftEnd, rightEnd] of [...anchors, [before.length, after.length]]) {
    const count = Math.max(leftEnd - left, rightEnd - right);
    for (let index = 0; index < count; index += 1) {
      const one = left + index < leftEnd ? before[left + index] : undefined;
      const other = right + index < rightEnd ? after[right + index] : undefined;
      const position = other === undefined ? left + index : right + index;
      found.push(...memberDifferences(one, other, [...path, position]));
    }
    [left, right] = [leftEnd + 1, rightEnd + 1];
  }
  return found;
}

/**
 * The longest common subsequence, as pairs of positions.
 * @param {string[]} before
 * @param {string[]} after
 * @returns {[number, number][]}
 */
function commonItems(before, after) {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let left = before.length - 1; left >= 0; left -= 1) {
    for (let right = after.length - 1; right >= 0; right -= 1) {
      lengths[left][right] = before[left] === after[right]
        ? lengths[left + 1][right + 1] + 1
        : Math.max(lengths[left + 1][right], lengths[left][right + 1]);
    }
  }
  /** @type {[number, number][]} */
  const found = [];
  let [left, right] = [0, 0];
  while (left < before.length && right < after.length) {
    if (before[left] === after[right]) {
      found.push([left, right]);
      [left, right] = [left + 1, right + 1];
    } else if (lengths[left + 1][right] >= lengths[left][right + 1]) {
      left += 1;
    } else {
      right += 1;
    }
  }
  return found;
}

/**
 * @param {Json} one
 * @param {Json} other
 */
function isSame(one, other) {
  return keyOf(one) === keyOf(other);
}

/**
 * @param {Json} value
 * @returns {string} the same for equal values, whatever the order of their keys
 */
function keyOf(value) {
  return formatJson(sorted(value));
}

/**
 * @param {Json} value
 * @returns {Json}
 */
function sorted(value) {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return !isObject(value) ? value : Object.fromEntries(
    Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

/**
 * @param {(string | number)[]} path
 * @returns {string} such as `services[2].name`
 */
export function pathText(path) {
  const text = path.map((part) => typeof part === "number" ? `[${part}]`
    : /^[\p{L}_][\p{L}\p{N}_]*$/u.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`).join("");
  return text.replace(/^\./, "") || "the whole value";
}
