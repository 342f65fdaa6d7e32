/** Elements of the page. Texts become text nodes, so nothing that an agent returns is markup. */

const SVG = "http://www.w3.org/2000/svg";
/** What has to be set as a property, since the attribute is only its initial value. */
const STATE = new Set(["value", "checked", "selected", "indeterminate", "disabled", "open", "hidden"]);

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {{[name: string]: any}} Properties attributes, `on` for listeners, `style` for CSS
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties]
 * @param {(Child | Child[])[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties]
 * @param {(Child | Child[])[]} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function graphic(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/**
 * @param {string} label
 * @param {() => void} act
 * @param {Properties} [properties]
 * @returns {HTMLButtonElement}
 */
export function button(label, act, properties = {}) {
  return element("button", { type: "button", ...properties, on: { click: act } }, label);
}

/**
 * Replaces the children only if they differ, so that a screen reader repeats nothing.
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

let lastId = 0;

/**
 * @param {string} prefix
 * @returns {string} an id that no other element has
 */
export function uniqueId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/**
 * @template {HTMLElement | SVGElement} Filled
 * @param {Filled} node
 * @param {Properties} properties
 * @param {(Child | Child[])[]} children
 * @returns {Filled}
 */
function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    setProperty(node, name, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) {
      node.append(child instanceof Node ? child : String(child));
    }
  }
  return node;
}

/**
 * @param {any} node
 * @param {string} name
 * @param {any} value
 */
function setProperty(node, name, value) {
  if (name === "on") {
    Object.entries(value).forEach(([type, listener]) => node.addEventListener(type, listener));
  } else if (name === "style") {
    Object.entries(value).forEach(([key, text]) => node.style.setProperty(key, text));
  } else if (STATE.has(name)) {
    node[name] = value;
  } else if (value !== null && value !== undefined && value !== false) {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}
