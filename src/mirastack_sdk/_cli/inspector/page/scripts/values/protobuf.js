/** The fields of a protobuf message without its schema: where each begins, and what is in it. */

/**
 * @typedef {object} Field
 * @property {number} offset of its tag
 * @property {number} length in bytes, with its tag
 * @property {number} number
 * @property {string} kind
 * @property {string} value
 * @property {number} depth
 */

const KINDS = { 0: "varint", 1: "64 bits", 2: "bytes", 5: "32 bits" };
const DEPTH = 4;

/**
 * @param {Uint8Array} bytes
 * @returns {Field[] | null} `null` if it is no message
 */
export function readFields(bytes) {
  return fieldsIn(bytes, 0, bytes.length, 0);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 * @param {number} depth
 * @returns {Field[] | null}
 */
function fieldsIn(bytes, start, end, depth) {
  /** @type {Field[]} */
  const found = [];
  let at = start;
  while (at < end) {
    const tag = varint(bytes, at, end);
    const type = tag && Number(tag.value & 7n);
    const number = tag && Number(tag.value >> 3n);
    if (!tag || !number || number > 536_870_911 || !(Number(type) in KINDS)) {
      return null;
    }
    const body = bodyOf(bytes, tag.end, end, /** @type {0 | 1 | 2 | 5} */ (type));
    if (!body) {
      return null;
    }
    const kind = KINDS[/** @type {0 | 1 | 2 | 5} */ (type)];
    const field = { offset: at, length: body.end - at, number, depth, kind, value: body.text };
    found.push(field, ...nestedIn(bytes, body, field));
    at = body.end;
  }
  return found;
}

/**
 * @typedef {{end: number, text: string, start?: number}} Body `start` only if it has a length
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} end
 * @param {0 | 1 | 2 | 5} type
 * @returns {Body | null}
 */
function bodyOf(bytes, at, end, type) {
  if (type === 0) {
    const number = varint(bytes, at, end);
    return number && { end: number.end, text: number.value.toString() };
  }
  if (type === 2) {
    const length = varint(bytes, at, end);
    const close = length ? length.end + Number(length.value) : Infinity;
    return length && close <= end
      ? { start: length.end, end: close, text: textOf(bytes.subarray(length.end, close)) } : null;
  }
  const size = type === 1 ? 8 : 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (at + size > end) {
    return null;
  }
  const value = type === 1 ? view.getFloat64(at, true) : view.getFloat32(at, true);
  return { end: at + size, text: String(value) };
}

/**
 * @param {Uint8Array} bytes
 * @param {Body} body
 * @param {Field} field a message looks like bytes, which are taken for one if they are no text
 * @returns {Field[]}
 */
function nestedIn(bytes, { start, end }, field) {
  if (start === undefined || start === end || field.depth >= DEPTH) {
    return [];
  }
  const isText = !field.value.startsWith("0x") && !hasControls(field.value);
  const nested = isText ? null : fieldsIn(bytes, start, end, field.depth + 1);
  if (nested) {
    field.kind = "message";
    field.value = "";
  }
  return nested ?? [];
}

/** @param {string} text */
function hasControls(text) {
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text);
}

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return `0x${[...bytes.slice(0, 64)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} end
 */
function varint(bytes, at, end) {
  let value = 0n;
  for (let index = 0; index < 10 && at + index < end; index += 1) {
    value |= BigInt(bytes[at + index] & 0x7f) << BigInt(7 * index);
    if (bytes[at + index] < 0x80) {
      return { value, end: at + index + 1 };
    }
  }
  return null;
}
