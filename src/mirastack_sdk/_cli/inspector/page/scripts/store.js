/** What the page knows: the server's state, kept current by its stream. */

import { formatJson } from "./base/exact_json.js";

/**
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Partial} Partial
 * @typedef {"open" | "lost"} Connection
 * @typedef {"agent" | "approvals" | "cache" | "config" | "connection" | "events" | "executions"
 *   | "health" | "logs" | "partials" | "reload" | "violations"} Topic
 */

const EXECUTIONS = 500;
const RECORDS = 5000;

/** @type {Topic[]} */
const ALL = [
  "agent", "approvals", "cache", "config", "events", "executions", "health", "logs", "partials",
  "reload", "violations",
];

export class Store {
  /** @type {State} */
  state;
  /** @type {Partial[]} oldest first */
  partials = [];
  /** @type {Connection} */
  connection = "open";
  /** @type {import("./types.js").Agent | null} the last one that ran, also after a broken edit */
  lastAgent = null;
  /** How many log records have been dropped, so that followers can tell new from old. */
  droppedLogs = 0;

  /** @type {Map<Topic, Set<() => void>>} */
  #listeners = new Map();
  /** @type {Set<Topic>} */
  #changed = new Set();

  /** @param {State} state */
  constructor(state) {
    this.state = state;
    this.replace(state);
  }

  /**
   * Calls a listener once per frame in which one of the topics has changed.
   * @param {Topic[]} topics
   * @param {() => void} listener
   */
  on(topics, listener) {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic) ?? new Set();
      this.#listeners.set(topic, listeners.add(listener));
    }
  }

  /** @param {string} id */
  execution(id) {
    return this.state.executions.find((execution) => execution.id === id);
  }

  /** Whether actions can be called at the moment. */
  get isRunning() {
    return this.connection === "open" && this.state.reload.status === "running";
  }

  get pendingApprovals() {
    return this.state.approvals.filter((approval) => approval.decision === null);
  }

  /** @param {State} state */
  replace(state) {
    this.state = state;
    this.lastAgent = state.agent ?? this.lastAgent;
    this.partials = state.executions.flatMap((execution) => execution.partials);
    this.partials.sort((one, other) => one.at - other.at);
    this.#notify(...ALL);
  }

  /** @param {Connection} connection */
  setConnection(connection) {
    if (connection !== this.connection) {
      this.connection = connection;
      this.#notify("connection");
    }
  }

  /**
   * Takes one message of the stream.
   * @param {string} kind
   * @param {any} data
   */
  apply(kind, data) {
    const change = this.#changes[kind];
    if (change) {
      this.#notify(...change(data));
    }
  }

  /** @type {{[kind: string]: (data: any) => Topic[]}} */
  #changes = {
    state: (data) => {
      this.replace(data);
      return [];
    },
    log: (data) => {
      this.droppedLogs += appendTo(this.state.logs, data);
      return ["logs"];
    },
    event: (data) => {
      appendTo(this.state.events, data);
      return ["events"];
    },
    partial: (data) => {
      const own = this.execution(data.execution_id)?.partials;
      appendTo(this.partials, data);
      // The execution may have come with it already.
      if (own && formatJson(own.at(-1)) !== formatJson(data)) {
        own.push(data);
      }
      return ["partials"];
    },
    execution: (data) => {
      this.#putExecution(data);
      return ["executions"];
    },
    approval: (data) => {
      const { approvals } = this.state;
      const index = approvals.findIndex((approval) => approval.id === data.id);
      approvals.splice(index < 0 ? approvals.length : index, 1, data);
      return ["approvals"];
    },
    violation: (data) => {
      this.state.violations.push(data);
      return ["violations"];
    },
    cache: (data) => this.#set("cache", data),
    config: (data) => this.#set("config", data),
    health: (data) => this.#set("health", data),
    reload: (data) => this.#set("reload", data),
  };

  /**
   * @param {"cache" | "config" | "health" | "reload"} key
   * @param {any} data
   * @returns {Topic[]}
   */
  #set(key, data) {
    this.state[key] = data;
    return [key];
  }

  /** @param {import("./types.js").Execution} execution */
  #putExecution(execution) {
    const { executions } = this.state;
    const index = executions.findIndex(({ id }) => id === execution.id);
    if (index >= 0) {
      executions[index] = execution;
      return;
    }
    executions.unshift(execution);
    executions.length = Math.min(executions.length, EXECUTIONS);
  }

  /** @param {Topic[]} topics */
  #notify(...topics) {
    if (this.#changed.size === 0 && topics.length > 0) {
      requestAnimationFrame(() => this.#deliver());
    }
    topics.forEach((topic) => this.#changed.add(topic));
  }

  #deliver() {
    /** @type {Set<() => void>} */
    const due = new Set();
    for (const topic of this.#changed) {
      this.#listeners.get(topic)?.forEach((listener) => due.add(listener));
    }
    this.#changed.clear();
    due.forEach((listener) => listener());
  }
}

/**
 * @template Item
 * @param {Item[]} list
 * @param {Item} item
 * @returns {number} how many old items were dropped
 */
function appendTo(list, item) {
  list.push(item);
  return list.length > RECORDS ? list.splice(0, list.length - RECORDS).length : 0;
}
