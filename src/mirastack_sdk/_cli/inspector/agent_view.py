"""An agent's declarations as JSON, as the engine has received them."""

from collections.abc import Mapping
from dataclasses import asdict

from mirastack_sdk._cli.inspector.tool_definitions import input_schema, tool_definition
from mirastack_sdk.plugin import Action, IntentPattern, ParamSchema
from mirastack_sdk.testing import RegisteredAgent

type Json = dict[str, object]


# Engines are not told, so it is known of typed actions only.
_ACCEPTS = {"never": False, "optional": True, "required": True}

type ActionSchemas = Mapping[str, Mapping[str, object]]
"""By action, what its agent's process knows beyond what engines are told: see `ActionSchema`."""


def agent_view(agent: RegisteredAgent, schemas: ActionSchemas) -> Json:
    """The card of a registered agent: what it said when it was dialled back, and `schemas`."""
    info, schema = agent.introduction.info, agent.introduction.schema
    return {
        "name": info.name,
        "version": info.version,
        "description": info.description,
        "permission": info.permission.name,
        "stages": list(info.devops_stages),
        "address": agent.address,
        "tenant_id": agent.tenant_id,
        "instance_id": agent.instance_id,
        "actions": [_action(action, schemas.get(action.name, {})) for action in schema.actions],
        "config_params": [
            {
                "key": param.key,
                "description": param.description,
                "type": param.type,
                "required": param.required,
                "default": param.default,
                "secret": param.secret,
            }
            for param in info.config_params
        ],
        "prompt_templates": [
            {
                "name": template.name,
                "description": template.description,
                "content": template.content,
            }
            for template in info.prompt_templates
        ],
        "intents": [
            {**_intent(intent), "action": intent.action} for intent in info.intent_patterns
        ],
        "model_view": [tool_definition(action) for action in schema.actions],
    }


def _action(action: Action, known: Mapping[str, object]) -> Json:
    routing = action.routing_semantics
    return {
        "name": action.name,
        "description": action.description,
        "permission": None if action.permission is None else action.permission.name,
        "stages": list(action.stages or ()),
        "accepts_time_range": _ACCEPTS.get(str(known.get("time_range"))),
        "default_range": known.get("default_range") or None,
        "input_params": _params(action.input_params),
        "input_schema": known.get("parameters") or input_schema(action.input_params),
        "result_schema": known.get("result"),
        "output_params": _params(action.output_params),
        "intents": [
            _intent(intent if isinstance(intent, IntentPattern) else IntentPattern(intent))
            for intent in action.intents
        ],
        "routing": None if routing is None else asdict(routing),
    }


def _params(params: Mapping[str, ParamSchema]) -> list[Json]:
    return [
        {
            "name": name,
            "type": param.type,
            "required": param.required,
            "description": param.description,
            "default": param.default or None,
            "enum": list(param.enum) or None,
        }
        for name, param in params.items()
    ]


def _intent(intent: IntentPattern) -> Json:
    return {
        "pattern": intent.pattern,
        "priority": intent.priority,
        "description": intent.description,
    }
