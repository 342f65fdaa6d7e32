/** Series over time as lines, with axes, a legend and the values under the pointer. */

import { element, graphic, setText } from "../base/dom.js";
import { dateAndTime, shortNumber } from "../base/format.js";
import { numberScale, timeScale } from "./scales.js";

/**
 * @typedef {import("./shapes.js").Series} Series
 * @typedef {import("./scales.js").Scale} Scale
 * @typedef {object} PlotOptions
 * @property {number} [height] in pixels
 * @property {(value: number) => string} [format]
 * @property {boolean} [isDots] dots instead of lines
 * @property {(series: Series) => string} [colorOf] a CSS color
 * @property {number} [lowest] a value that is in sight even if all are above it
 */

const MARGIN = { top: 12, right: 16, bottom: 26, left: 58 };
const COLORS = 8;
const SERIES = 40;
const HOVERED = 10;

export class Plot {
  /** @type {HTMLElement} */
  element;
  /** @type {Series[]} */
  #all = [];
  /** @type {Set<string>} */
  #hiddenNames = new Set();
  /** @type {number[]} */
  #times = [];
  /** @type {{x: Scale, y: Scale} | null} */
  #scales = null;
  /** @type {number | null} */
  #cursor = null;
  #width = 0;
  #options;
  #chart = graphic("svg", { role: "img", class: "plot-chart" });
  #line = graphic("line", { class: "plot-cursor" });
  #tip = element("div", { class: "plot-tip", hidden: true });
  #legend = element("div", { class: "plot-legend", role: "group", "aria-label": "Series" });

  /**
   * @param {string} label
   * @param {PlotOptions} [options]
   */
  constructor(label, options = {}) {
    this.#options = { height: 260, format: shortNumber, isDots: false, ...options };
    this.#chart.setAttribute("height", String(this.#options.height));
    const stage = element("div", {
      class: "plot-stage", tabindex: 0, role: "group",
      "aria-label": `${label}: left and right arrow keys read the values`,
      on: {
        pointermove: (/** @type {PointerEvent} */ event) => this.#hover(event),
        pointerleave: () => this.#showCursor(null),
        blur: () => this.#showCursor(null),
        keydown: (/** @type {KeyboardEvent} */ event) => this.#step(event),
      },
      style: { height: `${this.#options.height}px` },
    }, this.#chart, this.#tip);
    this.#tip.setAttribute("aria-live", "polite");
    this.element = element("figure", { class: "plot" }, stage, this.#legend);
    new ResizeObserver(() => this.#resize()).observe(stage);
  }

  /** @param {Series[]} series */
  show(series) {
    this.#all = series.slice(0, SERIES);
    this.#times = [...new Set(this.#all.flatMap(({ points }) => points.map(([time]) => time)))];
    this.#times.sort((one, other) => one - other);
    this.#showLegend(series.length);
    this.#draw();
  }

  get #visible() {
    return this.#all.filter(({ name }) => !this.#hiddenNames.has(name));
  }

  /** @param {Series} series */
  #color(series) {
    const index = this.#all.indexOf(series) % COLORS;
    return this.#options.colorOf?.(series) ?? `var(--series-${index + 1})`;
  }

  #resize() {
    const width = this.#chart.parentElement?.clientWidth ?? 0;
    if (width !== this.#width && width > 0) {
      this.#width = width;
      this.#chart.setAttribute("width", String(width));
      this.#draw();
    }
  }

  #draw() {
    const points = this.#visible.flatMap((series) => series.points);
    const values = points.map(([, value]) => value).filter((value) => value !== null);
    if (this.#width === 0) {
      return;
    }
    if (values.length === 0 || this.#times.length === 0) {
      this.#scales = null;
      const middle = { x: this.#width / 2, y: this.#options.height / 2, class: "plot-empty" };
      this.#chart.replaceChildren(graphic("text", middle, "No values"));
      return;
    }
    const { right, left, top, bottom } = MARGIN;
    const [first, last] = [this.#times[0], /** @type {number} */ (this.#times.at(-1))];
    const lowest = Math.min(lowestOf(values), this.#options.lowest ?? Infinity);
    const x = timeScale([first, last], [left, this.#width - right], this.#width / 110);
    const y = numberScale([lowest, -lowestOf(values.map((value) => -value))],
      [this.#options.height - bottom, top], 5);
    this.#scales = { x, y };
    const marks = this.#visible.map((series) =>
      this.#options.isDots ? this.#dots(series, x, y) : this.#path(series, x, y));
    this.#chart.replaceChildren(...this.#axes(x, y), ...marks, this.#line);
    this.#showCursor(this.#cursor);
  }

  /**
   * @param {Scale} x
   * @param {Scale} y
   */
  #axes(x, y) {
    const bottom = this.#options.height - MARGIN.bottom;
    const rows = y.ticks.map((tick) => {
      const at = y.toPixels(tick);
      return graphic("g", { class: "plot-tick" },
        graphic("line", { x1: MARGIN.left, x2: this.#width - MARGIN.right, y1: at, y2: at }),
        graphic("text", { x: MARGIN.left - 8, y: at + 4, "text-anchor": "end" }, this.#options.format(tick)));
    });
    const columns = x.ticks.map((tick) => {
      const at = x.toPixels(tick);
      return graphic("g", { class: "plot-tick" },
        graphic("line", { x1: at, x2: at, y1: bottom, y2: bottom + 4 }),
        graphic("text", { x: at, y: bottom + 18, "text-anchor": "middle" }, x.label(tick)));
    });
    return [...rows, ...columns];
  }

  /**
   * @param {Series} series
   * @param {Scale} x
   * @param {Scale} y
   */
  #path(series, x, y) {
    let path = "";
    let isPen = false;
    for (const [time, value] of thinned(series.points, this.#width)) {
      if (value !== null) {
        path += `${isPen ? "L" : "M"}${x.toPixels(time).toFixed(1)} ${y.toPixels(value).toFixed(1)}`;
      }
      isPen = value !== null;
    }
    return graphic("path", { d: path, class: "plot-line", style: { stroke: this.#color(series) } });
  }

  /**
   * @param {Series} series
   * @param {Scale} x
   * @param {Scale} y
   */
  #dots(series, x, y) {
    const dots = series.points.map(([time, value]) => value !== null && graphic("circle", {
      cx: x.toPixels(time), cy: y.toPixels(value), r: 4,
    }));
    return graphic("g", { class: "plot-dots", style: { fill: this.#color(series) } }, dots);
  }

  /** @param {number} total */
  #showLegend(total) {
    const entries = this.#all.map((series) => {
      const isHidden = this.#hiddenNames.has(series.name);
      const toggle = element("button", {
        type: "button", class: "legend-entry", "aria-pressed": String(!isHidden),
        title: `Show or hide ${series.name}`,
      }, element("span", { class: "swatch", style: { background: this.#color(series) } }),
      series.name || "value");
      toggle.addEventListener("click", () => {
        toggle.setAttribute("aria-pressed", String(this.#toggle(series.name)));
        this.#draw();
      });
      return toggle;
    });
    const rest = total > SERIES && element("span", { class: "muted" },
      `The first ${SERIES} of ${total} series are shown.`);
    this.#legend.replaceChildren(...entries, ...(rest ? [rest] : []));
  }

  /**
   * @param {string} name
   * @returns {boolean} whether the series is shown now
   */
  #toggle(name) {
    if (!this.#hiddenNames.delete(name)) {
      this.#hiddenNames.add(name);
      return false;
    }
    return true;
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    if (this.#scales) {
      const { left } = this.#chart.getBoundingClientRect();
      this.#showCursor(nearest(this.#times, this.#scales.x.toValue(event.clientX - left)));
    }
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (event.key in steps && this.#times.length > 0) {
      event.preventDefault();
      const step = steps[/** @type {keyof typeof steps} */ (event.key)];
      const index = this.#cursor === null ? (step > 0 ? -1 : this.#times.length) : this.#times.indexOf(this.#cursor);
      const next = Math.max(0, Math.min(this.#times.length - 1, index + step));
      this.#showCursor(this.#times[next]);
    }
  }

  /** @param {number | null} time */
  #showCursor(time) {
    this.#cursor = time;
    const isShown = time !== null && this.#scales !== null;
    this.#tip.hidden = !isShown;
    this.#line.classList.toggle("is-shown", isShown);
    if (time === null || this.#scales === null) {
      return;
    }
    const at = this.#scales.x.toPixels(time);
    const bottom = this.#options.height - MARGIN.bottom;
    for (const [name, value] of Object.entries({ x1: at, x2: at, y1: MARGIN.top, y2: bottom })) {
      this.#line.setAttribute(name, String(value));
    }
    this.#showTip(time, at);
  }

  /**
   * @param {number} time
   * @param {number} at
   */
  #showTip(time, at) {
    const rows = this.#visible.slice(0, HOVERED).flatMap((series) => {
      const value = series.points.find(([when]) => when === time)?.[1];
      return value === undefined ? [] : [element("div", { class: "plot-tip-row" },
        element("span", { class: "swatch", style: { background: this.#color(series) } }),
        element("span", { class: "plot-tip-name" }, series.name || "value"),
        element("b", {}, value === null ? "no value" : this.#options.format(value)))];
    });
    const heading = element("div", { class: "muted" });
    setText(heading, dateAndTime(time));
    this.#tip.replaceChildren(heading, ...rows);
    const isLeft = at > this.#width / 2;
    this.#tip.style.setProperty("left", isLeft ? "auto" : `${at + 12}px`);
    this.#tip.style.setProperty("right", isLeft ? `${this.#width - at + 12}px` : "auto");
  }
}

/** @param {number[]} values too many to be arguments */
function lowestOf(values) {
  return values.reduce((lowest, value) => Math.min(lowest, value), Infinity);
}

/**
 * @param {number[]} sorted
 * @param {number} wanted
 */
function nearest(sorted, wanted) {
  let [low, high] = [0, sorted.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    [low, high] = sorted[middle] <= wanted ? [middle, high] : [low, middle];
  }
  return wanted - sorted[low] <= sorted[high] - wanted ? sorted[low] : sorted[high];
}

/**
 * Keeps the lowest and the highest point of each pixel, so that no spike is lost.
 * @param {Series["points"]} points in the order of time
 * @param {number} pixels
 * @returns {Series["points"]}
 */
function thinned(points, pixels) {
  const size = Math.ceil(points.length / pixels);
  if (size <= 2) {
    return points;
  }
  /** @type {Series["points"]} */
  const kept = [];
  for (let start = 0; start < points.length; start += size) {
    const bucket = points.slice(start, start + size);
    const numbers = bucket.filter(([, value]) => value !== null).map(([, value]) => value ?? 0);
    const ends = new Set([Math.min(...numbers), Math.max(...numbers)]);
    kept.push(...bucket.filter(([, value]) => value === null || ends.delete(value)));
  }
  return kept;
}
