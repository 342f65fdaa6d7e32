/** What a form has to know of a JSON schema: one description for each parameter. */

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
    isRequired: param.required, description: param.description,
  });
  return { ...parameter, type: param.type, fallback: param.default || undefined };
}

/**
 * @param {string} name
 * @param {Schema} schema
 * @param {{isRequired: boolean, description: string}} rest
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
