/** One number for each label, as horizontal bars. */

import { element } from "../base/dom.js";
import { shortNumber } from "../base/format.js";

const ROWS = 200;

/**
 * @param {import("./shapes.js").Bar[]} bars
 * @returns {HTMLElement}
 */
export function barList(bars) {
  const largest = Math.max(...bars.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const rows = bars.slice(0, ROWS).map(({ label, value }, index) => element("li", { class: "bar-row" },
    element("span", { class: "bar-label" }, label || "value"),
    element("span", { class: "bar-track", "aria-hidden": "true" }, element("span", {
      class: "bar-fill",
      style: {
        width: `${(Math.abs(value) / largest) * 100}%`,
        background: `var(--series-${(index % 8) + 1})`,
      },
    })),
    element("b", { class: "bar-value" }, shortNumber(value))));
  const rest = bars.length > ROWS && element("p", { class: "muted" },
    `The first ${ROWS} of ${bars.length} values are shown.`);
  return element("div", {}, element("ul", { class: "bars", "aria-label": "Values" }, rows), rest);
}
