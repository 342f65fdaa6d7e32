/** What a value looks like: a table, a series over time, or neither. */

/**
 * @typedef {import("../types.js").Json} Json
 * @typedef {import("../types.js").JsonObject} JsonObject
 * @typedef {{name: string, points: [number, number | null][]}} Series times in epoch milliseconds
 * @typedef {{columns: string[], rows: JsonObject[]}} Table
 * @typedef {{label: string, value: number}} Bar
 */

const TIME_NAMES = ["time", "timestamp", "ts", "t", "at", "date", "datetime", "start", "start_time"];
const COLUMNS = 40;
/** Between 1980 and 2100, numbers are taken for times. */
const EARLIEST_S = 315_532_800;
const LATEST_S = 4_102_444_800;

/**
 * @param {Json} value
 * @returns {Series[] | null}
 */
export function findSeries(value) {
  return first(candidates(value), seriesIn);
}

/**
 * @param {Json} value
 * @returns {Bar[] | null} the values of a Prometheus vector
 */
export function findBars(value) {
  return first(candidates(value), barsIn);
}

/**
 * @param {Json} value
 * @returns {Table | null}
 */
export function findTable(value) {
  return first(candidates(value), tableIn);
}

/**
 * @param {unknown} value
 * @returns {value is JsonObject}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value itself, and what it wraps, as in `{"status": "success", "data": {"result": […]}}`.
 * @param {Json} value
 * @param {number} [depth]
 * @returns {Json[]}
 */
function candidates(value, depth = 2) {
  if (!isObject(value) || depth === 0) {
    return [value];
  }
  const nested = Object.values(value).filter((item) => typeof item === "object" && item !== null);
  return [value, ...(nested.length === 1 ? candidates(nested[0], depth - 1) : [])];
}

/**
 * @template Found
 * @param {Json[]} values
 * @param {(value: Json) => Found | null} find
 */
function first(values, find) {
  for (const value of values) {
    const found = find(value);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

/**
 * @param {Json} value
 * @returns {Series[] | null}
 */
function seriesIn(value) {
  return matrix(value) ?? seriesByName(value) ?? pairs(value, "value") ?? timedObjects(value);
}

/**
 * Prometheus' matrix: `[{"metric": {…}, "values": [[time, "value"], …]}, …]`.
 * @param {Json} value
 * @returns {Series[] | null}
 */
function matrix(value) {
  if (!isNonEmptyList(value)) {
    return null;
  }
  /** @type {Series[]} */
  const found = [];
  for (const item of value) {
    const points = isObject(item) ? pairs(item.values, "")?.[0].points : null;
    if (!points) {
      return null;
    }
    found.push({ name: metricName(/** @type {JsonObject} */ (item).metric), points });
  }
  return found;
}

/**
 * `{"cpu": [[time, value], …], "memory": […]}`.
 * @param {Json} value
 * @returns {Series[] | null}
 */
function seriesByName(value) {
  if (!isObject(value)) {
    return null;
  }
  const entries = Object.entries(value);
  const found = entries.flatMap(([name, list]) => pairs(list, name) ?? []);
  return entries.length > 0 && found.length === entries.length ? found : null;
}

/**
 * `[[time, value], …]`.
 * @param {Json} value
 * @param {string} name
 * @returns {Series[] | null}
 */
function pairs(value, name) {
  if (!isNonEmptyList(value)) {
    return null;
  }
  /** @type {Series["points"]} */
  const points = [];
  for (const pair of value) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      return null;
    }
    const [time, number] = [asTime(pair[0]), asNumber(pair[1])];
    if (time === null || number === undefined) {
      return null;
    }
    points.push([time, number]);
  }
  return [{ name, points }];
}

/**
 * `[{"time": …, "value": …}, …]`: every number beside the time is a series.
 * @param {Json} value
 * @returns {Series[] | null}
 */
function timedObjects(value) {
  if (!isNonEmptyList(value) || value.length < 2 || !value.every(isObject)) {
    return null;
  }
  const rows = /** @type {JsonObject[]} */ (value);
  const timeKey = TIME_NAMES.find((name) => rows.every((row) => asTime(row[name]) !== null));
  if (timeKey === undefined) {
    return null;
  }
  const names = Object.keys(rows[0]).filter(
    (key) => key !== timeKey && rows.every((row) => isNumberOrGap(row[key]))
      && rows.some((row) => typeof row[key] === "number"));
  return names.length === 0 ? null : names.map((name) => ({
    name,
    points: rows.map((row) => [
      /** @type {number} */ (asTime(row[timeKey])), /** @type {number | null} */ (row[name] ?? null),
    ]),
  }));
}

/**
 * Prometheus' vector: `[{"metric": {…}, "value": [time, "value"]}, …]`.
 * @param {Json} value
 * @returns {Bar[] | null}
 */
function barsIn(value) {
  if (!isNonEmptyList(value)) {
    return null;
  }
  const bars = value.map((item) => {
    const pair = isObject(item) && isObject(item.metric) ? item.value : null;
    const number = Array.isArray(pair) && pair.length === 2 ? asNumber(pair[1]) : null;
    return { label: metricName(isObject(item) ? item.metric : null), value: number ?? NaN };
  });
  return bars.every(({ value: number }) => Number.isFinite(number)) ? bars : null;
}

/**
 * A list of objects that have most of their keys in common.
 * @param {Json} value
 * @returns {Table | null}
 */
function tableIn(value) {
  if (!isNonEmptyList(value) || !value.every(isObject)) {
    return null;
  }
  const rows = /** @type {JsonObject[]} */ (value);
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const row of rows) {
    Object.keys(row).forEach((key) => counts.set(key, (counts.get(key) ?? 0) + 1));
  }
  const cells = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const isLike = cells >= (counts.size * rows.length) / 2;
  return counts.size > 0 && counts.size <= COLUMNS && isLike
    ? { columns: [...counts.keys()], rows } : null;
}

/**
 * @param {unknown} value
 * @returns {value is Json[]}
 */
function isNonEmptyList(value) {
  return Array.isArray(value) && value.length > 0;
}

/** @param {Json | undefined} value */
function isNumberOrGap(value) {
  return value === null || value === undefined || typeof value === "number";
}

/**
 * @param {Json | undefined} value seconds, milliseconds or a text of ISO 8601
 * @returns {number | null}
 */
function asTime(value) {
  if (typeof value === "number") {
    if (value >= EARLIEST_S && value <= LATEST_S) {
      return value * 1000;
    }
    return value >= EARLIEST_S * 1000 && value <= LATEST_S * 1000 ? value : null;
  }
  const isDate = typeof value === "string" && /^\d{4}-\d\d-\d\d([T ]|$)/.test(value);
  const time = isDate ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : time;
}

/**
 * @param {Json} value a number, or its text as Prometheus writes it
 * @returns {number | null | undefined} `null` for a gap, `undefined` for what is no number
 */
function asNumber(value) {
  if (value === null || typeof value === "number") {
    return value;
  }
  if (typeof value !== "string" || value.trim() === "") {
    return undefined;
  }
  const number = Number(value);
  const isSpecial = /^([+-]?Inf|NaN)$/i.test(value);
  return Number.isFinite(number) ? number : isSpecial ? null : undefined;
}

/**
 * @param {Json | undefined} metric labels
 * @returns {string} as PromQL writes it
 */
function metricName(metric) {
  if (!isObject(metric)) {
    return "";
  }
  const { __name__: name = "", ...labels } = metric;
  const texts = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return texts.length === 0 ? String(name) : `${name}{${texts.join(", ")}}`;
}
