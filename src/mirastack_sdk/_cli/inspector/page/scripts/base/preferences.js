/** What the page remembers in this browser. */

const PREFIX = "mirastack-inspector:";

/**
 * @param {string} name
 * @param {string} fallback
 */
export function preference(name, fallback) {
  try {
    return localStorage.getItem(PREFIX + name) ?? fallback;
  } catch {
    return fallback;
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // A browser that stores nothing shows the page all the same.
  }
}
