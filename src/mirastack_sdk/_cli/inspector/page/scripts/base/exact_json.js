/** JSON without rounding: integers that JavaScript's numbers cannot hold become BigInts. */

const LONG_INTEGER = /\d{16}/;

/**
 * @param {string} text
 * @returns {any} as JSON.parse does, whose callers declare the type
 */
export function parseJson(text) {
  return LONG_INTEGER.test(text) ? JSON.parse(text, /** @type {any} */ (exact)) : JSON.parse(text);
}

/**
 * @param {unknown} value
 * @param {number} [indent]
 * @returns {string}
 */
export function formatJson(value, indent) {
  return JSON.stringify(value, (_key, item) => (typeof item === "bigint" ? raw(item) : item), indent)
    ?? String(value);
}

/**
 * @param {string} _key
 * @param {unknown} value
 * @param {{source?: string}} [context] what the browser read; older ones do not say it
 */
function exact(_key, value, context) {
  const isRounded = typeof value === "number" && !Number.isSafeInteger(value);
  const source = context?.source ?? "";
  return isRounded && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** @param {bigint} value */
function raw(value) {
  return /** @type {any} */ (JSON).rawJSON(String(value));
}
