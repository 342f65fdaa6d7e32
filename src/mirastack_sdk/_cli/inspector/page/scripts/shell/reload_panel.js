/** What a broken edit says, above everything else until it is mended. */

import { button, element, setText } from "../base/dom.js";
import { timeOfDay } from "../base/format.js";

/**
 * @param {import("../types.js").Desk} desk
 * @returns {HTMLElement}
 */
export function reloadPanel({ store, api, announcer }) {
  const title = element("strong");
  const time = element("span", { class: "muted" });
  const text = element("pre", { tabindex: 0, "aria-label": "The error" });
  const panel = element("section", { class: "reload-panel", role: "alert", hidden: true },
    element("div", { class: "reload-head" },
      title, time,
      element("span", { class: "stretch" }),
      button("Try again", () => api.reload().catch((error) => announcer.say(error.message))),
      button("Hide", () => {
        panel.hidden = true;
      })), text,
    element("p", { class: "muted" }, "Save a correction, and the agent starts again."));
  let shownFor = 0;
  const show = () => {
    const { status, error, changed_at: changedAt } = store.state.reload;
    const isBroken = status === "failed" || (status === "stopped" && error !== null);
    if (!isBroken) {
      // While it starts, the last error stays: hiding and showing it again would only flicker.
      panel.hidden ||= status !== "starting";
    } else if (changedAt !== shownFor) {
      shownFor = changedAt;
      setText(title, status === "failed" ? "The agent could not start, so nothing is running."
        : "The agent has ended by itself, so nothing is running.");
      setText(text, error ?? "No reason is known.");
      setText(time, `since ${timeOfDay(changedAt).slice(0, 8)}`);
      panel.hidden = false;
    }
  };
  store.on(["reload"], show);
  show();
  return panel;
}
