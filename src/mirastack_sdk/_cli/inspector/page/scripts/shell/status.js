/** The words and colors for what the agent, its health and executions are doing. */

import { element } from "../base/dom.js";

/** @type {{[status: string]: [string, string]}} */
const STATUSES = {
  starting: ["Starting", "busy"], running: ["Running", "good"], failed: ["Failed", "bad"],
  stopped: ["Stopped", "idle"],
  succeeded: ["Succeeded", "good"], cancelled: ["Cancelled", "idle"],
  unreachable: ["Unreachable", "bad"], pending: ["Waiting", "busy"],
  granted: ["Granted", "good"], denied: ["Denied", "bad"], timed_out: ["Timed out", "idle"],
  withdrawn: ["Withdrawn", "idle"], healthy: ["Healthy", "good"], unhealthy: ["Unhealthy", "bad"],
};

/**
 * @param {string} status
 * @returns {HTMLElement}
 */
export function statusBadge(status) {
  const [label, tone] = STATUSES[status] ?? [status, "idle"];
  return element("span", { class: `badge tone-${tone}` }, label);
}

/**
 * @param {import("../types.js").Execution} execution
 * @returns {HTMLElement} an execution that runs is busy, while an agent that runs is good
 */
export function executionBadge({ status }) {
  return status === "running"
    ? element("span", { class: "badge tone-busy" }, "Running") : statusBadge(status);
}

/** @param {string} permission */
export function permissionBadge(permission) {
  const name = permission.toLowerCase();
  return element("span", { class: `badge permission-${name}`, title: "Permission" }, name);
}
