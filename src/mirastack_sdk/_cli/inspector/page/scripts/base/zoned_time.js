/** Wall clock times in any time zone. */

/** @returns {string} the zone of this browser */
export function localZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** @returns {string[]} */
export function allZones() {
  return [...new Set(["UTC", localZone(), ...Intl.supportedValuesOf("timeZone")])];
}

/**
 * @param {string} wallTime such as `2026-03-29T02:30`, as `datetime-local` inputs have it
 * @param {string} zone
 * @returns {number} epoch milliseconds; a time that clocks skip is moved on by what they skip
 */
export function epochOf(wallTime, zone) {
  const asUtc = Date.parse(`${wallTime}Z`);
  if (Number.isNaN(asUtc)) {
    return NaN;
  }
  const guess = asUtc - offsetAt(asUtc, zone);
  return asUtc - offsetAt(guess, zone);
}

/**
 * @param {number} epochMs
 * @param {string} zone
 * @returns {string} such as `2026-03-29T02:30`
 */
export function wallTimeAt(epochMs, zone) {
  return new Date(epochMs + offsetAt(epochMs, zone)).toISOString().slice(0, 16);
}

/**
 * @param {number} epochMs
 * @param {string} zone
 * @returns {number} how many milliseconds the zone is ahead of UTC
 */
function offsetAt(epochMs, zone) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(epochMs);
  const [year, month, day, hour, minute, second] = [
    "year", "month", "day", "hour", "minute", "second",
  ].map((type) => Number(parts.find((part) => part.type === type)?.value));
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  return wall - Math.floor(epochMs / 1000) * 1000;
}
