/** Lists that keep the elements of items that stay, and with them the focus and what was typed. */

/**
 * @template Item
 * @typedef {object} KeyedElement
 * @property {HTMLElement} element
 * @property {(item: Item) => void} update
 */

/**
 * @template Item
 */
export class KeyedList {
  /** @type {HTMLElement} */
  #container;
  /** @type {(item: Item) => string} */
  #keyOf;
  /** @type {(item: Item) => KeyedElement<Item>} */
  #create;
  /** @type {Map<string, KeyedElement<Item>>} */
  #entries = new Map();

  /**
   * @param {HTMLElement} container
   * @param {(item: Item) => string} keyOf
   * @param {(item: Item) => KeyedElement<Item>} create
   */
  constructor(container, keyOf, create) {
    this.#container = container;
    this.#keyOf = keyOf;
    this.#create = create;
  }

  /** @param {Item[]} items */
  show(items) {
    /** @type {Map<string, KeyedElement<Item>>} */
    const kept = new Map();
    /** @type {Element | null} */
    let next = this.#container.firstElementChild;
    for (const item of items) {
      const key = this.#keyOf(item);
      const entry = this.#entries.get(key) ?? this.#create(item);
      entry.update(item);
      kept.set(key, entry);
      if (entry.element === next) {
        next = next.nextElementSibling;
      } else {
        this.#container.insertBefore(entry.element, next);
      }
    }
    for (const [key, entry] of this.#entries) {
      if (kept.get(key) !== entry) {
        entry.element.remove();
      }
    }
    this.#entries = kept;
  }
}
