/** Axes: from values to pixels, with round numbers and times as ticks. */

/**
 * @typedef {object} Scale
 * @property {(value: number) => number} toPixels
 * @property {(pixels: number) => number} toValue
 * @property {number[]} ticks
 * @property {(value: number) => string} label
 */

import { shortNumber } from "../base/format.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  1, 10, 100, SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE,
  15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY,
  90 * DAY, 365 * DAY,
];

/**
 * @param {[number, number]} values
 * @param {[number, number]} pixels
 * @param {number} count about how many ticks there is room for
 * @returns {Scale} from a round number to a round number
 */
export function numberScale([low, high], pixels, count) {
  const [bottom, top] = low === high ? [Math.min(low, 0), Math.max(high, low === 0 ? 1 : 0)] : [low, high];
  const step = roundStep((top - bottom) / count);
  const start = Math.floor(bottom / step) * step;
  const end = Math.ceil(top / step) * step;
  const ticks = Array.from({ length: Math.round((end - start) / step) + 1 }, (_, index) =>
    Number((start + index * step).toPrecision(12)));
  return { ...linear([start, end], pixels), ticks, label: shortNumber };
}

/**
 * @param {[number, number]} values epoch milliseconds
 * @param {[number, number]} pixels
 * @param {number} count
 * @returns {Scale} with ticks at round local times
 */
export function timeScale([first, last], pixels, count) {
  const [start, end] = first === last ? [first - SECOND, last + SECOND] : [first, last];
  const wanted = (end - start) / count;
  const step = TIME_STEPS.find((candidate) => candidate >= wanted) ?? 365 * DAY;
  const offset = new Date(start).getTimezoneOffset() * MINUTE;
  const ticks = [];
  for (let tick = Math.ceil((start - offset) / step) * step + offset; tick <= end; tick += step) {
    ticks.push(tick);
  }
  return { ...linear([start, end], pixels), ticks, label: (value) => timeLabel(value, step) };
}

/**
 * @param {[number, number]} values
 * @param {[number, number]} pixels
 */
function linear([low, high], [from, to]) {
  const factor = (to - from) / (high - low || 1);
  return {
    toPixels: (/** @type {number} */ value) => from + (value - low) * factor,
    toValue: (/** @type {number} */ pixel) => low + (pixel - from) / factor,
  };
}

/** @param {number} step */
function roundStep(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * 0.999) ?? 10;
  return factor * power;
}

/**
 * @param {number} epochMs
 * @param {number} step
 */
function timeLabel(epochMs, step) {
  const time = new Date(epochMs);
  /** @type {Intl.DateTimeFormatOptions} */
  const format = step >= DAY ? { month: "short", day: "numeric" }
    : step >= MINUTE ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }
      : { minute: "2-digit", second: "2-digit", fractionalSecondDigits: step < SECOND ? 3 : undefined };
  return new Intl.DateTimeFormat("en", format).format(time);
}
