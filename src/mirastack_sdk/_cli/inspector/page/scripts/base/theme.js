/** The theme: as the system has it, or as the user chose. */

import { element } from "./dom.js";
import { preference, remember } from "./preferences.js";

const THEMES = { system: "System theme", light: "Light theme", dark: "Dark theme" };

/** @returns {HTMLSelectElement} the switch, which applies the remembered theme at once */
export function themeSwitch() {
  const chosen = preference("theme", "system");
  document.documentElement.dataset.theme = chosen;
  const options = Object.entries(THEMES).map(([value, label]) =>
    element("option", { value, selected: value === chosen }, label));
  const select = element("select", { "aria-label": "Theme", class: "theme-switch" }, options);
  select.addEventListener("change", () => {
    document.documentElement.dataset.theme = select.value;
    remember("theme", select.value);
  });
  return select;
}
