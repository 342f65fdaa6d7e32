/** What a form has to know of a JSON schema: one description for each parameter. */

import { formatJson } from "../base/exact_json.js";

/**
 * @typedef {import("../types.js").Schema} Schema
 * @typedef {import("../types.js").Param} Param
 * @typedef {import("../types.js").Json} Json
 *
 * @typedef {object} Parameter
 * @property {string} name
 * @property {"text" | "integer" | "number" | "boolean" | "choice" | "json"} kind
 * @property {string} type in words, such as `integer` or `array`
 * @property {boolean} isRequired
 * @property {string} description
 * @property {Json | undefined} fallback the default
 * @property {Json[]} choices
 * @property {string} example of an array or an object, as JSON
 * @property {Schema} schema
 */

/**
 * @param {{input_schema: Schema | null, input_params: Param[]}} action
 * @returns {Parameter[]}
 */
export function parametersOf({ input_schema: root, input_params: declared }) {
  if (!root?.properties) {
    return declared.map(declaredParameter);
  }
  const required = new Set(root.required ?? []);
  const byName = new Map(declared.map((param) => [param.name, param]));
  return Object.entries(root.properties).map(([name, property]) => {
    const schema = resolve(property, root);
    const { description = "", required: isRequired = false } = byName.get(name) ?? {};
    return describe(name, schema, {
      isRequired: required.has(name) || isRequired,
      description: schema.description || description,
      example: exampleOf(schema, root),
    });
  });
}

/**
 * @param {Param} param
 * @returns {Parameter}
 */
function declaredParameter(param) {
  const schema = param.enum?.length ? { enum: param.enum } : { type: param.type };
  const parameter = describe(param.name, schema, {
    isRequired: param.required, description: param.description, example: exampleOf(schema, {}),
  });
  return { ...parameter, type: param.type, fallback: param.default || undefined };
}

/**
 * @param {string} name
 * @param {Schema} schema
 * @param {{isRequired: boolean, description: string, example: string}} rest
 * @returns {Parameter}
 */
function describe(name, schema, rest) {
  const type = Array.isArray(schema.type)
    ? schema.type.find((/** @type {string} */ item) => item !== "null") ?? "json" : schema.type ?? "json";
  const choices = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  /** @type {{[type: string]: Parameter["kind"]}} */
  const kinds = {
    string: "text", integer: "integer", int: "integer", number: "number", boolean: "boolean",
    bool: "boolean", duration: "text",
  };
  return {
    name, schema, choices, fallback: schema.default, ...rest,
    type: choices.length > 0 ? "choice" : schema.format ? `${type}, ${schema.format}` : type,
    kind: choices.length > 0 ? "choice" : kinds[type] ?? "json",
  };
}

/**
 * JSON that shows the shape of an array or an object.
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {string}
 */
function exampleOf({ default: _, ...schema }, root) {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  const type = types.find((/** @type {string} */ one) => one === "array" || one === "object");
  if (type === undefined) {
    return "JSON";
  }
  const lines = formatJson(partOf({ ...schema, type }, root, 3), 1);
  return lines.replaceAll(/([[{])\n\s*|\n\s*([\]}])/g, "$1$2").replaceAll(/\n\s*/g, " ");
}

/**
 * @param {Schema} schema
 * @param {Schema} root
 * @param {number} depth references can be circular
 * @returns {Json}
 */
function partOf(schema, root, depth) {
  const { type, items, properties = {}, required = [], minimum = 1, ...own } = resolve(schema, root);
  if (own.default !== undefined || own.enum) {
    return own.default ?? own.enum?.[0] ?? null;
  }
  if (type === "array") {
    const kind = items === undefined ? "string" : resolve(items, root).type;
    return depth === 0 ? [] : kind === "string" ? ["one", "two"] : [partOf(items, root, depth - 1)];
  }
  if (type === "object") {
    const names = Object.keys(properties).filter((name, at) => required.includes(name) || at === 0);
    const parts = depth > 0 ? names.map((name) => [name, partOf(properties[name], root, depth - 1)]) : [];
    return parts.length > 0 ? Object.fromEntries(parts) : { key: "value" };
  }
  /** @type {{[type: string]: Json}} */
  const simple = { string: "text", boolean: true, integer: minimum, number: minimum };
  return simple[type] ?? null;
}

/**
 * Follows references, and takes the one alternative that is not null.
 * @param {Schema} schema
 * @param {Schema} root
 * @param {number} [depth] references can be circular
 * @returns {Schema}
 */
function resolve(schema, root, depth = 8) {
  const { $ref: reference, allOf, anyOf, oneOf, ...own } = schema;
  const options = (anyOf ?? oneOf ?? []).filter((/** @type {Schema} */ option) => option.type !== "null");
  const single = allOf?.length === 1 ? allOf[0] : options.length === 1 ? options[0] : null;
  if (depth === 0) {
    return own;
  }
  if (typeof reference === "string") {
    return { ...resolve(lookUp(reference, root), root, depth - 1), ...own };
  }
  return single ? { ...resolve(single, root, depth - 1), ...own } : schema;
}

/**
 * @param {string} reference such as `#/$defs/Window`
 * @param {Schema} root
 * @returns {Schema}
 */
function lookUp(reference, root) {
  const parts = reference.replace(/^#\/?/, "").split("/").filter(Boolean);
  const names = parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce((/** @type {any} */ found, name) => found?.[name], root) ?? {};
}
