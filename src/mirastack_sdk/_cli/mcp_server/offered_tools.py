"""The tools of an MCP server: an agent's actions as MCP describes them."""

from collections.abc import Mapping

from mcp import types

from mirastack_sdk._core.model.declarations import Action, Permission
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.agent import ActionSchema, action_schemas
from mirastack_sdk.testing import Introduction

# The first pair of names of which the action has none itself.
_RANGE_NAMES = (("start", "end"), ("time_range_start", "time_range_end"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTool:
    """A tool, and the action that it runs.

    `range_names` are the names of the two arguments that make the time range, or `None` if the
    action uses none. `is_typed` tells whether the action declares the type of its result, which
    the agent then sends as JSON text.
    """

    tool: types.Tool
    permission: Permission
    range_names: tuple[str, str] | None
    is_typed: bool

    @property
    def name(self) -> str:
        """The name of the tool and of the action."""
        return self.tool.name

    @property
    def needs_approval(self) -> bool:
        """Whether engines have a human approve the action before they run it."""
        return self.permission is not Permission.READ


def offered_tools(plugin: MirastackPlugin, introduction: Introduction) -> dict[str, OfferedTool]:
    """The tools of an agent by name: the actions that it has declared to the engine."""
    schemas = action_schemas(plugin)
    permission = introduction.info.permission
    return {
        action.name: _offered(action, schemas[action.name], action.permission or permission)
        for action in introduction.schema.actions
    }


def _offered(action: Action, schema: ActionSchema, permission: Permission) -> OfferedTool:
    names = _range_names(schema)
    return OfferedTool(
        tool=types.Tool(
            name=action.name,
            description=action.description,
            input_schema=dict(_input_schema(schema, names)),
            output_schema=None if schema.result is None else _output_schema(schema.result),
            annotations=_annotations(permission),
        ),
        permission=permission,
        range_names=names,
        is_typed=schema.result is not None,
    )


def _annotations(permission: Permission) -> types.ToolAnnotations:
    """What clients may rely on; MCP takes every change for a destructive one unless told better."""
    if permission is Permission.READ:
        return types.ToolAnnotations(read_only_hint=True)
    destructive = True if permission is Permission.ADMIN else None
    return types.ToolAnnotations(read_only_hint=False, destructive_hint=destructive)


def _range_names(schema: ActionSchema) -> tuple[str, str] | None:
    if schema.time_range == "never":
        return None
    own = schema.parameters["properties"]
    assert isinstance(own, Mapping)  # noqa: S101 - an object's schema
    return next((names for names in _RANGE_NAMES if not own.keys() & set(names)), None)


def _input_schema(schema: ActionSchema, names: tuple[str, str] | None) -> Mapping[str, object]:
    if names is None:
        return schema.parameters
    start, end = names
    own, required = schema.parameters["properties"], schema.parameters.get("required", [])
    assert isinstance(own, Mapping)  # noqa: S101 - an object's schema
    assert isinstance(required, list)  # noqa: S101 - an object's schema
    needed = [start] if schema.time_range == "required" else []
    properties = {
        **own,
        start: {"type": "string", "description": _start_text(schema)},
        end: {
            "type": "string",
            "description": f"The end of the time range, in the same forms as {start}. "
            "Now, if it is left out.",
        },
    }
    described = {**schema.parameters, "properties": properties}
    if all_required := [*required, *needed]:
        described["required"] = all_required
    return described


def _start_text(schema: ActionSchema) -> str:
    text = (
        "The start of the time range: a date and time such as 2026-04-08T12:00:00Z, "
        "or relative to now, such as -30m, -6h or -7d."
    )
    if schema.time_range == "required":
        return text
    if schema.default_range:
        return f"{text} Default: {schema.default_range}."
    return f"{text} Without it, the action chooses the time range."


def _output_schema(result: Mapping[str, object]) -> dict[str, object]:
    # References in the result's schema are to definitions at the root.
    own = {key: value for key, value in result.items() if key != "$defs"}
    logs = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Remarks on the result, such as what was left out.",
    }
    schema: dict[str, object] = {"type": "object", "properties": {"result": own, "logs": logs}}
    if "$defs" in result:
        schema["$defs"] = result["$defs"]
    return schema
