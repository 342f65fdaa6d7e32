/** The list of keyboard shortcuts. */

import { button, element } from "../base/dom.js";

/** Keys that the parts of the page handle themselves. */
const OTHERS = [
  ["Tab, Shift+Tab", "Move between links, fields and buttons"],
  ["Arrow keys", "Move in trees, tables, tabs and plots"],
  ["Enter, Space", "Fold in a tree; show a row of a table"],
];

/** @returns {{element: HTMLDialogElement, show: (shortcuts: {keys: string, label: string}[]) => void}} */
export function helpDialog() {
  const body = element("tbody");
  const dialog = element("dialog", { class: "help", "aria-labelledby": "help-heading" },
    element("h2", { id: "help-heading" }, "Keyboard shortcuts"),
    element("table", { class: "plain" }, body),
    element("div", { class: "form-buttons" }, button("Close", () => dialog.close(), { class: "primary" })));
  return {
    element: dialog,
    show: (shortcuts) => {
      const rows = [...shortcuts.map(({ keys, label }) => [keysText(keys), label]), ...OTHERS];
      body.replaceChildren(...rows.map(([keys, label]) => element("tr", {},
        element("th", { scope: "row" }, element("kbd", {}, keys)), element("td", {}, label))));
      if (!dialog.open) {
        dialog.showModal();
      }
    },
  };
}

/** @param {string} keys */
function keysText(keys) {
  return keys.replace("Control", "Ctrl").replace(" ", " then ");
}
