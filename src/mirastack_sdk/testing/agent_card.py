"""What an agent says of itself on the wire, as the declarations it was written with."""

import json

from mirastack_sdk._core.model.declarations import (
    Action,
    ConfigParam,
    IntentPattern,
    ParamSchema,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
)
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing.permissions import declared_permission


def plugin_info(reply: wire.InfoResponse) -> PluginInfo:
    """Return who the agent is; raises `ValueError` for what no declaration can say."""
    return PluginInfo(
        name=reply.name,
        version=reply.version,
        description=reply.description,
        permission=declared_permission(reply.permission),
        devops_stages=_stages(reply.devops_stages),
        intent_patterns=[_intent(intent, reply.actions) for intent in reply.default_intents],
        prompt_templates=[
            PromptTemplate(prompt.name, prompt.content, description=prompt.description)
            for prompt in reply.prompt_templates
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
            for param in reply.config_schema
        ],
        metadata=dict(reply.metadata),
    )


def plugin_schema(reply: wire.GetSchemaResponse) -> PluginSchema:
    """Return what the agent can do; raises `ValueError` for what no declaration can say."""
    return PluginSchema(actions=[_action(action) for action in reply.actions])


def _action(action: wire.ActionDef) -> Action:
    return Action(
        name=action.id,
        description=action.description,
        input_params=_params(action.id, action.input_params),
        output_params=_params(action.id, action.output_params),
        permission=declared_permission(action.permission),
        intents=[intent.pattern for intent in action.intents],
        stages=_stages(action.stages),
        routing_semantics=_routing(action.routing_semantics),
    )


def _stages(stages: list[wire.DevOpsStage]) -> list[str]:
    return [stage.name.lower() for stage in stages]


def _intent(intent: wire.IntentPattern, actions: list[wire.ActionDef]) -> IntentPattern:
    """The wire names no action: it is the one that lists the same pattern."""
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
            raise ValueError(f"{entry!r} is no parameter of {action}: name, type, required")


def _routing(routing: wire.RoutingSemantics | None) -> RoutingSemantics | None:
    if routing is None:
        return None
    return RoutingSemantics(
        accepted_intent_domains=list(routing.accepted_intent_domains),
        capability_domain=routing.capability_domain,
        positive_use_cases=list(routing.positive_use_cases),
        negative_use_cases=list(routing.negative_use_cases),
        signal_domains=list(routing.signal_domains),
        backend_domains=list(routing.backend_domains),
        entity_types=list(routing.entity_types),
        schema_version=routing.schema_version,
    )
