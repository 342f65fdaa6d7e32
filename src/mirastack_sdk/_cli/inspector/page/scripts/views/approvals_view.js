/** The approvals that wait, and those that were decided. */

import { element } from "../base/dom.js";
import { timeOfDay } from "../base/format.js";
import { KeyedList } from "../base/keyed_list.js";
import { addressOf } from "../router.js";
import { approvalCard } from "../shell/approval_card.js";
import { permissionBadge, statusBadge } from "../shell/status.js";

/** @typedef {import("../types.js").Approval} Approval */

export class ApprovalsView {
  title = "Approvals";
  element;
  #store;
  #empty = element("p", { class: "empty" }, "No approval waits for you.");
  #past = element("section");
  #decided = element("tbody");
  #pending;

  /** @param {import("../types.js").Desk} desk */
  constructor(desk) {
    this.#store = desk.store;
    const cards = element("div", { class: "approval-cards" });
    this.#pending = new KeyedList(cards, (/** @type {Approval} */ { id }) => id,
      (approval) => approvalCard(approval, desk));
    const headings = ["Time", "Request", "Permission", "Decision", "Comment", "Reviewer"].map((label) =>
      element("th", { scope: "col" }, label));
    this.element = element("div", { class: "page approvals-view" }, element("h1", {}, "Approvals"),
      this.#empty, cards, this.#past);
    this.#past.append(element("h2", {}, "Decided"),
      element("div", { class: "scroll-x" }, element("table", { class: "plain" },
        element("thead", {}, element("tr", {}, headings)), this.#decided)));
    desk.store.on(["approvals"], () => this.#show());
    this.#show();
  }

  #show() {
    const { approvals } = this.#store.state;
    const pending = this.#store.pendingApprovals;
    this.#empty.hidden = pending.length > 0;
    this.#pending.show(pending);
    const decided = approvals.filter(({ decision }) => decision !== null).reverse();
    this.#past.hidden = decided.length === 0;
    this.#decided.replaceChildren(...decided.map((approval) => element("tr", {},
      element("td", { class: "mono" }, timeOfDay(approval.asked_at)),
      element("td", {}, element("a", { href: addressOf("executions", approval.execution_id) }, approval.description)),
      element("td", {}, permissionBadge(approval.permission)),
      element("td", {}, statusBadge(approval.decision ?? "pending")),
      element("td", {}, approval.comment), element("td", {}, approval.reviewer ?? ""))));
  }
}
