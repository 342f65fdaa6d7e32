/** Which view is shown: the part of the address after `#`, such as `#/actions/restart`. */

/**
 * @typedef {import("./types.js").View} View
 */

export class Router {
  /** @type {Map<string, View>} */
  #views;
  /** @type {HTMLElement} */
  #main;
  /** @type {View | null} */
  #shown = null;
  /** @type {Set<(path: string[]) => void>} */
  #listeners = new Set();

  /**
   * @param {HTMLElement} main
   * @param {{[name: string]: View}} views the first is shown if the address names none
   */
  constructor(main, views) {
    this.#main = main;
    this.#views = new Map(Object.entries(views));
  }

  start() {
    window.addEventListener("hashchange", () => {
      this.#show();
      this.#main.focus({ preventScroll: true });
      this.#main.scrollTo(0, 0);
    });
    this.#show();
  }

  /** @param {(path: string[]) => void} listener */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  #show() {
    const path = currentPath();
    const [first] = this.#views.keys();
    const name = this.#views.has(path[0]) ? path[0] : first;
    const view = /** @type {View} */ (this.#views.get(name));
    if (view !== this.#shown) {
      this.#shown?.hide?.();
      this.#main.replaceChildren(view.element);
      this.#shown = view;
    }
    view.show?.(...path.slice(1));
    document.title = `${view.title} · MIRASTACK inspector`;
    this.#listeners.forEach((listener) => listener([name, ...path.slice(1)]));
  }
}

/** @returns {string[]} */
export function currentPath() {
  return location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
}

/**
 * @param {string[]} path
 * @returns {string} what a link to it has as its `href`
 */
export function addressOf(...path) {
  return `#/${path.map(encodeURIComponent).join("/")}`;
}

/** @param {string[]} path */
export function goTo(...path) {
  location.hash = addressOf(...path);
}
