"""An agent's declarations as the engine reads them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mirastack_sdk._core.contract.config_values import engine_default, engine_type
from mirastack_sdk._core.contract.parameters import parameters_json
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
from mirastack_sdk._core.policy.routing import intents_of, routing_of
from mirastack_sdk._gen import messages as wire

_PRIORITY_PER_CONFIDENCE = 10
_PERMISSIONS: Mapping[Permission, wire.Permission] = MappingProxyType(
    {
        Permission.READ: wire.Permission.READ,
        Permission.MODIFY: wire.Permission.MODIFY,
        Permission.ADMIN: wire.Permission.ADMIN,
    }
)


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


def permission_to_wire(permission: Permission) -> wire.Permission:
    """The permission as the engine reads it."""
    return _PERMISSIONS[permission]


def stage_to_wire(stage: str) -> wire.DevOpsStage:
    """The stage that a documented tag such as "observe" names; raises `KeyError` for others."""
    return wire.DevOpsStage[stage.upper()]


def _actions(info: PluginInfo, schema: PluginSchema) -> list[wire.ActionDef]:
    return [_action(info, action) for action in schema.actions]


def _action(info: PluginInfo, action: Action) -> wire.ActionDef:
    return wire.ActionDef(
        id=action.name,
        description=action.description,
        permission=permission_to_wire(action.permission or info.permission),
        stages=_stages(action.stages or info.devops_stages),
        intents=[_intent(intent) for intent in intents_of(info, action)],
        input_params=parameters_json(action.input_params),
        output_params=parameters_json(action.output_params),
        routing_semantics=_routing_semantics(routing_of(info, action)),
    )


def _stages(stages: Iterable[str]) -> list[wire.DevOpsStage]:
    """Each stage once, in the order declared."""
    return [stage_to_wire(stage) for stage in dict.fromkeys(stages)]


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
        type=engine_type(param.type),
        required=param.required,
        default=engine_default(param),
        description=param.description,
        is_secret=param.secret,
    )


def _routing_semantics(semantics: RoutingSemantics) -> wire.RoutingSemantics:
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
