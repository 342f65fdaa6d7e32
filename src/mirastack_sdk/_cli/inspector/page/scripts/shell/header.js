/** The bar at the top: which agent, how it is, and the switches of the page. */

import { button, element, setText } from "../base/dom.js";
import { timeOfDay } from "../base/format.js";
import { themeSwitch } from "../base/theme.js";
import { addressOf } from "../router.js";

/** @typedef {import("../types.js").Desk} Desk */

const RELOADS = {
  starting: ["Starting…", "busy"], running: ["Running", "good"], failed: ["Broken", "bad"],
  stopped: ["Stopped", "idle"],
};

/**
 * @param {HTMLElement} header
 * @param {Desk} desk
 * @param {() => void} showHelp
 */
export function fillHeader(header, { store, api, announcer }, showHelp) {
  const name = element("strong", { class: "agent-name" });
  const version = element("span", { class: "muted" });
  const reload = element("button", { type: "button", class: "pill", title: "Restart the agent (r)" });
  const health = element("button", { type: "button", class: "pill", title: "Check the health now" });
  const connection = element("span", { class: "pill tone-bad", role: "status", hidden: true },
    "Connection lost; reconnecting…");
  const say = (/** @type {Error} */ error) => announcer.say(error.message);
  reload.addEventListener("click", () => api.reload().catch(say));
  health.addEventListener("click", () => api.checkHealth().catch(say));
  header.append(
    element("a", { class: "brand", href: addressOf("agent") },
      element("img", { src: "/assets/icon.svg", alt: "", width: 22, height: 22 }), name, version),
    reload, health, connection, element("span", { class: "stretch" }),
    element("code", { class: "muted target", title: "What is developed" }, store.state.target),
    themeSwitch(), button("?", showHelp, { class: "icon", title: "Keyboard shortcuts (?)", "aria-label": "Keyboard shortcuts" }));
  const show = () => {
    const { agent, health: last, reload: { status, count } } = store.state;
    const shown = agent ?? store.lastAgent;
    setText(name, shown?.name ?? "No agent");
    setText(version, shown ? shown.version : "");
    showPill(reload, RELOADS[status], count > 0 ? ` · reload ${count}` : "");
    // What was healthy is gone with the agent that stopped.
    health.hidden = status !== "running";
    const label = last === null ? "Health unknown" : last.healthy ? "Healthy" : "Unhealthy";
    showPill(health, [label, last === null ? "idle" : last.healthy ? "good" : "bad"], "");
    health.title = last === null ? "Check the health now"
      : `${last.message || label}, checked at ${timeOfDay(last.checked_at)}. Check again`;
    connection.hidden = store.connection === "open";
  };
  store.on(["agent", "health", "reload", "connection"], show);
  show();
}

/**
 * @param {HTMLElement} pill
 * @param {string[]} state
 * @param {string} suffix
 */
function showPill(pill, [label, tone], suffix) {
  setText(pill, label + suffix);
  pill.className = `pill tone-${tone}`;
}
