/** Two executions side by side, and what differs. */

import { element } from "../base/dom.js";
import { dateAndTime, duration } from "../base/format.js";
import { addressOf } from "../router.js";
import { executionBadge } from "../shell/status.js";
import { diffView } from "../values/diff_view.js";
import { resultOf, whole } from "../executions/results.js";

/** @typedef {import("../types.js").Execution} Execution */

export class CompareView {
  title = "Compare";
  #body = element("div", { class: "compare" });
  element = element("div", { class: "page" }, element("h1", {}, "Compare"), this.#body);
  #store;
  #api;
  /** @type {[string, string]} */
  #ids = ["", ""];
  /** What is shown, or being read, so that other executions change nothing. */
  #shown = "";

  /** @param {import("../types.js").Desk} desk */
  constructor({ store, api }) {
    this.#store = store;
    this.#api = api;
    store.on(["executions"], () => this.element.isConnected && this.#show());
  }

  /**
   * @param {string} [first]
   * @param {string} [second]
   */
  show(first = "", second = "") {
    this.#ids = [first, second];
    this.#show();
  }

  async #show() {
    const [before, after] = this.#ids.map((id) => this.#store.execution(id));
    const wanted = [...this.#ids, before?.status, after?.status].join(" ");
    if (wanted === this.#shown) {
      return;
    }
    this.#shown = wanted;
    if (!before || !after) {
      this.#note("One of the two executions is not in the history, which keeps the last ones only.");
      return;
    }
    try {
      const both = await Promise.all([whole(before, this.#api), whole(after, this.#api)]);
      if (wanted === this.#shown) {
        this.#body.replaceChildren(...comparison(...both));
      }
    } catch (error) {
      this.#note(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} text */
  #note(text) {
    this.#body.replaceChildren(element("p", { class: "empty" }, text));
  }
}

/**
 * @param {Execution} before
 * @param {Execution} after
 */
function comparison(before, after) {
  return [
    element("div", { class: "compare-heads" }, head("Before", before), head("After", after)),
    diffView("Parameters", request(before), request(after)),
    diffView("Result", resultOf(before).value, resultOf(after).value),
    diffView("Error", before.error, after.error),
    diffView("Logs", before.logs, after.logs),
    diffView("Callbacks", calls(before), calls(after)),
  ];
}

/**
 * @param {string} label
 * @param {Execution} execution
 */
function head(label, execution) {
  const { id, action, started_at: startedAt, duration_ms: took } = execution;
  return element("section", { class: "card" }, element("h2", {}, label), executionBadge(execution), " ",
    element("a", { href: addressOf("executions", id) }, action),
    element("p", { class: "muted" }, `${dateAndTime(startedAt)}, ${duration(took)}`));
}

/** @param {Execution} execution */
function request({ params, time_range: range }) {
  return range === null ? params : { ...params, time_range: range.original_expression };
}

/** @param {Execution} execution when callbacks were made differs every time, and says nothing */
function calls({ callbacks }) {
  return callbacks.map(({ method, request: sent, response, error }) =>
    ({ method, request: sent, response, error }));
}
