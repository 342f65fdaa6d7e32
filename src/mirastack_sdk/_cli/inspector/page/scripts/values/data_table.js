/** A table of any length, of which only the visible rows are elements. */

import { element, uniqueId } from "../base/dom.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} label
 * @property {number} width in pixels; the last column takes what is left
 * @property {(row: Row) => Node | string} cell
 * @property {(row: Row) => string | number | null} [sortBy] without it, the column cannot be sorted
 * @property {boolean} [isNumber]
 */

const ROW_HEIGHT = 28;
const SPARE_ROWS = 8;

/** @template Row */
export class DataTable {
  /** @type {HTMLElement} */
  element;
  /** @type {Row[]} */
  #rows = [];
  /** @type {Row[]} the rows in the order in which they are shown */
  #shown = [];
  /** @type {Column<Row>[]} */
  #columns;
  /** @type {(row: Row | null) => void} */
  #onSelect;
  /** @type {(row: Row) => string} */
  #classOf;
  /** @type {{column: Column<Row>, isDescending: boolean} | null} */
  #order = null;
  #current = -1;
  #id = uniqueId("table");
  #table = element("table", { role: "grid" });
  #body = element("tbody");
  #above = element("tr", { "aria-hidden": "true", class: "spacer" }, element("td"));
  #below = element("tr", { "aria-hidden": "true", class: "spacer" }, element("td"));
  #isFollowing = false;

  /**
   * @param {string} label
   * @param {Column<Row>[]} columns
   * @param {{onSelect?: (row: Row | null) => void, classOf?: (row: Row) => string}} [options]
   */
  constructor(label, columns, { onSelect = () => {}, classOf = () => "" } = {}) {
    this.#columns = columns;
    this.#onSelect = onSelect;
    this.#classOf = classOf;
    this.element = element("div", {
      class: "data-table", tabindex: 0, role: "group",
      "aria-label": `${label}: arrow keys move, Enter shows the row`,
      on: { scroll: () => this.#scrolled(), keydown: (/** @type {any} */ event) => this.#move(event) },
    }, this.#table);
    this.#table.setAttribute("aria-label", label);
    this.#table.append(this.#widths(), this.#header(), this.#body);
    new ResizeObserver(() => this.#render()).observe(this.element);
  }

  /** Keeps the last row in sight while rows are added, until the user scrolls up. */
  set isFollowing(value) {
    this.#isFollowing = value;
    this.#toEnd();
  }

  get isFollowing() {
    return this.#isFollowing;
  }

  /** @param {Row[]} rows */
  show(rows) {
    const selected = this.#shown[this.#current];
    this.#rows = rows;
    this.#sort();
    this.#current = selected === undefined ? -1 : this.#shown.indexOf(selected);
    this.#table.setAttribute("aria-rowcount", String(rows.length + 1));
    this.#render();
    this.#toEnd();
  }

  #widths() {
    const columns = this.#columns.map(({ width }, index) => element("col", {
      style: index === this.#columns.length - 1 ? {} : { width: `${width}px` },
    }));
    const total = this.#columns.reduce((sum, { width }) => sum + width, 0);
    this.#table.style.setProperty("min-width", `${total}px`);
    return element("colgroup", {}, columns);
  }

  #header() {
    const cells = this.#columns.map((column) => {
      const cell = element("th", { scope: "col", class: column.isNumber ? "number" : "" });
      if (!column.sortBy) {
        cell.append(column.label);
        return cell;
      }
      cell.append(element("button", {
        type: "button", class: "sort", on: { click: () => this.#orderBy(column, cell) },
      }, column.label));
      return cell;
    });
    return element("thead", {}, element("tr", { "aria-rowindex": 1 }, cells));
  }

  /**
   * @param {Column<Row>} column
   * @param {HTMLElement} cell
   */
  #orderBy(column, cell) {
    const isSame = this.#order?.column === column;
    const wasDescending = isSame && this.#order?.isDescending;
    this.#order = wasDescending ? null : { column, isDescending: isSame };
    this.#table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
    if (this.#order) {
      cell.setAttribute("aria-sort", isSame ? "descending" : "ascending");
    }
    this.show(this.#rows);
  }

  #sort() {
    const { column, isDescending } = this.#order ?? {};
    const sortBy = column?.sortBy;
    if (!sortBy) {
      this.#shown = this.#rows;
      return;
    }
    const keyed = this.#rows.map((row) => ({ row, key: sortBy(row) }));
    keyed.sort((one, other) => compare(one.key, other.key) * (isDescending ? -1 : 1));
    this.#shown = keyed.map(({ row }) => row);
  }

  #render() {
    const visible = Math.ceil(this.element.clientHeight / ROW_HEIGHT) + 2 * SPARE_ROWS;
    const top = Math.floor(this.element.scrollTop / ROW_HEIGHT) - SPARE_ROWS;
    const start = Math.max(0, Math.min(top, this.#shown.length - visible));
    const end = Math.min(this.#shown.length, start + visible);
    this.#above.style.setProperty("height", `${start * ROW_HEIGHT}px`);
    this.#below.style.setProperty("height", `${(this.#shown.length - end) * ROW_HEIGHT}px`);
    const rows = this.#shown.slice(start, end).map((row, index) => this.#row(row, start + index));
    this.#body.replaceChildren(this.#above, ...rows, this.#below);
    this.#markCurrent();
  }

  /**
   * @param {Row} row
   * @param {number} index
   */
  #row(row, index) {
    const cells = this.#columns.map((column) => {
      const content = column.cell(row);
      const title = typeof content === "string" ? content.slice(0, 1000) : null;
      return element("td", { class: column.isNumber ? "number" : "", title }, content);
    });
    return element("tr", {
      id: `${this.#id}-${index}`, "aria-rowindex": index + 2, class: this.#classOf(row),
      on: { click: () => this.#select(index) },
    }, cells);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (this.#isFollowing && scrollTop + clientHeight < scrollHeight - 2 * ROW_HEIGHT) {
      this.#isFollowing = false;
      this.element.dispatchEvent(new Event("unfollow"));
    }
    this.#render();
  }

  #toEnd() {
    if (this.#isFollowing) {
      this.element.scrollTop = this.element.scrollHeight;
    }
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 2);
    const last = this.#shown.length - 1;
    const targets = {
      ArrowDown: this.#current + 1, ArrowUp: this.#current - 1,
      PageDown: this.#current + page, PageUp: this.#current - page, Home: 0, End: last,
    };
    if (event.target !== this.element || last < 0) {
      return;
    }
    if (event.key in targets) {
      event.preventDefault();
      const target = targets[/** @type {keyof typeof targets} */ (event.key)];
      this.#current = Math.max(0, Math.min(last, target));
      this.#scrollToCurrent();
      this.#render();
    } else if (event.key === "Enter" && this.#current >= 0) {
      event.preventDefault();
      this.#select(this.#current);
    }
  }

  #scrollToCurrent() {
    const top = this.#current * ROW_HEIGHT;
    const room = this.element.clientHeight - 2 * ROW_HEIGHT;
    if (top < this.element.scrollTop) {
      this.element.scrollTop = top;
    } else if (top > this.element.scrollTop + room) {
      this.element.scrollTop = top - room;
    }
  }

  /** @param {number} index */
  #select(index) {
    this.#current = index;
    this.#markCurrent();
    this.#onSelect(this.#shown[index] ?? null);
  }

  #markCurrent() {
    this.#body.querySelector('[aria-selected="true"]')?.removeAttribute("aria-selected");
    const row = this.#body.querySelector(`#${this.#id}-${this.#current}`);
    row?.setAttribute("aria-selected", "true");
    if (row) {
      this.element.setAttribute("aria-activedescendant", row.id);
    } else {
      this.element.removeAttribute("aria-activedescendant");
    }
  }
}

/**
 * @param {string | number | null} one
 * @param {string | number | null} other
 */
function compare(one, other) {
  if (one === null || other === null) {
    return Number(one !== null) - Number(other !== null);
  }
  if (typeof one === "number" && typeof other === "number") {
    return one - other;
  }
  return String(one).localeCompare(String(other), "en", { numeric: true });
}
