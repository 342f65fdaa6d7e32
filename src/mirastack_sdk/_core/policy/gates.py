"""The quality gates: everything for which an engine would refuse an agent."""

from collections.abc import Iterable, Iterator

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
from mirastack_sdk._core.policy.gate_rules import (
    ACTION_RULES,
    CONFIG_PARAM_RULES,
    INFO_RULES,
    INTENT_PATTERN_RULES,
    PARAM_RULES,
    PROMPT_TEMPLATE_RULES,
    ROUTING_RULES,
    SCHEMA_RULES,
    broken_rules,
    is_filled,
    shown,
)

__all__ = ["check_info", "check_plugin"]


def check_plugin(info: PluginInfo, schema: PluginSchema) -> list[str]:
    """Every rule the declarations break, one sentence each; none means that an engine takes them.

    Neither raises nor trusts the declared types: authors may have no type checker.
    """
    return [*_info(info, _action_names(schema)), *_schema(schema)]


def check_info(info: PluginInfo) -> list[str]:
    """The rules that `info` breaks by itself, where there is no schema to compare it with."""
    return list(_info(info, None))


def _info(info: object, action_names: set[str] | None) -> Iterator[str]:
    if not isinstance(info, PluginInfo):
        yield f"info() must return a PluginInfo object, got {shown(info)}"
        return
    yield from broken_rules("PluginInfo", info, INFO_RULES)
    for index, intent in enumerate(_each(info.intent_patterns, IntentPattern)):
        where = _label("intent pattern", intent.pattern, f"intent_patterns[{index}]")
        yield from broken_rules(where, intent, INTENT_PATTERN_RULES)
        yield from _unknown_action(where, intent.action, action_names)
    for index, template in enumerate(_each(info.prompt_templates, PromptTemplate)):
        where = _label("prompt template", template.name, f"prompt_templates[{index}]")
        yield from broken_rules(where, template, PROMPT_TEMPLATE_RULES)
    params = list(_each(info.config_params, ConfigParam))
    for index, param in enumerate(params):
        where = _label("config parameter", param.key, f"config_params[{index}]")
        yield from broken_rules(where, param, CONFIG_PARAM_RULES)
    yield from _twice("config parameter", (param.key for param in params))


def _unknown_action(where: str, name: object, known: set[str] | None) -> Iterator[str]:
    if known is not None and not (is_filled(name) and name in known):
        yield f"{where}: action must be the name of one of the plugin's actions, got {shown(name)}"


def _schema(schema: object) -> Iterator[str]:
    if not isinstance(schema, PluginSchema):
        yield f"schema() must return a PluginSchema object, got {shown(schema)}"
        return
    yield from broken_rules("PluginSchema", schema, SCHEMA_RULES)
    actions = list(_each(schema.actions, Action))
    for index, action in enumerate(actions):
        yield from _action(_label("action", action.name, f"actions[{index}]"), action)
    yield from _twice("action", (action.name for action in actions))


def _action(where: str, action: Action) -> Iterator[str]:
    yield from broken_rules(where, action, ACTION_RULES)
    yield from _params(f"{where}: input parameter", action.input_params)
    yield from _params(f"{where}: output parameter", action.output_params)
    if isinstance(action.routing_semantics, RoutingSemantics):
        routing = f"{where}: routing_semantics"
        yield from broken_rules(routing, action.routing_semantics, ROUTING_RULES)


def _params(where: str, params: object) -> Iterator[str]:
    if not isinstance(params, dict):
        return
    for name, param in params.items():
        if not is_filled(name):
            yield f"{where}: name must be text that is not blank, got {shown(name)}"
        elif not isinstance(param, ParamSchema):
            yield f"{where} {shown(name)} must be a ParamSchema object, got {shown(param)}"
        else:
            yield from broken_rules(f"{where} {shown(name)}", param, PARAM_RULES)


def _action_names(schema: object) -> set[str] | None:
    """The names that intent patterns may use; `None` if there is nothing to compare with."""
    if not isinstance(schema, PluginSchema):
        return None
    return {action.name for action in _each(schema.actions, Action) if is_filled(action.name)}


def _each[Declared](items: object, kind: type[Declared]) -> Iterator[Declared]:
    """The items of the right kind; the others have had their sentence."""
    if isinstance(items, list | tuple):
        yield from (item for item in items if isinstance(item, kind))


def _label(kind: str, name: object, otherwise: str) -> str:
    return f"{kind} {shown(name)}" if is_filled(name) else otherwise


def _twice(kind: str, names: Iterable[object]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if not is_filled(name):
            continue
        if name in seen:
            yield f"{kind} {shown(name)} is declared twice: each name must be unique"
        seen.add(name)
