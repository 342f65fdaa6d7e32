"""JSON schemas of parameters, from what agents declare of them."""

import json
from collections.abc import Mapping

from mirastack_sdk._core.model.declarations import ParamSchema

# A parameter of the type `json` takes any value.
_JSON_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object"})


def declared_schema(param: ParamSchema) -> dict[str, object]:
    """The schema of a parameter of which no more is known than its declaration."""
    schema: dict[str, object] = {"type": param.type} if param.type in _JSON_TYPES else {}
    if param.enum:
        schema["enum"] = [_json_value(text, param.type) for text in param.enum]
    return with_texts(schema, param)


def with_texts(schema: Mapping[str, object], param: ParamSchema) -> dict[str, object]:
    """A schema with the description and the default of the declaration."""
    described = dict(schema)
    if param.description:
        described["description"] = param.description
    if param.default:
        described["default"] = _json_value(param.default, param.type)
    return described


def _json_value(text: str, kind: str) -> object:
    """The JSON value that a declaration carries as text."""
    if kind == "string":
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value
