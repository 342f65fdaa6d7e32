"""The contract messages that a fake engine writes and reads."""

import json
from collections.abc import Mapping
from dataclasses import field, fields

from mirastack_sdk._core.contract import execute_messages
from mirastack_sdk._core.contract.engine_messages import copied
from mirastack_sdk._core.contract.parameters import ParamsError, parse_params, parse_result
from mirastack_sdk._core.model.context import Context
from mirastack_sdk._core.model.declarations import (
    DEFAULT_PRIORITY,
    Action,
    ConfigParam,
    IntentPattern,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
)
from mirastack_sdk._core.model.engine_api import KPI, Approval, BlastRadius, License, LicenseQuotas
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing._recorded_calls import CallPluginCall, RequestApprovalCall

# The engine's limit for calls of other agents that set none.
_DEFAULT_CALL_SECONDS = 30

# The contract also has WRITE, which is not documented.
DECLARED: Mapping[wire.Permission, Permission] = {
    wire.Permission.READ: Permission.READ,
    wire.Permission.MODIFY: Permission.MODIFY,
    wire.Permission.ADMIN: Permission.ADMIN,
}
DECLARED_NAMES = ", ".join(permission.name for permission in DECLARED)


def declared_permission(permission: wire.Permission) -> Permission:
    """The documented permission; raises `ValueError` if there is none."""
    known = DECLARED.get(permission)
    if known is None:
        raise ValueError(f"permission {permission.name} is not one of {DECLARED_NAMES}")
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionResult:
    """The result of one execution; `error` says why it failed.

    `value` is what the language model reads, as a JSON value. `output` has its members as text, and
    `logs` its log lines, which `output` does not repeat.
    """

    execution_id: str
    success: bool
    output: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    error: str = ""
    duration_ms: int = 0
    value: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentHealth:
    """The result of a health check; `message` is the text that operators see."""

    healthy: bool
    message: str = ""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigAnswer:
    """The agent's response to a config; `error` says why it was not applied."""

    acknowledged: bool
    error: str = ""


def execution_result(execution_id: str, response: wire.ExecuteResponse) -> ExecutionResult:
    """The result of an execution; raises `ParamsError` if it is not JSON."""
    result = parse_result(response.result_json)
    return ExecutionResult(
        execution_id=execution_id,
        success=response.success,
        output=result.output,
        logs=result.logs,
        error=response.error,
        duration_ms=response.duration_ms,
        value=result.value,
    )


def agent_health(response: wire.HealthCheckResponse) -> AgentHealth:
    """The result of a health check."""
    return AgentHealth(
        healthy=response.healthy, message=response.message, details=dict(response.details)
    )


def config_answer(response: wire.ConfigUpdatedResponse) -> ConfigAnswer:
    """The response to a config."""
    return ConfigAnswer(acknowledged=response.acknowledged, error=response.error)


def plugin_info(response: wire.InfoResponse) -> PluginInfo:
    """The agent's declaration; raises `ValueError` for what no declaration can express."""
    return PluginInfo(
        name=response.name,
        version=response.version,
        description=response.description,
        permission=declared_permission(response.permission),
        devops_stages=_stages(response.devops_stages),
        intent_patterns=[_intent(intent, response.actions) for intent in response.default_intents],
        prompt_templates=[
            PromptTemplate(prompt.name, prompt.content, description=prompt.description)
            for prompt in response.prompt_templates
        ],
        config_params=[
            ConfigParam(
                key=param.key,
                description=param.description,
                type=param.type,
                required=param.required,
                default=param.default,
                secret=param.is_secret,
            )
            for param in response.config_schema
        ],
        metadata=dict(response.metadata),
    )


def plugin_schema(response: wire.GetSchemaResponse) -> PluginSchema:
    """The agent's actions; raises `ValueError` for what no declaration can express."""
    return PluginSchema(actions=[_action(action) for action in response.actions])


def _action(action: wire.ActionDef) -> Action:
    return Action(
        name=action.id,
        description=action.description,
        input_params=_params(action.id, action.input_params),
        output_params=_params(action.id, action.output_params),
        permission=declared_permission(action.permission),
        intents=[_own_intent(intent) for intent in action.intents],
        stages=_stages(action.stages),
        routing_semantics=routing(action.routing_semantics),
    )


def _stages(stages: list[wire.DevOpsStage]) -> list[str]:
    return [stage.name.lower() for stage in stages]


def _own_intent(intent: wire.IntentPattern) -> str | IntentPattern:
    """An intent of an action: only its phrase, if it has the usual priority."""
    if intent.priority == DEFAULT_PRIORITY and not intent.description:
        return intent.pattern
    return IntentPattern(intent.pattern, priority=intent.priority, description=intent.description)


def _intent(intent: wire.IntentPattern, actions: list[wire.ActionDef]) -> IntentPattern:
    """The contract does not name the action: it is the one that lists the same pattern."""
    owner = next(
        (
            action.id
            for action in actions
            if any(own.pattern == intent.pattern for own in action.intents)
        ),
        "",
    )
    return IntentPattern(
        intent.pattern, owner, priority=intent.priority, description=intent.description
    )


def _params(action: str, data: bytes) -> dict[str, ParamSchema]:
    parsed: object = json.loads(data or b"[]")
    match parsed:
        case list():
            return dict(_param(action, entry) for entry in parsed)
        case _:
            raise ValueError(f"the parameters of {action} must be a JSON array, got {data!r}")


def _param(action: str, entry: object) -> tuple[str, ParamSchema]:
    match entry:
        case {"name": str(name), "type": str(kind), "required": bool(required), **rest}:
            enum = rest.get("enum", [])
            return name, ParamSchema(
                type=kind,
                required=required,
                description=str(rest.get("description", "")),
                default=str(rest.get("default", "")),
                enum=list(enum) if isinstance(enum, list) else [],
            )
        case _:
            raise ValueError(
                f"{entry!r} is not a parameter of {action}: needs name, type, required"
            )


def routing(message: wire.RoutingSemantics | None) -> RoutingSemantics | None:
    """The routing semantics of an action, if it has any."""
    return None if message is None else copied(message, RoutingSemantics, fields(RoutingSemantics))


def kpi_to_wire(kpi: KPI) -> wire.KPI:
    """A KPI as a message."""
    return copied(kpi, wire.KPI, fields(KPI))


def license_to_wire(known: License | None) -> wire.LicenseContext | None:
    """The license as a message, if there is one."""
    if known is None:
        return None
    message = copied(known, wire.LicenseContext, fields(License))
    if known.quotas is not None:
        message.quotas = copied(known.quotas, wire.LicenseQuotas, fields(LicenseQuotas))
    return message


def approval_to_wire(approval: Approval) -> wire.RequestApprovalResponse:
    """The decision of a reviewer as a message."""
    return copied(approval, wire.RequestApprovalResponse, fields(Approval))


def approval_call(request: wire.RequestApprovalRequest) -> RequestApprovalCall:
    """The request for approval; raises `ValueError` for values that are not documented."""
    return RequestApprovalCall(
        ctx=_context(request.tenant_id, request.execution_id, request.step_id),
        description=request.description,
        permission=declared_permission(request.required_permission),
        context=_json_object("context_json", request.context_json),
        blast_radius=_blast_radius(request.blast_radius),
        timeout=request.timeout_seconds,
    )


def plugin_call(request: wire.CallPluginRequest) -> CallPluginCall:
    """The call of another agent; raises `ParamsError` for invalid parameters.

    The parameters name the action, too: the engines of today read it there alone.
    """
    params = parse_params(request.params_json, "")
    action = params.pop("action", "")
    if request.action_id not in ("", action):
        raise ParamsError(
            f"params_json names the action {action!r}, action_id {request.action_id!r}"
        )
    return CallPluginCall(
        ctx=_context(request.tenant_id),
        plugin=request.target_plugin,
        action=action,
        params=params,
        time_range=execute_messages.time_range(request.time_range),
        timeout=request.timeout_seconds or _DEFAULT_CALL_SECONDS,
    )


def _context(tenant_id: str, execution_id: str = "", step_id: str = "") -> Context:
    return Context(execution_id=execution_id, step_id=step_id, tenant_id=tenant_id)


def _blast_radius(radius: wire.BlastRadius | None) -> BlastRadius | None:
    return None if radius is None else copied(radius, BlastRadius, fields(BlastRadius))


def _json_object(field: str, data: bytes) -> dict[str, object]:
    try:
        parsed: object = json.loads(data or b"{}")
    except ValueError as error:
        raise ValueError(f"{field} is not JSON: {error}") from error
    match parsed:
        case dict():
            return parsed
        case _:
            raise ValueError(f"{field} must be a JSON object, got {data!r}")
