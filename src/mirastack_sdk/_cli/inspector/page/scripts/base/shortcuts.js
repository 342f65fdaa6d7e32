/** Keyboard shortcuts: single keys while nothing is typed, and sequences such as `g h`. */

/**
 * @typedef {object} Shortcut
 * @property {string} keys such as `?`, `g h` or `Control+Enter`
 * @property {string} label
 * @property {() => void} act
 */

const SEQUENCE_MS = 1500;

export class Shortcuts {
  /** @type {Shortcut[]} */
  list;
  #begun = "";
  #begunAt = 0;

  /** @param {Shortcut[]} list */
  constructor(list) {
    this.list = list;
    document.addEventListener("keydown", (event) => this.#take(event));
  }

  /** @param {KeyboardEvent} event */
  #take(event) {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) {
      return;
    }
    const key = event.ctrlKey ? `Control+${event.key}` : event.key;
    if (!event.ctrlKey && isTyping(event.target) && key !== "Escape") {
      return;
    }
    const isSequence = this.#begun !== "" && event.timeStamp - this.#begunAt < SEQUENCE_MS;
    const keys = isSequence ? `${this.#begun} ${key}` : key;
    const shortcut = this.list.find((known) => known.keys === keys);
    this.#begun = this.list.some((known) => known.keys.startsWith(`${keys} `)) ? keys : "";
    this.#begunAt = event.timeStamp;
    if (shortcut) {
      event.preventDefault();
      shortcut.act();
    }
  }
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  const isBox = target instanceof HTMLInputElement && ["checkbox", "radio"].includes(target.type);
  return (!isBox && target.matches("input, textarea, select")) || target.isContentEditable;
}
