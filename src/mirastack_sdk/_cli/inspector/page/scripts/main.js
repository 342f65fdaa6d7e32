/** The start of the page: reads the state, makes the views, and follows the stream. */

import { Api } from "./api.js";
import { Announcer } from "./base/announcer.js";
import { element } from "./base/dom.js";
import { Shortcuts } from "./base/shortcuts.js";
import { goTo, Router } from "./router.js";
import { approvalDock } from "./shell/approval_dock.js";
import { fillHeader } from "./shell/header.js";
import { helpDialog } from "./shell/help_dialog.js";
import { fillNavigation } from "./shell/navigation.js";
import { reloadPanel } from "./shell/reload_panel.js";
import { Store } from "./store.js";
import { followStream } from "./stream.js";
import { ActionsView } from "./views/actions_view.js";
import { AgentView } from "./views/agent_view.js";
import { ApprovalsView } from "./views/approvals_view.js";
import { CacheView } from "./views/cache_view.js";
import { CompareView } from "./views/compare_view.js";
import { ConfigView } from "./views/config_view.js";
import { ExecutionView } from "./views/execution_view.js";
import { HistoryView } from "./views/history_view.js";
import { LiveView } from "./views/live_view.js";
import { LogsView } from "./views/logs_view.js";

/**
 * @typedef {import("./types.js").Call} Call
 * @typedef {import("./types.js").Desk} Desk
 */

const GO_TO = {
  h: "history", e: "live", l: "logs", p: "approvals", c: "cache", o: "config", i: "agent", a: "actions",
};

/** @param {string} id */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {Api} api */
async function start(api) {
  const store = new Store(await api.state());
  const announcer = new Announcer(place("announcements"));
  /** @type {(call: Call) => void} */
  const repeat = (call) => {
    goTo("actions", call.action);
    // The address changes at once, the view with the event that follows.
    setTimeout(() => actions.repeat(call));
  };
  /** @type {Desk} */
  const desk = { store, api, announcer, repeat };
  const actions = new ActionsView(desk);
  const router = new Router(place("main"), {
    actions, history: new HistoryView(desk), live: new LiveView(desk), logs: new LogsView(desk),
    approvals: new ApprovalsView(desk), cache: new CacheView(desk), config: new ConfigView(desk),
    agent: new AgentView(desk), executions: new ExecutionView(desk), compare: new CompareView(desk),
  });
  const help = helpDialog();
  const dock = approvalDock(desk);
  const shortcuts = shortcutsOf(desk, actions, dock, () => help.show(shortcuts.list));
  fillHeader(place("header"), desk, () => help.show(shortcuts.list));
  fillNavigation(place("navigation"), store, router);
  place("attention").append(reloadPanel(desk), dock);
  document.body.append(help.element);
  // The address after `#` names a view, so the link cannot lead to the content by itself.
  place("skip").addEventListener("click", (event) => {
    event.preventDefault();
    place("main").focus();
  });
  router.start();
  followStream(store);
}

/**
 * @param {Desk} desk
 * @param {ActionsView} actions
 * @param {HTMLElement} dock
 * @param {() => void} showHelp
 */
function shortcutsOf({ api, announcer }, actions, dock, showHelp) {
  const views = Object.entries(GO_TO).map(([key, name]) => ({
    keys: `g ${key}`, label: `Go to ${name}`, act: () => goTo(name),
  }));
  return new Shortcuts([
    { keys: "?", label: "Show this help", act: showHelp },
    { keys: "Control+Enter", label: "Run the action that is shown", act: () => actions.submit() },
    { keys: "f", label: "Go to the form", act: () => actions.focusForm() },
    {
      keys: "v", label: "Go to the approval that waits", act: () =>
        dock.querySelector("input")?.focus(),
    },
    {
      keys: "r", label: "Restart the agent", act: () =>
        api.reload().catch((error) => announcer.say(error.message)),
    },
    ...views,
  ]);
}

start(new Api()).catch((error) => {
  place("main").replaceChildren(element("p", { class: "error-box", role: "alert" }, error.message));
});
