/** JSON as a tree that can be folded (ARIA's tree pattern); children are made when they are shown. */

import { button, element } from "../base/dom.js";
import { counted, shortened } from "../base/format.js";

/** @typedef {import("../types.js").Json} Json */

const CHILDREN_AT_ONCE = 100;
const OPEN_CHILDREN = 30;
const LONG_TEXT = 400;

/**
 * @param {Json} value
 * @param {string} label what the tree shows, for screen readers
 * @param {number} [openLevels] how many levels are unfolded
 * @returns {HTMLElement}
 */
export function jsonTree(value, label, openLevels = 2) {
  const tree = element("ul", { role: "tree", class: "json-tree", "aria-label": label });
  tree.append(treeItem(null, value, openLevels));
  tree.addEventListener("keydown", (event) => moveIn(tree, event));
  tree.addEventListener("focusin", (event) => markCurrent(tree, event.target));
  /** @type {HTMLElement} */ (tree.firstElementChild).tabIndex = 0;
  return tree;
}

/**
 * @param {string | number | null} name `null` for the root
 * @param {Json} value
 * @param {number} openLevels
 */
function treeItem(name, value, openLevels) {
  const item = element("li", { role: "treeitem", tabindex: -1 });
  const line = element("span", { class: "json-line" }, name !== null && keyLabel(name));
  item.append(line);
  const entries = entriesOf(value);
  if (entries === null) {
    line.append(scalar(value));
    return item;
  }
  line.append(element("span", { class: "json-summary" }, summary(value, entries.length)));
  if (entries.length === 0) {
    return item;
  }
  line.prepend(element("span", { class: "json-mark", "aria-hidden": "true" }));
  const group = element("ul", { role: "group" });
  const unfold = () => {
    if (!group.hasChildNodes()) {
      addChildren(group, entries, 0, openLevels - 1);
    }
  };
  item.append(group);
  item.addEventListener("unfold", (event) => event.target === item && unfold());
  line.addEventListener("click", () => setOpen(item, item.ariaExpanded !== "true"));
  setOpen(item, openLevels > 0 && entries.length <= OPEN_CHILDREN);
  return item;
}

/**
 * @param {HTMLElement} group
 * @param {[string | number, Json][]} entries
 * @param {number} start
 * @param {number} openLevels
 */
function addChildren(group, entries, start, openLevels) {
  const end = Math.min(start + CHILDREN_AT_ONCE, entries.length);
  for (const [name, value] of entries.slice(start, end)) {
    group.append(treeItem(name, value, openLevels));
  }
  if (end < entries.length) {
    const rest = Math.min(CHILDREN_AT_ONCE, entries.length - end);
    const more = element("li", { role: "none" }, button(
      `Show ${rest} more of ${entries.length.toLocaleString("en")}`, () => {
        addChildren(group, entries, end, openLevels);
        /** @type {HTMLElement} */ (more.nextElementSibling).focus();
        more.remove();
      }, { class: "small" }));
    group.append(more);
  }
}

/**
 * @param {HTMLElement} item
 * @param {boolean} isOpen
 */
function setOpen(item, isOpen) {
  if (isOpen) {
    item.dispatchEvent(new Event("unfold"));
  }
  item.ariaExpanded = String(isOpen);
}

/** @param {string | number} name */
function keyLabel(name) {
  return element("span", { class: typeof name === "number" ? "json-index" : "json-key" },
    String(name), element("span", { class: "json-colon" }, ": "));
}

/** @param {Json} value */
function scalar(value) {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  const kind = value === null ? "null" : typeof value;
  const node = element("span", { class: `json-${kind}` }, shortened(text, LONG_TEXT));
  if (text.length > LONG_TEXT) {
    const more = button(`Show all ${text.length.toLocaleString("en")} characters`, () => {
      node.textContent = text;
    }, { class: "small" });
    node.append(" ", more);
  }
  return node;
}

/**
 * @param {Json} value
 * @returns {[string | number, Json][] | null} `null` for what has no children
 */
function entriesOf(value) {
  if (Array.isArray(value)) {
    return value.map((item, index) => [index, item]);
  }
  return typeof value === "object" && value !== null ? Object.entries(value) : null;
}

/**
 * @param {Json} value
 * @param {number} count
 */
function summary(value, count) {
  return Array.isArray(value)
    ? count === 0 ? "[]" : `[ ${counted(count, "item")} ]`
    : count === 0 ? "{}" : `{ ${counted(count, "key")} }`;
}

/**
 * @param {HTMLElement} tree
 * @param {EventTarget | null} target
 */
function markCurrent(tree, target) {
  const item = target instanceof HTMLElement && target.closest('[role="treeitem"]');
  if (item) {
    tree.querySelectorAll('[role="treeitem"][tabindex="0"]').forEach((other) => {
      /** @type {HTMLElement} */ (other).tabIndex = -1;
    });
    /** @type {HTMLElement} */ (item).tabIndex = 0;
  }
}

/**
 * @param {HTMLElement} tree
 * @param {KeyboardEvent} event
 */
function moveIn(tree, event) {
  const item = event.target;
  if (!(item instanceof HTMLElement) || item.role !== "treeitem") {
    return;
  }
  const target = MOVES[event.key]?.(tree, item);
  if (target !== undefined) {
    event.preventDefault();
    target?.focus();
  }
}

/** @type {{[key: string]: (tree: HTMLElement, item: HTMLElement) => HTMLElement | null}} */
const MOVES = {
  ArrowDown: (tree, item) => neighbour(tree, item, 1),
  ArrowUp: (tree, item) => neighbour(tree, item, -1),
  Home: (tree) => visibleItems(tree)[0],
  End: (tree) => visibleItems(tree).at(-1) ?? null,
  Enter: (_tree, item) => toggle(item),
  " ": (_tree, item) => toggle(item),
  ArrowRight: (_tree, item) => {
    if (item.ariaExpanded === "false") {
      setOpen(item, true);
      return item;
    }
    return item.querySelector('[role="treeitem"]');
  },
  ArrowLeft: (_tree, item) => {
    if (item.ariaExpanded === "true") {
      setOpen(item, false);
      return item;
    }
    return item.parentElement?.closest('[role="treeitem"]') ?? null;
  },
};

/** @param {HTMLElement} item */
function toggle(item) {
  if (item.ariaExpanded !== null) {
    setOpen(item, item.ariaExpanded !== "true");
  }
  return item;
}

/**
 * @param {HTMLElement} tree
 * @returns {HTMLElement[]}
 */
function visibleItems(tree) {
  return [...tree.querySelectorAll('[role="treeitem"]')].filter(
    (item) => !item.parentElement?.closest('[aria-expanded="false"]'),
  ).map((item) => /** @type {HTMLElement} */ (item));
}

/**
 * @param {HTMLElement} tree
 * @param {HTMLElement} item
 * @param {number} step
 */
function neighbour(tree, item, step) {
  const items = visibleItems(tree);
  return items[items.indexOf(item) + step] ?? null;
}
