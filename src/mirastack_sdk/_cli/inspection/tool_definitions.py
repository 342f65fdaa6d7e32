"""Actions as a language model gets them: a name, a description and a JSON schema."""

import json
from collections.abc import Mapping

from mirastack_sdk.plugin import Action, ParamSchema

# A parameter of the type `json` takes any value.
_TYPED = ("string", "integer", "number", "boolean", "array", "object")


def tool_definition(action: Action) -> dict[str, object]:
    """The tool that an engine offers to a model for an action."""
    return {
        "name": action.name,
        "description": action.description,
        "parameters": input_schema(action.input_params),
    }


def input_schema(params: Mapping[str, ParamSchema]) -> dict[str, object]:
    """The JSON schema of an action's parameters, from what the engine is told of them."""
    return {
        "type": "object",
        "properties": {name: _schema(param) for name, param in params.items()},
        "required": [name for name, param in params.items() if param.required],
    }


def _schema(param: ParamSchema) -> dict[str, object]:
    schema: dict[str, object] = {}
    if param.type in _TYPED:
        schema["type"] = param.type
    if param.description:
        schema["description"] = param.description
    if param.enum:
        schema["enum"] = [_value(param.type, text) for text in param.enum]
    if param.default:
        schema["default"] = _value(param.type, param.default)
    return schema


def _value(kind: str, text: str) -> object:
    """A value that is declared as text, in the type of its parameter."""
    if kind == "string":
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value
