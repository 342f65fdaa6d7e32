"""The JSON schemas of an agent's actions, for programs that offer them to language models."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Literal

from mirastack_sdk._actions.convert.ranges import OrLast, last_range
from mirastack_sdk._actions.signature.action_parameters import Parameter
from mirastack_sdk._actions.signature.dependencies import Dependency, RangeOf, Source
from mirastack_sdk._actions.signature.signatures import Signature
from mirastack_sdk._actions.typed_plugin import TypedActions
from mirastack_sdk._core.contract.declared_schemas import declared_schema, with_texts
from mirastack_sdk._core.model.declarations import Action, ParamSchema
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._deferred.dataclasses import dataclass

type TimeRangeUse = Literal["never", "optional", "required"]
"""Whether an action uses the time range of its request."""

_SIGNATURE: Callable[[TypedActions], Callable[[str], Signature | None]] = attrgetter(
    "_typed_actions.signature"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSchema:
    """What an action takes and returns, as JSON schemas (2020-12).

    `parameters` is the schema of an object with all parameters. `result` is that of the value which
    a typed action returns, or `None` if it is not known. `time_range` says whether the action uses
    the request's time range, and `default_range` which one it uses if the request has none, such as
    "last 30 minutes"; it is empty if there is no default, or if it is not known.
    """

    parameters: Mapping[str, object]
    result: Mapping[str, object] | None
    time_range: TimeRangeUse
    default_range: str


def action_schemas(plugin: MirastackPlugin) -> dict[str, ActionSchema]:
    """Describe each action of an agent, by its name.

    The schemas of typed actions are complete: nested types, limits and defaults. Those of other
    actions contain what the agent declares. Raises `InvalidPluginError` for typed actions with
    errors in their declarations, and what the agent's own `schema` raises.
    """
    return {action.name: _described(plugin, action) for action in plugin.schema().actions}


def _described(plugin: MirastackPlugin, action: Action) -> ActionSchema:
    signature = _SIGNATURE(plugin)(action.name) if isinstance(plugin, TypedActions) else None
    if signature is None:
        return ActionSchema(
            parameters=_declared_parameters(action.input_params),
            result=None,
            time_range="optional",
            default_range="",
        )
    ranges = list(_ranges(signature.injected.values()))
    fallbacks = [source.fallback for source in ranges if source.fallback is not None]
    return ActionSchema(
        parameters=_typed_parameters(signature.parameters),
        result=_result(signature),
        time_range=_use(ranges),
        default_range=_expression(fallbacks[0]) if fallbacks else "",
    )


def _typed_parameters(parameters: Mapping[str, Parameter]) -> Mapping[str, object]:
    adapters = {name: found.value.adapter for name, found in parameters.items()}
    from mirastack_sdk._actions.types.json_schemas import object_schema  # noqa: PLC0415 - for tools, not for agents

    schema = object_schema(adapters, "validation")
    properties = schema["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - as object_schema makes it
    schema["properties"] = {
        name: with_texts(properties[name], found.schema) for name, found in parameters.items()
    }
    return _with_required(schema, {name: found.schema for name, found in parameters.items()})


def _declared_parameters(params: Mapping[str, ParamSchema]) -> Mapping[str, object]:
    properties = {name: declared_schema(param) for name, param in params.items()}
    return _with_required({"type": "object", "properties": properties}, params)


def _with_required(
    schema: Mapping[str, object], params: Mapping[str, ParamSchema]
) -> Mapping[str, object]:
    required = [name for name, param in params.items() if param.required]
    return {**schema, "required": required} if required else schema


def _result(signature: Signature) -> Mapping[str, object] | None:
    if signature.result_adapter is None:
        return None
    # An object's schema may have definitions, which belong to the root.
    from mirastack_sdk._actions.types.json_schemas import (  # noqa: PLC0415 - for tools, not for agents
        object_schema,
        without_limits,
    )

    schema = object_schema({"result": signature.result_adapter}, "serialization")
    properties = schema.pop("properties")
    assert isinstance(properties, dict)  # noqa: S101 - as object_schema makes it
    described = without_limits({**properties["result"], **_definitions(schema)})
    assert isinstance(described, dict)  # noqa: S101 - as it was
    if signature.result_text:
        described["description"] = signature.result_text
    return described


def _definitions(schema: Mapping[str, object]) -> Mapping[str, object]:
    return {key: value for key, value in schema.items() if key == "$defs"}


def _ranges(sources: Iterable[Source]) -> Iterable[RangeOf]:
    for source in sources:
        if isinstance(source, Dependency):
            yield from _ranges(source.arguments.values())
        elif isinstance(source, RangeOf):
            yield source


def _use(ranges: Iterable[RangeOf]) -> TimeRangeUse:
    found = list(ranges)
    if not found:
        return "never"
    needs = any(source.fallback is None and not source.optional for source in found)
    return "required" if needs else "optional"


def _expression(fallback: OrLast) -> str:
    return last_range(
        days=fallback.days,
        hours=fallback.hours,
        minutes=fallback.minutes,
        seconds=fallback.seconds,
    ).original_expression
