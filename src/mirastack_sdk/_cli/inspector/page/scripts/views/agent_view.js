/** The agent's card: what it says of itself, and what the engine and the language model see. */

import { element } from "../base/dom.js";
import { counted } from "../base/format.js";
import { Tabs } from "../base/tabs.js";
import { permissionBadge } from "../shell/status.js";
import { jsonTree } from "../values/json_tree.js";

/**
 * @typedef {import("../types.js").Agent} Agent
 * @typedef {import("../types.js").State} State
 * @typedef {import("../types.js").Json} Json
 */

export class AgentView {
  title = "Agent";
  element = element("div", { class: "page" });
  #store;
  #shown = "card";

  /** @param {import("../types.js").Desk} desk */
  constructor({ store }) {
    this.#store = store;
    store.on(["agent", "health", "violations"], () => this.#show());
    this.#show();
  }

  #show() {
    const agent = this.#store.lastAgent;
    if (agent === null) {
      this.element.replaceChildren(element("p", { class: "empty" }, "The agent has not registered yet."));
      return;
    }
    const tabs = new Tabs("Parts of the agent", [
      { name: "card", label: "Card", panel: card(agent, this.#store.state) },
      { name: "model", label: "What the model sees", panel: modelView(agent) },
      { name: "templates", label: `Prompt templates (${agent.prompt_templates.length})`, panel: templates(agent) },
      { name: "routing", label: "Routing", panel: routing(agent) },
    ], (name) => {
      this.#shown = name;
    });
    tabs.select(this.#shown);
    this.element.replaceChildren(
      element("h1", {}, agent.name, permissionBadge(agent.permission),
        agent.stages.map((stage) => element("span", { class: "badge" }, stage))),
      element("p", { class: "description" }, agent.description), tabs.element);
  }
}

/**
 * @param {Agent} agent
 * @param {State} state
 */
function card(agent, { health, violations, engine_address: engine, sdk_version: sdk }) {
  /** @type {[string, string][]} */
  const facts = [
    ["Version", agent.version], ["SDK", sdk], ["Engine", engine], ["Agent's address", agent.address],
    ["Tenant", agent.tenant_id], ["Instance", agent.instance_id],
    ["Health", health === null ? "not checked yet" : [health.healthy ? "healthy" : "unhealthy", health.message].filter(Boolean).join(": ")],
  ];
  facts.push(...Object.entries(health?.details ?? {}));
  const broken = violations.length === 0
    ? element("p", { class: "muted" }, "The agent has kept the contract so far.")
    : element("ul", { class: "error-text" }, violations.map((text) => element("li", {}, text)));
  return element("div", {},
    element("dl", { class: "facts" }, facts.flatMap(([name, value]) =>
      [element("dt", {}, name), element("dd", { class: "mono" }, value)])),
    element("h2", {}, `Violations of the contract (${violations.length})`), broken,
    element("h2", {}, counted(agent.actions.length, "action")),
    element("dl", { class: "facts" }, agent.actions.flatMap(({ name, description }) =>
      [element("dt", { class: "mono" }, name), element("dd", {}, description)])));
}

/** @param {Agent} agent */
function modelView({ model_view: tools }) {
  return element("div", {},
    element("p", { class: "muted" }, "These are the tools among which a language model chooses. "
      + "Names and descriptions are all that it knows of them."),
    tools.map(({ name, description, parameters }) => element("section", { class: "card" },
      element("h2", { class: "mono" }, name), element("p", {}, description),
      jsonTree(/** @type {Json} */ (parameters), `Parameters of ${name}`, 3))));
}

/** @param {Agent} agent */
function templates({ prompt_templates: all }) {
  if (all.length === 0) {
    return element("div", {}, element("p", { class: "empty" }, "The agent has no prompt templates."));
  }
  return element("div", {}, all.map(({ name, description, content }) => element("section", { class: "card" },
    element("h2", { class: "mono" }, name), element("p", {}, description),
    element("p", { class: "muted" }, counted(new TextEncoder().encode(content).length, "byte")),
    element("pre", { class: "code", tabindex: 0, "aria-label": `Content of ${name}` }, content))));
}

/** @param {Agent} agent */
function routing({ intents, actions }) {
  const phrases = [
    ...intents.map((intent) => ({ ...intent, action: intent.action ?? "" })),
    ...actions.flatMap(({ name, intents: own }) => own.map((intent) => ({ ...intent, action: name }))),
  ];
  const rows = phrases.map(({ pattern, action, priority }) => element("tr", {},
    element("td", {}, element("q", {}, pattern)), element("td", { class: "mono" }, action),
    element("td", { class: "number" }, priority)));
  const headings = ["Phrase", "Action", "Priority"].map((label) => element("th", { scope: "col" }, label));
  const table = element("table", { class: "plain" },
    element("thead", {}, element("tr", {}, headings)), element("tbody", {}, rows));
  return element("div", {}, element("h2", {}, "Phrases"),
    rows.length > 0 ? table : element("p", { class: "muted" }, "No phrases lead to this agent."),
    actions.map(({ name, routing: semantics }) => semantics && element("section", { class: "card" },
      element("h2", { class: "mono" }, name), jsonTree(semantics, `Routing of ${name}`))));
}
