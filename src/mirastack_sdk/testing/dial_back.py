"""How an engine gets to know an agent: it dials back, asks, and checks the answers."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._wire.client.engine_errors import engine_error
from mirastack_sdk.testing.agent_answers import AgentHealth, agent_health
from mirastack_sdk.testing.agent_card import plugin_info, plugin_schema
from mirastack_sdk.testing.permissions import DECLARED, DECLARED_NAMES

__all__ = ["Introduction", "RegistrationRefusedError", "introduce"]


class RegistrationRefusedError(Exception):
    """An agent that is not admitted.

    `violations` are the rules of the contract that it breaks; it has none when it merely could not
    be reached.
    """

    def __init__(self, message: str, violations: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What an agent answered when it was dialled back."""

    info: PluginInfo
    schema: PluginSchema
    health: AgentHealth


async def introduce(
    request: wire.RegisterPluginRequest, stub: PluginServiceStub, timeout: float
) -> Introduction:
    """Ask the agent behind `stub` who it is, all within `timeout` seconds.

    Raises `RegistrationRefusedError` when it cannot be reached or breaks the contract.
    """
    try:
        async with asyncio.timeout(timeout):
            info = await stub.info(wire.InfoRequest(), timeout=timeout)
            schema = await stub.get_schema(wire.GetSchemaRequest(), timeout=timeout)
            health = await stub.health_check(wire.HealthCheckRequest(), timeout=timeout)
    except Exception as error:  # the one edge between foreign errors and ours
        failure = engine_error(error, method="dial back")
        raise RegistrationRefusedError(
            f"the agent does not answer at {request.grpc_addr}: {failure}"
        ) from error
    violations = tuple(_violations(request, info, schema))
    if violations:
        raise RegistrationRefusedError("; ".join(violations), violations)
    return Introduction(
        info=plugin_info(info), schema=plugin_schema(schema), health=agent_health(health)
    )


def _violations(
    request: wire.RegisterPluginRequest, info: wire.InfoResponse, schema: wire.GetSchemaResponse
) -> Iterator[str]:
    for field in ("name", "version", "instance_id"):
        registered, told = getattr(request, field), getattr(info, field)
        if registered != told:
            yield f"Info says {field} {told!r}, RegisterPlugin {registered!r}"
    if info.type is not wire.PluginType.AGENT:
        yield f"Info says type {info.type.name}, expected AGENT"
    if info.permission not in DECLARED:
        yield f"Info says permission {info.permission.name}, expected one of {DECLARED_NAMES}"
    if not info.devops_stages:
        yield "Info has no devops_stages, expected at least one"
    if not schema.actions:
        yield "GetSchema has no actions, expected at least one"
    for action in schema.actions:
        yield from _action_violations(action)


def _action_violations(action: wire.ActionDef) -> Iterator[str]:
    if not action.stages:
        yield f"action {action.id!r} has no stages, expected at least one"
    if action.permission not in DECLARED:
        yield (
            f"action {action.id!r} has permission {action.permission.name}, "
            f"expected one of {DECLARED_NAMES}"
        )
    for field, data in (
        ("input_params", action.input_params),
        ("output_params", action.output_params),
    ):
        if not _is_parameter_array(data):
            yield f"{field} of action {action.id!r} is no JSON array of parameters: {data!r}"


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
