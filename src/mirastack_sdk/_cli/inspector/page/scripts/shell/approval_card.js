/** A question to the reviewer, as an agent asks it. */

import { button, element, setText } from "../base/dom.js";
import { whileShown } from "../base/ticker.js";
import { addressOf } from "../router.js";
import { jsonTree } from "../values/json_tree.js";
import { permissionBadge } from "./status.js";

/**
 * @typedef {import("../types.js").Approval} Approval
 * @typedef {import("../types.js").JsonObject} JsonObject
 */

/**
 * @param {Approval} approval
 * @param {import("../types.js").Desk} desk
 * @param {() => void} [onLater] hides the card
 * @returns {{element: HTMLElement, update: () => void}}
 */
export function approvalCard(approval, { api, store, announcer }, onLater) {
  const comment = element("input", {
    type: "text", placeholder: "Comment (optional)", "aria-label": "Comment", autocomplete: "off",
  });
  const error = element("p", { class: "field-error", role: "alert" });
  const decide = async (/** @type {boolean} */ isApproved) => {
    try {
      store.apply("approval", await api.decide(approval.id, isApproved, comment.value));
      announcer.say(isApproved ? "Granted." : "Denied.");
    } catch (failure) {
      setText(error, /** @type {Error} */ (failure).message);
    }
  };
  const card = element("article", { class: "approval-card", "aria-label": `Approval: ${approval.description}` },
    element("header", {}, permissionBadge(approval.permission), element("strong", {}, approval.description)),
    approval.blast_radius && blastRadius(approval.blast_radius),
    Object.keys(approval.context).length > 0 && element("div", {}, element("h4", {}, "Context"),
      jsonTree(approval.context, "Context", 1)),
    element("p", { class: "muted" }, "Asked by ",
      element("a", { href: addressOf("executions", approval.execution_id) },
        store.execution(approval.execution_id)?.action ?? approval.execution_id)),
    countdown(approval, store.execution(approval.execution_id)), comment,
    element("div", { class: "form-buttons" },
      button("Grant", () => decide(true), { class: "primary good" }),
      button("Deny", () => decide(false), { class: "bad" }), element("span", { class: "stretch" }),
      onLater && button("Later", onLater, { title: "Leave it to the view Approvals" })), error);
  return { element: card, update: () => {} };
}

/**
 * Nobody can decide any more once the execution has ended, which can be before the request times out.
 * @param {Approval} approval
 * @param {import("../types.js").Execution | undefined} execution
 */
function countdown({ asked_at: askedAt, timeout_s: timeout }, execution) {
  const untilEnd = execution?.status === "running" ? (execution.started_at - askedAt) / 1000 + execution.timeout_s : timeout;
  const seconds = Math.min(timeout, untilEnd);
  const text = element("span");
  const bar = element("progress", { max: seconds, "aria-label": "Time left" });
  const shown = element("div", { class: "countdown" }, bar, text);
  const show = () => {
    const left = Math.max(0, askedAt / 1000 + seconds - Date.now() / 1000);
    bar.value = left;
    const [minutes, rest] = [Math.floor(left / 60), Math.floor(left % 60)];
    setText(text, `${minutes}:${String(rest).padStart(2, "0")} left`);
  };
  whileShown(shown, show);
  return shown;
}

/** @param {JsonObject} radius */
function blastRadius(radius) {
  const { summary, reversible, resources, regions, estimated_count: count, ...rest } = radius;
  const rows = Object.entries({
    ...rest,
    resources: Array.isArray(resources) ? resources.join(", ") : resources,
    regions: Array.isArray(regions) ? regions.join(", ") : regions,
    "estimated count": count,
  }).filter(([, value]) => value !== "" && value !== 0 && value !== null && value !== undefined);
  return element("div", { class: "blast-radius" },
    element("h4", {}, "Blast radius ", typeof reversible === "boolean" && element("span", {
      class: `badge tone-${reversible ? "good" : "bad"}`,
    }, reversible ? "reversible" : "irreversible")),
    typeof summary === "string" && summary !== "" && element("p", {}, summary),
    element("dl", { class: "facts" }, rows.flatMap(([name, value]) => [
      element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, String(value)),
    ])));
}
