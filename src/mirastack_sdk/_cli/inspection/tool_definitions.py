"""Actions as a language model gets them: a name, a description and a JSON schema."""

from collections.abc import Mapping

from mirastack_sdk._core.contract.declared_schemas import declared_schema
from mirastack_sdk.plugin import Action, ParamSchema


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
        "properties": {name: declared_schema(param) for name, param in params.items()},
        "required": [name for name, param in params.items() if param.required],
    }
