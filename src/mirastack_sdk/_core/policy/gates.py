"""The quality gates: the declarations of an agent checked against what engines accept."""

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
from mirastack_sdk._core.model.execution import ACTION_PARAM
from mirastack_sdk._core.policy.gate_rules import (
    ACTION_RULES,
    CONFIG_PARAM_RULES,
    INFO_RULES,
    INTENT_PATTERN_RULES,
    PARAM_RULES,
    PROMPT_TEMPLATE_RULES,
    ROUTING_RULES,
    SCHEMA_RULES,
    GateViolation,
    display,
    is_filled,
    rule_violations,
)
from mirastack_sdk._core.policy.routing import normalized_routing


def check_plugin(info: PluginInfo, schema: PluginSchema) -> list[GateViolation]:
    """Check the declarations of an agent; an engine accepts them if there are no violations.

    Never raises, and does not rely on the declared types, since authors may not use a type checker.
    """
    return [*_info(info, _action_names(schema)), *_schema(schema)]


def check_info(info: PluginInfo) -> list[GateViolation]:
    """Check `info` alone, without a schema to compare it with."""
    return list(_info(info, None))


def _info(info: object, action_names: set[str] | None) -> Iterator[GateViolation]:
    if not isinstance(info, PluginInfo):
        yield f"info() must return a PluginInfo object, got {display(info)}"
        return
    yield from rule_violations("PluginInfo", info, INFO_RULES)
    for index, intent in enumerate(_each(info.intent_patterns, IntentPattern)):
        where = _label("intent pattern", intent.pattern, f"intent_patterns[{index}]")
        yield from rule_violations(where, intent, INTENT_PATTERN_RULES)
        yield from _unknown_action(where, intent.action, action_names)
    for index, template in enumerate(_each(info.prompt_templates, PromptTemplate)):
        where = _label("prompt template", template.name, f"prompt_templates[{index}]")
        yield from rule_violations(where, template, PROMPT_TEMPLATE_RULES)
    params = list(_each(info.config_params, ConfigParam))
    for index, param in enumerate(params):
        where = _label("config parameter", param.key, f"config_params[{index}]")
        yield from rule_violations(where, param, CONFIG_PARAM_RULES)
    yield from _duplicates("config parameter", (param.key for param in params))


def _unknown_action(where: str, name: object, known: set[str] | None) -> Iterator[GateViolation]:
    if known is not None and not (is_filled(name) and name in known):
        yield f"{where}: action must name one of the plugin's actions, got {display(name)}"


def _schema(schema: object) -> Iterator[GateViolation]:
    if not isinstance(schema, PluginSchema):
        yield f"schema() must return a PluginSchema object, got {display(schema)}"
        return
    yield from rule_violations("PluginSchema", schema, SCHEMA_RULES)
    actions = list(_each(schema.actions, Action))
    for index, action in enumerate(actions):
        yield from _action(_label("action", action.name, f"actions[{index}]"), action)
    yield from _duplicates("action", (action.name for action in actions))


def _action(where: str, action: Action) -> Iterator[GateViolation]:
    yield from rule_violations(where, action, ACTION_RULES)
    yield from _own_intents(where, action)
    yield from _params(f"{where}: input parameter", action.input_params)
    yield from _reserved_name(where, action.input_params)
    yield from _params(f"{where}: output parameter", action.output_params)
    if isinstance(action.routing_semantics, RoutingSemantics):
        yield from routing_violations(f"{where}: routing_semantics", action.routing_semantics)


def routing_violations(where: str, semantics: RoutingSemantics) -> Iterator[GateViolation]:
    """The violations of routing semantics, which are normalised first, as engines do it."""
    return rule_violations(where, normalized_routing(semantics), ROUTING_RULES)


def _own_intents(where: str, action: Action) -> Iterator[GateViolation]:
    for index, intent in enumerate(_each(action.intents, IntentPattern)):
        which = _label(f"{where}: intent", intent.pattern, f"{where}: intents[{index}]")
        yield from rule_violations(which, intent, INTENT_PATTERN_RULES)
        if intent.action not in ("", action.name):
            yield (
                f"{which}: action must be {display(action.name)} or left out, "
                f"got {display(intent.action)}"
            )


def _reserved_name(where: str, params: object) -> Iterator[GateViolation]:
    if isinstance(params, dict) and ACTION_PARAM in params:
        yield (
            f"{where}: input parameter {display(ACTION_PARAM)} must have another name: "
            "requests carry the name of the action under it"
        )


def _params(where: str, params: object) -> Iterator[GateViolation]:
    if not isinstance(params, dict):
        return
    for name, param in params.items():
        if not is_filled(name):
            yield f"{where}: name must be text that is not blank, got {display(name)}"
        elif not isinstance(param, ParamSchema):
            yield f"{where} {display(name)} must be a ParamSchema object, got {display(param)}"
        else:
            yield from rule_violations(f"{where} {display(name)}", param, PARAM_RULES)


def _action_names(schema: object) -> set[str] | None:
    """The names that intent patterns may use, or `None` if there is no schema."""
    if not isinstance(schema, PluginSchema):
        return None
    return {action.name for action in _each(schema.actions, Action) if is_filled(action.name)}


def _each[Declared](items: object, kind: type[Declared]) -> Iterator[Declared]:
    """The items of the right kind; the table of rules has reported the others."""
    if isinstance(items, list | tuple):
        yield from (item for item in items if isinstance(item, kind))


def _label(kind: str, name: object, otherwise: str) -> str:
    return f"{kind} {display(name)}" if is_filled(name) else otherwise


def _duplicates(kind: str, names: Iterable[object]) -> Iterator[GateViolation]:
    seen: set[str] = set()
    for name in names:
        if not is_filled(name):
            continue
        if name in seen:
            yield f"{kind} {display(name)} is declared twice: each name must be unique"
        seen.add(name)
