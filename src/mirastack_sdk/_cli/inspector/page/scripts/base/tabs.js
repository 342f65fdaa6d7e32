/** Tabs as screen readers and keyboards expect them (ARIA's tabs pattern). */

import { element, uniqueId } from "./dom.js";

/**
 * @typedef {{name: string, label: string, panel: HTMLElement}} Tab
 */

export class Tabs {
  /** @type {HTMLElement} */
  element;
  /** @type {Map<string, {button: HTMLButtonElement, panel: HTMLElement}>} */
  #tabs = new Map();
  /** @type {string} */
  #selected = "";
  /** @type {(name: string) => void} */
  #onSelect;

  /**
   * @param {string} label
   * @param {Tab[]} tabs the first is selected
   * @param {(name: string) => void} [onSelect]
   */
  constructor(label, tabs, onSelect = () => {}) {
    this.#onSelect = onSelect;
    const list = element("div", { role: "tablist", "aria-label": label, class: "tablist" });
    list.addEventListener("keydown", (event) => this.#move(event));
    this.element = element("div", { class: "tabs" }, list);
    for (const tab of tabs) {
      list.append(this.#createTab(tab));
      this.element.append(tab.panel);
    }
    this.#mark(tabs[0].name);
  }

  get selected() {
    return this.#selected;
  }

  /** @param {string} name */
  select(name) {
    this.#mark(name);
    this.#onSelect(name);
  }

  /**
   * @param {string} name
   * @param {string} label
   */
  setLabel(name, label) {
    const tab = this.#tabs.get(name);
    if (tab && tab.button.textContent !== label) {
      tab.button.textContent = label;
    }
  }

  /**
   * @param {string} name
   * @param {boolean} isHidden
   */
  setHidden(name, isHidden) {
    const tab = this.#tabs.get(name);
    if (tab) {
      tab.button.hidden = isHidden;
    }
  }

  /** @param {Tab} tab */
  #createTab({ name, label, panel }) {
    const id = uniqueId("tab");
    panel.id ||= uniqueId("panel");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    const button = element("button", {
      type: "button", role: "tab", id, "aria-controls": panel.id, class: "tab",
      on: { click: () => this.select(name) },
    }, label);
    this.#tabs.set(name, { button, panel });
    return button;
  }

  /** @param {string} name */
  #mark(name) {
    this.#selected = name;
    for (const [other, { button, panel }] of this.#tabs) {
      const isSelected = other === name;
      button.setAttribute("aria-selected", String(isSelected));
      button.tabIndex = isSelected ? 0 : -1;
      panel.hidden = !isSelected;
    }
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const names = [...this.#tabs].filter(([, { button }]) => !button.hidden).map(([name]) => name);
    const index = names.indexOf(this.#selected);
    const targets = {
      ArrowRight: (index + 1) % names.length,
      ArrowLeft: (index + names.length - 1) % names.length,
      Home: 0,
      End: names.length - 1,
    };
    if (event.key in targets) {
      event.preventDefault();
      const name = names[targets[/** @type {keyof typeof targets} */ (event.key)]];
      this.select(name);
      this.#tabs.get(name)?.button.focus();
    }
  }
}
