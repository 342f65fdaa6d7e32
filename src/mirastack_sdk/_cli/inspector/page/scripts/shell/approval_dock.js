/** The approvals that wait, in the corner of every view. */

import { element } from "../base/dom.js";
import { KeyedList } from "../base/keyed_list.js";
import { approvalCard } from "./approval_card.js";

/**
 * @param {import("../types.js").Desk} desk
 * @returns {HTMLElement}
 */
export function approvalDock(desk) {
  const { store, announcer } = desk;
  const dock = element("aside", { class: "approval-dock", "aria-label": "Approvals that wait", tabindex: -1 });
  /** @type {Set<string>} */
  const postponed = new Set();
  const list = new KeyedList(dock, (/** @type {import("../types.js").Approval} */ { id }) => id,
    (approval) => {
      announcer.say(`The agent asks for approval: ${approval.description}`);
      return approvalCard(approval, desk, () => {
        postponed.add(approval.id);
        show();
      });
    });
  const show = () => list.show(store.pendingApprovals.filter(({ id }) => !postponed.has(id)));
  store.on(["approvals"], show);
  show();
  return dock;
}
