/** One clock for everything that counts down or up. */

const INTERVAL_MS = 500;

/** @type {WeakMap<Element, () => void>} */
const updates = new WeakMap();

setInterval(() => {
  if (!document.hidden) {
    document.querySelectorAll("[data-ticks]").forEach((element) => updates.get(element)?.());
  }
}, INTERVAL_MS);

/**
 * Updates an element now, and twice a second while it is on the page.
 * @param {Element} element
 * @param {() => void} update
 */
export function whileShown(element, update) {
  element.setAttribute("data-ticks", "");
  updates.set(element, update);
  update();
}
