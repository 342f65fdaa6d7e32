"""The checks of an agent that is dialled back, which are those of real engines."""

import json
from collections import Counter
from collections.abc import Iterator

from mirastack_sdk._core.policy.gates import routing_violations
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing._wire_messages import DECLARED, DECLARED_NAMES, routing

_CONFIG_TYPES = ("string", "int", "bool", "duration", "json")


def introduction_violations(
    request: wire.RegisterPluginRequest, info: wire.InfoResponse, schema: wire.GetSchemaResponse
) -> Iterator[str]:
    """What an engine refuses in the responses of an agent that is dialled back, one text each."""
    for field in ("name", "version"):
        registered, reported = getattr(request, field), getattr(info, field)
        if registered != reported:
            yield f"Info says {field} {reported!r}, RegisterPlugin {registered!r}"
    # Several replicas may share an address, so another one may respond.
    for field in ("description", "instance_id"):
        if not getattr(info, field).strip():
            yield f"Info has no {field}"
    yield from _info_violations(info)
    for actions in (schema.actions, info.actions):
        yield from _actions_violations(actions)


def _info_violations(info: wire.InfoResponse) -> Iterator[str]:
    if info.type is not wire.PluginType.AGENT:
        yield f"Info says type {info.type.name}, expected AGENT"
    if info.permission not in DECLARED:
        yield f"Info says permission {info.permission.name}, expected one of {DECLARED_NAMES}"
    if not info.devops_stages:
        yield "Info has no devops_stages, expected at least one"
    for param in info.config_schema:
        if not (param.key.strip() and param.description.strip()):
            yield f"config parameter {param.key!r} has no key or no description"
        if param.type not in _CONFIG_TYPES:
            known = ", ".join(_CONFIG_TYPES)
            yield f"config parameter {param.key!r} has type {param.type!r}, expected one of {known}"


def _actions_violations(actions: list[wire.ActionDef]) -> Iterator[str]:
    if not actions:
        yield "the agent has no actions, expected at least one"
    for action_id, count in Counter(action.id for action in actions).items():
        if count > 1:
            yield f"action {action_id!r} is declared {count} times"
    for action in actions:
        yield from _action_violations(action)


def _action_violations(action: wire.ActionDef) -> Iterator[str]:
    if not action.id:
        yield "an action has no id"
        return
    where = f"action {action.id!r}"
    if not action.description.strip():
        yield f"{where} has no description"
    if not action.stages:
        yield f"{where} has no stages, expected at least one"
    if action.permission not in DECLARED:
        yield (f"{where} has permission {action.permission.name}, expected one of {DECLARED_NAMES}")
    semantics = routing(action.routing_semantics)
    if semantics is None:
        yield f"{where} has no routing_semantics, which engines require"
    else:
        yield from routing_violations(f"{where}: routing_semantics", semantics)
    for field, data in (
        ("input_params", action.input_params),
        ("output_params", action.output_params),
    ):
        if not _is_parameter_array(data):
            yield f"{field} of {where} is not a JSON array of parameters: {data!r}"


def _is_parameter_array(data: bytes) -> bool:
    try:
        parsed: object = json.loads(data)
    except ValueError:
        return False
    return isinstance(parsed, list) and all(_is_parameter(entry) for entry in parsed)


def _is_parameter(entry: object) -> bool:
    match entry:
        case {"name": str(), "type": str(), "required": bool(), "description": str()}:
            return True
        case _:
            return False
