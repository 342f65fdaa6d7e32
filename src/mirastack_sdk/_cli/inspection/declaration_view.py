"""An agent's declarations as JSON values, as the engine receives them."""

from collections.abc import Mapping
from dataclasses import asdict

from mirastack_sdk._cli.inspection.tool_definitions import input_schema, tool_definition
from mirastack_sdk.plugin import (
    Action,
    ConfigParam,
    IntentPattern,
    ParamSchema,
    PluginInfo,
    PluginSchema,
)

type Json = dict[str, object]


def declaration_view(info: PluginInfo, schema: PluginSchema) -> Json:
    """Who the agent is and what it can do, and what a language model gets of it."""
    return {
        "name": info.name,
        "version": info.version,
        "description": info.description,
        "permission": info.permission.name,
        "stages": list(info.devops_stages),
        "metadata": dict(info.metadata),
        "actions": action_views(schema),
        "config_params": [_config_param(param) for param in info.config_params],
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


def action_views(schema: PluginSchema) -> list[Json]:
    """The actions alone."""
    return [_action(action) for action in schema.actions]


def _config_param(param: ConfigParam) -> Json:
    return {
        "key": param.key,
        "description": param.description,
        "type": param.type,
        "required": param.required,
        "default": param.default,
        "secret": param.secret,
    }


def _action(action: Action) -> Json:
    routing = action.routing_semantics
    return {
        "name": action.name,
        "description": action.description,
        "permission": None if action.permission is None else action.permission.name,
        "stages": list(action.stages or ()),
        "input_params": _params(action.input_params),
        "input_schema": input_schema(action.input_params),
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
