"""Documented values as contract messages, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from types import MappingProxyType

from mirastack_sdk._core.contract.parameters import parameters_json, parse_params
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.declarations import (
    Action,
    ConfigParam,
    IntentPattern,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
)
from mirastack_sdk._core.model.engine_api import (
    KPI,
    BlastRadius,
    EngineClient,
    License,
    LicenseQuotas,
)
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecutionMode
from mirastack_sdk._gen import messages as wire

__all__ = [
    "blast_radius_to_wire",
    "execute_request",
    "execution_mode",
    "info_response",
    "kpi",
    "license_snapshot",
    "permission_to_wire",
    "schema_response",
    "stage_to_wire",
    "time_range",
    "time_range_to_wire",
]

_PERMISSIONS: Mapping[Permission, wire.Permission] = MappingProxyType(
    {
        Permission.READ: wire.Permission.READ,
        Permission.MODIFY: wire.Permission.MODIFY,
        Permission.ADMIN: wire.Permission.ADMIN,
    }
)
_MODES: Mapping[wire.ExecutionMode, ExecutionMode] = MappingProxyType(
    {
        wire.ExecutionMode.MANUAL: ExecutionMode.MANUAL,
        wire.ExecutionMode.GUIDED: ExecutionMode.GUIDED,
        wire.ExecutionMode.AUTONOMOUS: ExecutionMode.AUTONOMOUS,
    }
)


def execute_request(
    message: wire.ExecuteRequest, engine_client: EngineClient, ctx: Context
) -> ExecuteRequest:
    """What the author's `execute` receives; raises `ParamsError` for unreadable parameters."""
    return ExecuteRequest(
        params=parse_params(message.params_json, message.action_id),
        time_range=time_range(message.time_range),
        engine_client=engine_client,
        ctx=ctx,
        action=message.action_id,
        execution_mode=execution_mode(message.execution_mode),
    )


def time_range(message: wire.TimeRange | None) -> TimeRange | None:
    """The time range an author reads; none stays none."""
    if message is None:
        return None
    return TimeRange(
        start_epoch_ms=message.start_epoch_ms,
        end_epoch_ms=message.end_epoch_ms,
        timezone=message.timezone,
        original_expression=message.original_expression,
    )


def time_range_to_wire(value: TimeRange) -> wire.TimeRange:
    """The time range as the engine reads it."""
    return wire.TimeRange(
        start_epoch_ms=value.start_epoch_ms,
        end_epoch_ms=value.end_epoch_ms,
        timezone=value.timezone,
        original_expression=value.original_expression,
    )


def permission_to_wire(permission: Permission) -> wire.Permission:
    """The permission as the engine reads it."""
    return _PERMISSIONS[permission]


def stage_to_wire(stage: str) -> wire.DevOpsStage:
    """The stage that a documented tag such as "observe" names; raises `KeyError` for others."""
    return wire.DevOpsStage[stage.upper()]


def execution_mode(mode: wire.ExecutionMode) -> ExecutionMode:
    """The mode an author reads; one that this version does not know is unspecified."""
    return _MODES.get(mode, ExecutionMode.UNSPECIFIED)


def blast_radius_to_wire(value: BlastRadius) -> wire.BlastRadius:
    """The blast radius as the engine reads it."""
    return wire.BlastRadius(
        resource_type=value.resource_type,
        resources=list(value.resources),
        scope=value.scope,
        reversible=value.reversible,
        estimated_count=value.estimated_count,
        regions=list(value.regions),
        summary=value.summary,
    )


def kpi(message: wire.KPI) -> KPI:
    """The indicator an author reads; its fields have the names of the message's."""
    return KPI(**{field.name: getattr(message, field.name) for field in fields(KPI)})


def license_snapshot(message: wire.LicenseContext) -> License:
    """The licence an author reads."""
    return License(
        active=message.active,
        effective_tier=message.effective_tier,
        issued_tier=message.issued_tier,
        grace_mode=message.grace_mode,
        expires_at=message.expires_at,
        org_id=message.org_id,
        site_id=message.site_id,
        region=message.region,
        region_kind=message.region_kind,
        quotas=None if message.quotas is None else _quotas(message.quotas),
    )


def _quotas(message: wire.LicenseQuotas) -> LicenseQuotas:
    return LicenseQuotas(
        max_tenants=message.max_tenants,
        max_integration_types=message.max_integration_types,
        max_agentic_sessions_per_day=message.max_agentic_sessions_per_day,
    )


_PRIORITY_PER_CONFIDENCE = 10


def info_response(info: PluginInfo, schema: PluginSchema, instance_id: str) -> wire.InfoResponse:
    """Who the agent is; its declarations must have passed the quality gates."""
    return wire.InfoResponse(
        name=info.name,
        version=info.version,
        description=info.description,
        type=wire.PluginType.AGENT,
        permission=permission_to_wire(info.permission),
        devops_stages=_stages(info.devops_stages),
        default_intents=[_intent(intent) for intent in info.intent_patterns],
        actions=_actions(info, schema),
        prompt_templates=[_prompt_template(template) for template in info.prompt_templates],
        config_schema=[_config_param(param) for param in info.config_params],
        metadata=dict(info.metadata),
        instance_id=instance_id,
    )


def schema_response(info: PluginInfo, schema: PluginSchema) -> wire.GetSchemaResponse:
    """What the agent can do; every parameter belongs to an action."""
    return wire.GetSchemaResponse(
        params_json_schema=parameters_json({}),
        result_json_schema=parameters_json({}),
        actions=_actions(info, schema),
    )


def _actions(info: PluginInfo, schema: PluginSchema) -> list[wire.ActionDef]:
    return [_action(info, action) for action in schema.actions]


def _action(info: PluginInfo, action: Action) -> wire.ActionDef:
    return wire.ActionDef(
        id=action.name,
        description=action.description,
        permission=permission_to_wire(action.permission or info.permission),
        stages=_stages(action.stages or info.devops_stages),
        intents=_intents(info, action),
        input_params=parameters_json(action.input_params),
        output_params=parameters_json(action.output_params),
        routing_semantics=_routing_semantics(action.routing_semantics),
    )


def _stages(stages: Iterable[str]) -> list[wire.DevOpsStage]:
    """Each stage once, in the order declared."""
    return [stage_to_wire(stage) for stage in dict.fromkeys(stages)]


def _intents(info: PluginInfo, action: Action) -> list[wire.IntentPattern]:
    """The action's phrases, and the plugin's that name it; one declared in both places once."""
    named = [_intent(intent) for intent in info.intent_patterns if intent.action == action.name]
    known = {intent.pattern for intent in named}
    own = dict.fromkeys(pattern for pattern in action.intents if pattern not in known)
    return [*(wire.IntentPattern(pattern=pattern) for pattern in own), *named]


def _intent(intent: IntentPattern) -> wire.IntentPattern:
    return wire.IntentPattern(
        pattern=intent.pattern,
        confidence=intent.priority / _PRIORITY_PER_CONFIDENCE,
        description=intent.description,
        priority=intent.priority,
    )


def _prompt_template(template: PromptTemplate) -> wire.PromptTemplateDef:
    return wire.PromptTemplateDef(
        name=template.name, description=template.description, content=template.content
    )


def _config_param(param: ConfigParam) -> wire.ConfigParamSchema:
    return wire.ConfigParamSchema(
        key=param.key,
        type=param.type,
        required=param.required,
        default=param.default,
        description=param.description,
        is_secret=param.secret,
    )


def _routing_semantics(semantics: RoutingSemantics | None) -> wire.RoutingSemantics | None:
    if semantics is None:
        return None
    return wire.RoutingSemantics(
        schema_version=semantics.schema_version,
        accepted_intent_domains=list(semantics.accepted_intent_domains),
        capability_domain=semantics.capability_domain,
        positive_use_cases=list(semantics.positive_use_cases),
        negative_use_cases=list(semantics.negative_use_cases),
        signal_domains=list(semantics.signal_domains),
        backend_domains=list(semantics.backend_domains),
        entity_types=list(semantics.entity_types),
    )
