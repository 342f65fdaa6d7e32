# LEAD: written to unblock the runtime. Core: keep names and signatures; review, harden, test.
"""An agent's declarations as the contract's messages."""

from mirastack_sdk._core.declarations import (
    Action,
    ConfigParam,
    IntentPattern,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
)
from mirastack_sdk._core.parameters import parameters_json
from mirastack_sdk._core.translate import permission_to_wire
from mirastack_sdk._gen import messages as wire

_NO_PARAMETERS = b"[]"


def info_response(info: PluginInfo, schema: PluginSchema, instance_id: str) -> wire.InfoResponse:
    """Say who the agent is."""
    return wire.InfoResponse(
        name=info.name,
        version=info.version,
        description=info.description,
        type=wire.PluginType.AGENT,
        permission=permission_to_wire(info.permission),
        devops_stages=_stages(info.devops_stages),
        default_intents=[_intent(pattern) for pattern in info.intent_patterns],
        actions=_actions(info, schema),
        prompt_templates=[_prompt(template) for template in info.prompt_templates],
        config_schema=[_config(param) for param in info.config_params],
        metadata=dict(info.metadata),
        instance_id=instance_id,
    )


def schema_response(info: PluginInfo, schema: PluginSchema) -> wire.GetSchemaResponse:
    """Say what it can do; every parameter belongs to an action."""
    return wire.GetSchemaResponse(
        params_json_schema=_NO_PARAMETERS,
        result_json_schema=_NO_PARAMETERS,
        actions=_actions(info, schema),
    )


def _actions(info: PluginInfo, schema: PluginSchema) -> list[wire.ActionDef]:
    return [_action(action, info) for action in schema.actions]


def _action(action: Action, info: PluginInfo) -> wire.ActionDef:
    semantics = action.routing_semantics
    patterns = [_intent(p) for p in info.intent_patterns if p.action == action.name]
    return wire.ActionDef(
        id=action.name,
        description=action.description,
        permission=permission_to_wire(action.permission or info.permission),
        stages=_stages(action.stages or info.devops_stages),
        intents=[wire.IntentPattern(pattern=text) for text in action.intents] + patterns,
        input_params=parameters_json(action.input_params),
        output_params=parameters_json(action.output_params),
        routing_semantics=None if semantics is None else _routing(semantics),
    )


def _stages(names: list[str]) -> list[wire.DevOpsStage]:
    return [wire.DevOpsStage[name.upper()] for name in names]


def _intent(pattern: IntentPattern) -> wire.IntentPattern:
    return wire.IntentPattern(
        pattern=pattern.pattern,
        confidence=pattern.priority / 10,
        description=pattern.description,
        priority=pattern.priority,
    )


def _prompt(template: PromptTemplate) -> wire.PromptTemplateDef:
    return wire.PromptTemplateDef(
        name=template.name, description=template.description, content=template.content
    )


def _config(param: ConfigParam) -> wire.ConfigParamSchema:
    return wire.ConfigParamSchema(
        key=param.key,
        type=param.type,
        required=param.required,
        default=param.default,
        description=param.description,
        is_secret=param.secret,
    )


def _routing(semantics: RoutingSemantics) -> wire.RoutingSemantics:
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
