/** The server's HTTP interface. */

import { formatJson, parseJson } from "./base/exact_json.js";

/** @typedef {import("./types.js").Call} Call */

/** A refusal of the server, or the lack of an answer, in one sentence. */
export class ApiError extends Error {}

export class Api {
  /** @returns {Promise<import("./types.js").State>} */
  state() {
    return this.#send("GET", "/api/state");
  }

  /**
   * Starts an execution; its outcome arrives in the stream.
   * @param {Call} call
   * @returns {Promise<import("./types.js").Execution>}
   */
  execute(call) {
    return this.#send("POST", "/api/executions", call);
  }

  /**
   * @param {string} id
   * @returns {Promise<import("./types.js").Execution>} with what was sent and received
   */
  execution(id) {
    return this.#send("GET", `/api/executions/${encodeURIComponent(id)}`);
  }

  /** @param {string} id */
  cancel(id) {
    return this.#send("DELETE", `/api/executions/${encodeURIComponent(id)}`);
  }

  /**
   * @param {{[key: string]: string}} values
   * @returns {Promise<{acknowledged: boolean, error: string | null, version: number}>}
   */
  pushConfig(values) {
    return this.#send("POST", "/api/config", { values });
  }

  /** @returns {Promise<import("./types.js").Health>} */
  checkHealth() {
    return this.#send("POST", "/api/health", {});
  }

  /**
   * @param {string} id
   * @param {boolean} approved
   * @param {string} comment
   */
  decide(id, approved, comment) {
    return this.#send("POST", `/api/approvals/${encodeURIComponent(id)}`, { approved, comment });
  }

  /** @param {string} [key] the entry to delete; without it, all of them */
  clearCache(key) {
    const path = key === undefined ? "/api/cache" : `/api/cache/${encodeURIComponent(key)}`;
    return this.#send("DELETE", path);
  }

  /**
   * @param {string} key
   * @param {string} value
   * @param {number} seconds
   */
  putCache(key, value, seconds) {
    const path = `/api/cache/${encodeURIComponent(key)}`;
    return this.#send("PUT", path, { value, ttl_s: seconds });
  }

  reload() {
    return this.#send("POST", "/api/reload", {});
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>} the server's JSON, whose type the callers declare
   */
  async #send(method, path, body) {
    /** @type {Response} */
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: { "Content-Type": "application/json" },
        body: body === undefined ? undefined : formatJson(body),
      });
    } catch {
      throw new ApiError("The server does not respond. Is mirastack-agent dev still running?");
    }
    const answer = await response.text().then(parseJson).catch(() => null);
    if (!response.ok) {
      throw new ApiError(answer?.error ?? `The server answered with status ${response.status}.`);
    }
    return answer;
  }
}
