/** The links at the side: the agent's actions, and the other views with what is new in them. */

import { element, setText } from "../base/dom.js";
import { KeyedList } from "../base/keyed_list.js";
import { addressOf } from "../router.js";
import { permissionBadge } from "./status.js";

/**
 * @typedef {import("../store.js").Store} Store
 * @typedef {import("../types.js").Action} Action
 */

const FILTERED = 8;

/** @type {[string, string, (store: Store) => number][]} */
const VIEWS = [
  ["history", "History", ({ state }) => state.executions.length],
  ["live", "Live", ({ state, partials }) => state.events.length + partials.length],
  ["logs", "Logs", ({ state }) => state.logs.filter(({ level }) => isProblem(level)).length],
  ["approvals", "Approvals", (store) => store.pendingApprovals.length],
  ["cache", "Cache", ({ state }) => state.cache.length],
  ["config", "Config", () => 0],
  ["agent", "Agent", ({ state }) => state.violations.length],
];

/** @type {{[view: string]: string}} what a number counts if the label does not say it */
const COUNTED = { logs: "warnings and errors", approvals: "waiting", agent: "violations" };

/** @param {string} level */
function isProblem(level) {
  return ["WARNING", "ERROR", "CRITICAL"].includes(level.toUpperCase());
}

/**
 * @param {HTMLElement} navigation
 * @param {Store} store
 * @param {import("../router.js").Router} router
 */
export function fillNavigation(navigation, store, router) {
  const actions = element("ul", { class: "nav-list nav-actions" });
  const filter = element("input", {
    type: "search", placeholder: "Filter actions", "aria-label": "Filter actions", class: "filter",
  });
  const list = new KeyedList(actions, (/** @type {Action} */ action) => action.name, actionLink);
  const views = VIEWS.map(viewLink);
  navigation.append(
    element("h2", { id: "nav-actions-heading" }, "Actions"), filter, actions,
    element("h2", {}, "Desk"),
    element("ul", { class: "nav-list nav-views" }, views.map((view) => view.element)));
  actions.setAttribute("aria-labelledby", "nav-actions-heading");
  const showActions = () => {
    const all = store.lastAgent?.actions ?? [];
    filter.hidden = all.length < FILTERED;
    const wanted = filter.hidden ? "" : filter.value.trim().toLowerCase();
    list.show(all.filter(({ name }) => name.toLowerCase().includes(wanted)));
    mark(navigation);
  };
  const showCounts = () => views.forEach((view) => view.update(store));
  filter.addEventListener("input", showActions);
  store.on(["agent"], showActions);
  store.on(["executions", "events", "partials", "logs", "approvals", "cache", "violations"], showCounts);
  router.onChange(() => mark(navigation));
  showActions();
  showCounts();
}

/** @param {Action} action */
function actionLink(action) {
  const badge = element("span");
  const link = element("a", { href: addressOf("actions", action.name) },
    element("span", { class: "nav-label" }, action.name), badge);
  return {
    element: element("li", {}, link),
    update: (/** @type {Action} */ { permission }) =>
      badge.replaceChildren(...(permission.toLowerCase() === "read" ? [] : [permissionBadge(permission)])),
  };
}

/** @param {[string, string, (store: Store) => number]} view */
function viewLink([name, label, count]) {
  const counter = element("span", { class: `counter counter-${name}` });
  const link = element("a", { href: addressOf(name) },
    element("span", { class: "nav-label" }, label), counter);
  return {
    element: element("li", {}, link),
    update: (/** @type {Store} */ store) => {
      const number = count(store);
      counter.title = number === 0 ? "" : COUNTED[name] ?? "";
      setText(counter, number === 0 ? "" : number > 999 ? "999+" : String(number));
    },
  };
}

/**
 * The first action is shown if the address names none.
 * @param {HTMLElement} navigation
 */
function mark(navigation) {
  const links = [...navigation.querySelectorAll("a")];
  const isKnown = links.some((link) => link.hash === location.hash);
  const isAction = location.hash === "" || location.hash === addressOf("actions");
  links.forEach((link, index) => {
    const isCurrent = isKnown ? link.hash === location.hash : isAction && index === 0;
    if (isCurrent) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
  });
}
