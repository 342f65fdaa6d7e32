"""An agent that passes every quality gate, and what one change to it breaks."""

from mirastack_sdk._core.policy.gates import check_plugin
from mirastack_sdk.plugin import (
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


def routing() -> RoutingSemantics:
    return RoutingSemantics(
        accepted_intent_domains=["service.status"],
        capability_domain="service.status",
        positive_use_cases=["Is checkout healthy?"],
    )


def info() -> PluginInfo:
    return PluginInfo(
        name="my_agent",
        version="1.0.0",
        description="An agent",
        permission=Permission.READ,
        devops_stages=["observe"],
        intent_patterns=[IntentPattern("status of *", "get_status")],
        prompt_templates=[PromptTemplate("status", "You read a status.")],
        config_params=[ConfigParam("backend_url", "Where the backend is")],
        metadata={"team": "sre"},
    )


def schema() -> PluginSchema:
    return PluginSchema(
        actions=[
            Action(
                name="get_status",
                description="Get the status of a service.",
                input_params={"service": ParamSchema("string", enum=["a"], default="a")},
                output_params={"status": ParamSchema("string")},
                intents=["is * healthy"],
                stages=["operate"],
                permission=Permission.ADMIN,
                routing_semantics=routing(),
            )
        ]
    )


def violations(path: str, value: object) -> list[str]:
    """The violations of an agent whose field at `path` has `value`."""
    plugin_info, plugin_schema = info(), schema()
    action = plugin_schema.actions[0]
    holders: dict[str, object] = {
        "info": plugin_info,
        "schema": plugin_schema,
        "action": action,
        "input": action.input_params["service"],
        "output": action.output_params["status"],
        "config": plugin_info.config_params[0],
        "intent": plugin_info.intent_patterns[0],
        "prompt": plugin_info.prompt_templates[0],
        "routing": action.routing_semantics,
    }
    holder, _, field = path.partition(".")
    setattr(holders[holder], field, value)
    return check_plugin(plugin_info, plugin_schema)


def direct_violations(path: str, value: object) -> list[str]:
    """The same without consequences: an intent pattern that names a lost action."""
    sentences = violations(path, value)
    if path.startswith("intent."):
        return sentences
    return [line for line in sentences if not line.startswith("intent pattern")]
