/** One execution: how it ended, what it returned, and everything it did on the way. */

import { button, element, setText } from "../base/dom.js";
import { dateAndTime, duration, timeOfDay } from "../base/format.js";
import { Tabs } from "../base/tabs.js";
import { whileShown } from "../base/ticker.js";
import { addressOf, goTo } from "../router.js";
import { executionBadge } from "../shell/status.js";
import { valueView } from "../values/value_view.js";
import { callbackList, executionLogs, partialList, requestView } from "./execution_parts.js";
import { callOf, resultOf, whole } from "./results.js";
import { wireView } from "./wire_view.js";

/**
 * @typedef {import("../types.js").Desk} Desk
 * @typedef {import("../types.js").Execution} Execution
 */

export class ExecutionPanel {
  /** @type {HTMLElement} */
  element;
  #desk;
  #id = "";
  /** What is shown already, so that a stream of partial results does not fold the result again. */
  #shown = "";
  #head = element("header", { class: "execution-head" });
  #error = element("pre", { class: "error-box", role: "alert", hidden: true });
  #progress = element("div", { class: "progress", hidden: true });
  #panels = {
    result: element("div"), partials: element("div"), logs: element("div"),
    callbacks: element("div"), request: element("div"), wire: element("div"),
  };
  /** @type {Tabs} */
  #tabs;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    const { result, partials, logs, callbacks, request, wire } = this.#panels;
    this.#tabs = new Tabs("Parts of the execution", [
      { name: "result", label: "Result", panel: result },
      { name: "partials", label: "Partial results", panel: partials },
      { name: "logs", label: "Logs", panel: logs },
      { name: "callbacks", label: "Callbacks", panel: callbacks },
      { name: "request", label: "Request", panel: request },
      { name: "wire", label: "Wire", panel: wire },
    ], (name) => name === "wire" && this.#showWire());
    this.element = element("section", { class: "execution", "aria-label": "Execution" });
    desk.store.on(["executions", "partials", "logs"], () => this.#update());
  }

  /** @param {string} id */
  show(id) {
    if (id !== this.#id) {
      this.#id = id;
      this.#shown = "";
      this.#tabs.select("result");
    }
    this.#update();
  }

  #update() {
    const execution = this.#desk.store.execution(this.#id);
    if (!execution) {
      return;
    }
    const shown = `${execution.id} ${execution.status}`;
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.element.replaceChildren(this.#head, this.#progress, this.#error, this.#tabs.element);
      this.#showOutcome(execution);
    }
    this.#showCourse(execution);
  }

  /** @param {Execution} execution */
  #showOutcome(execution) {
    const { error, status } = execution;
    this.#showHead(execution);
    this.#error.hidden = !error;
    setText(this.#error, error ?? "");
    this.#showResult(execution);
    this.#panels.request.replaceChildren(requestView(execution));
    this.#panels.wire.replaceChildren();
    if (this.#tabs.selected === "wire") {
      this.#showWire();
    }
    if (status !== "running") {
      this.#desk.announcer.say(`${execution.action} ${status} after ${duration(execution.duration_ms)}.`);
    }
  }

  /** @param {Execution} execution */
  async #showResult(execution) {
    const { result } = this.#panels;
    const note = (/** @type {string} */ text) =>
      result.replaceChildren(element("p", { class: "empty" }, text));
    if (execution.status === "running") {
      note("Waiting for the result…");
      return;
    }
    if (execution.result_omitted) {
      note("Reading the result…");
    }
    try {
      const { value, isEmpty } = resultOf(await whole(execution, this.#desk.api));
      if (execution.id !== this.#id) {
        return;
      }
      if (isEmpty) {
        note("There is no result.");
      } else {
        result.replaceChildren(valueView(value));
      }
    } catch (error) {
      note(/** @type {Error} */ (error).message);
    }
  }

  /** @param {Execution} execution */
  #showHead(execution) {
    const { id, action, started_at: startedAt, duration_ms: took, status } = execution;
    const isRunning = status === "running";
    const time = element("span", { class: "execution-time" });
    this.#head.replaceChildren(
      executionBadge(execution), time,
      element("a", { class: "muted", href: addressOf("executions", id), title: "Link to this execution" },
        `${action} at ${timeOfDay(startedAt).slice(0, 8)}`),
      element("span", { class: "stretch" }),
      element("span", { class: "button-group" }, this.#buttons(execution)));
    if (isRunning) {
      whileShown(time, () => setText(time, duration(Math.max(0, Date.now() - startedAt))));
    } else {
      time.textContent = duration(took);
    }
  }

  /** @param {Execution} execution */
  #buttons(execution) {
    const { id, status } = execution;
    const previous = this.#previous(execution);
    const cancel = button("Cancel", () => this.#cancel(id), { class: "bad small" });
    const repeat = button("Repeat", () => this.#desk.repeat(callOf(execution)),
      { class: "small", title: "Fill the form with this call, and run it" });
    const compare = previous && button("Compare", () => goTo("compare", previous.id, id),
      { class: "small", title: `Compare with the execution of ${dateAndTime(previous.started_at)}` });
    return [status === "running" && cancel, repeat, compare];
  }

  /** @param {Execution} execution the one before it of the same action */
  #previous({ id, action }) {
    const { executions } = this.#desk.store.state;
    const index = executions.findIndex((other) => other.id === id);
    return executions.slice(index + 1).find((other) => other.action === action);
  }

  /** @param {Execution} execution */
  #showCourse(execution) {
    const logs = executionLogs(execution, this.#desk.store.state.logs);
    this.#tabs.setLabel("partials", labelled("Partial results", execution.partials.length));
    this.#tabs.setLabel("callbacks", labelled("Callbacks", execution.callbacks.length));
    this.#tabs.setLabel("logs", labelled("Logs", logs.count));
    this.#panels.partials.replaceChildren(partialList(execution.partials));
    this.#panels.logs.replaceChildren(logs.element);
    const { callbacks } = this.#panels;
    const ended = execution.callbacks.filter((callback) => callback.duration_ms !== null);
    const shown = [execution.id, execution.callbacks.length, ended.length].join(" ");
    if (callbacks.dataset.shown !== shown) {
      callbacks.dataset.shown = shown;
      callbacks.replaceChildren(callbackList(execution));
    }
    this.#showProgress(execution);
  }

  /** @param {Execution} execution */
  #showProgress({ status, partials, action }) {
    const last = partials.findLast(({ progress }) => progress !== null);
    this.#progress.hidden = status !== "running";
    const bar = element("progress", { max: 1, "aria-label": `Progress of ${action}` });
    if (last?.progress !== null && last?.progress !== undefined) {
      bar.value = last.progress;
    }
    const percent = last ? `${Math.round((last.progress ?? 0) * 100)} %` : "";
    this.#progress.replaceChildren(bar, element("span", {}, [percent, last?.message].filter(Boolean).join(" · ")));
  }

  async #showWire() {
    const id = this.#id;
    try {
      const execution = await this.#desk.api.execution(id);
      if (id === this.#id) {
        this.#panels.wire.replaceChildren(wireView(execution));
      }
    } catch (error) {
      setText(this.#panels.wire, /** @type {Error} */ (error).message);
    }
  }

  /** @param {string} id */
  #cancel(id) {
    this.#desk.api.cancel(id).catch((error) => {
      this.#error.hidden = false;
      setText(this.#error, error.message);
    });
  }
}

/**
 * @param {string} label
 * @param {number} count
 */
function labelled(label, count) {
  return count === 0 ? label : `${label} (${count})`;
}
