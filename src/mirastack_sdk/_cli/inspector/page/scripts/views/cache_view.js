/** What agents have stored in the engine's cache. */

import { button, element, setText } from "../base/dom.js";
import { parseJson } from "../base/exact_json.js";
import { counted, duration, shortened } from "../base/format.js";
import { KeyedList } from "../base/keyed_list.js";
import { whileShown } from "../base/ticker.js";
import { jsonTree } from "../values/json_tree.js";

/** @typedef {import("../types.js").CacheEntry} CacheEntry */

export class CacheView {
  title = "Cache";
  element;
  #desk;
  #filter = element("input", {
    type: "search", placeholder: "Filter keys", "aria-label": "Filter keys", class: "filter",
  });
  #count = element("span", { class: "muted" });
  #error = element("p", { class: "field-error", role: "alert" });
  #list;

  /** @param {import("../types.js").Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    const body = element("tbody");
    this.#list = new KeyedList(body, (/** @type {CacheEntry} */ { key }) => key, (entry) => this.#row(entry));
    const headings = ["Key", "Value", "Time left", ""].map((label) => element("th", { scope: "col" }, label));
    this.element = element("div", { class: "page" }, element("h1", {}, "Cache"),
      element("div", { class: "toolbar" }, this.#filter, this.#count, element("span", { class: "stretch" }),
        button("Delete all", () => this.#try(desk.api.clearCache()), { class: "bad" })),
      this.#error,
      element("div", { class: "scroll-x" }, element("table", { class: "plain cache" },
        element("thead", {}, element("tr", {}, headings)), body)),
      this.#putForm());
    this.#filter.addEventListener("input", () => this.#show());
    desk.store.on(["cache"], () => this.#show());
    this.#show();
  }

  #show() {
    const wanted = this.#filter.value.trim().toLowerCase();
    const found = this.#desk.store.state.cache.filter(({ key }) => key.toLowerCase().includes(wanted));
    this.#list.show(found);
    setText(this.#count, counted(found.length, "entry", "entries"));
  }

  /** @param {CacheEntry} entry */
  #row({ key }) {
    const value = element("td", { class: "cache-value" });
    const left = element("td", { class: "mono" });
    let shown = "";
    return {
      element: element("tr", {}, element("td", { class: "mono wrap" }, key), value, left,
        element("td", {}, button("Delete", () => this.#try(this.#desk.api.clearCache(key)), {
          class: "small", "aria-label": `Delete ${key}`,
        }))),
      update: (/** @type {CacheEntry} */ entry) => {
        if (entry.value !== shown || !value.hasChildNodes()) {
          shown = entry.value;
          value.replaceChildren(valueNode(entry));
        }
        whileShown(left, () => setText(left, timeLeft(entry)));
      },
    };
  }

  #putForm() {
    const [key, value] = [0, 1].map(() => element("input", { type: "text", required: true, autocomplete: "off" }));
    const seconds = element("input", { type: "number", min: "1", value: "300", required: true });
    const form = element("form", { class: "inline-form" },
      element("label", {}, "Key", key), element("label", {}, "Value", value),
      element("label", {}, "Seconds", seconds), element("button", { type: "submit" }, "Put"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#try(this.#desk.api.putCache(key.value, value.value, Number(seconds.value)));
    });
    return element("details", { class: "more" }, element("summary", {}, "Put an entry"), form);
  }

  /** @param {Promise<unknown>} request */
  async #try(request) {
    setText(this.#error, "");
    await request.catch((error) => setText(this.#error, error.message));
  }
}

/** @param {CacheEntry} entry */
function valueNode({ key, value }) {
  try {
    const parsed = parseJson(value);
    if (typeof parsed === "object" && parsed !== null) {
      return jsonTree(parsed, `Value of ${key}`, 0);
    }
  } catch {
    // A text that is no JSON is shown as it is.
  }
  return element("code", { class: "wrap" }, shortened(value, 1000));
}

/** @param {CacheEntry} entry */
function timeLeft({ expires_at: expiresAt }) {
  if (expiresAt === null) {
    return "does not expire";
  }
  const left = expiresAt - Date.now();
  return left <= 0 ? "expired" : duration(Math.floor(left / 1000) * 1000);
}
