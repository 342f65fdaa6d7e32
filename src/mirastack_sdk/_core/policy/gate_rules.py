"""The rules of the quality gates, as tables that can check values of any type."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeGuard, get_args

from mirastack_sdk._core.model.declarations import (
    Action,
    ConfigParam,
    IntentPattern,
    Permission,
    PromptTemplate,
    RoutingSemantics,
    Stage,
)
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._text import is_well_formed, shortened

_STAGES: tuple[str, ...] = get_args(Stage.__value__)
# `json` is what agents of the published SDK declare.
_PARAM_TYPES = ("string", "integer", "boolean", "number", "array", "object", "json")
_CONFIG_TYPES = (*_PARAM_TYPES, "int", "bool", "duration")
_ROUTING_VERSION = "mirastack.routing_semantics/v1"
LONGEST_DOMAIN = 128
LONGEST_USE_CASE = 256
LONGEST_LIST = 64
_INT32 = range(-(2**31), 2**31)
_SHOWN_CHARACTERS = 60

_SNAKE_CASE = deferred_pattern(r"[a-z][a-z0-9_]*")
_DOMAIN = deferred_pattern(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+")
_HEADER_TEXT = deferred_pattern(r"[!-~](?:[ -~]*[!-~])?")


type GateViolation = str
"""One sentence about a rule that a declaration breaks: where, what is expected, what it is."""


class FieldRule(NamedTuple):
    """The rule of one field: a check of its value, and the words for what it must be."""

    field: str
    holds: Callable[[object], bool]
    expected: str


class ListRule(NamedTuple):
    """The rule of one field that is a list: its items, how many, and whether they may repeat."""

    field: str
    holds: Callable[[object], bool]
    items: str
    least: int = 0
    most: int | None = None
    unique: bool = False


type Rule = FieldRule | ListRule


def rule_violations(where: str, declared: object, rules: Sequence[Rule]) -> Iterator[GateViolation]:
    """The violations of `rules` by a declared object; `where` names the object."""
    for rule in rules:
        value = value_of(declared, rule.field)
        match rule:
            case FieldRule():
                if not rule.holds(value):
                    yield f"{where}: {rule.field} must be {rule.expected}, got {display(value)}"
            case ListRule():
                yield from _list_violations(f"{where}: {rule.field}", value, rule)


def value_of(declared: object, field: str) -> object:
    """The value of a field of a declared object; an error of the author's property instead."""
    try:
        return getattr(declared, field, None)
    except Exception as error:  # noqa: BLE001 - an author's property; its error counts as value
        return error


def _list_violations(where: str, value: object, rule: ListRule) -> Iterator[GateViolation]:
    if not isinstance(value, list | tuple):
        yield f"{where} must be a list of {rule.items}, got {display(value)}"
        return
    if len(value) < rule.least:
        yield f"{where} must contain at least one of {rule.items}, got {display(value)}"
    if rule.most is not None and len(value) > rule.most:
        yield f"{where} must contain at most {rule.most} items, got {len(value)}"
    seen: list[object] = []
    for item in value:
        if not rule.holds(item):
            yield f"{where} must contain only {rule.items}, got {display(item)}"
        elif rule.unique and item in seen:
            yield f"{where} must not contain duplicates, got {display(item)} again"
        else:
            seen.append(item)


def display(value: object) -> str:
    """A short text for a value of any type, to be used in a violation."""
    match value:
        case str():
            text = shortened(str(value), _SHOWN_CHARACTERS)
            return f'"{text}"' if text.isprintable() else ascii(text)
        case None | bool() | float():
            return str(value)
        case int() if value in _INT32:
            return str(value)
        case type():
            return f"the class {value.__name__}"
        case list() | tuple() | dict() if not value:
            return f"an empty {type(value).__name__}"
        case _:
            return f"an object of type {type(value).__name__}"


def is_filled(value: object) -> TypeGuard[str]:
    """Whether a value is text that is not blank and that any encoding can carry."""
    return _is_text(value) and bool(value.strip())


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and is_well_formed(value)


def _is_text_map(value: object) -> bool:
    return isinstance(value, dict) and all(
        _is_text(key) and _is_text(text) for key, text in value.items()
    )


def _is_snake_case(value: object) -> bool:
    return isinstance(value, str) and _SNAKE_CASE.fullmatch(value) is not None


def _is_header_text(value: object) -> bool:
    return isinstance(value, str) and _HEADER_TEXT.fullmatch(value) is not None


def _is_domain(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= LONGEST_DOMAIN
        and _DOMAIN.fullmatch(value) is not None
    )


def _is_use_case(value: object) -> bool:
    return is_filled(value) and len(value) <= LONGEST_USE_CASE


def _is_intent(value: object) -> bool:
    return is_filled(value) or isinstance(value, IntentPattern)


def _is_int32(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _INT32


def _one_of(words: Sequence[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in words


def _instance_of(*kinds: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kinds)


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


_FILLED = "text that is not blank"
_TEXT = "text"
_PERMISSION = "Permission.READ, Permission.MODIFY or Permission.ADMIN"
_STAGE = f"the stages {_quoted(_STAGES)}"
_TYPE = f"one of {_quoted(_PARAM_TYPES)}"
_CONFIG_TYPE = f"one of {_quoted(_CONFIG_TYPES)}"
_DOMAINS = (
    f"lower-case dotted domains such as metrics.query, of at most {LONGEST_DOMAIN} characters"
)
_USE_CASES = f"use cases that are not blank, of at most {LONGEST_USE_CASE} characters"

INFO_RULES: tuple[Rule, ...] = (
    FieldRule("name", _is_header_text, "printable ASCII text that is not blank"),
    FieldRule("version", is_filled, _FILLED),
    FieldRule("description", is_filled, _FILLED),
    FieldRule("permission", _instance_of(Permission), _PERMISSION),
    ListRule("devops_stages", _one_of(_STAGES), _STAGE, least=1),
    ListRule("intent_patterns", _instance_of(IntentPattern), "IntentPattern objects"),
    ListRule("prompt_templates", _instance_of(PromptTemplate), "PromptTemplate objects"),
    ListRule("config_params", _instance_of(ConfigParam), "ConfigParam objects"),
    FieldRule("metadata", _is_text_map, "a dict of text to text"),
)
SCHEMA_RULES: tuple[Rule, ...] = (
    ListRule("actions", _instance_of(Action), "Action objects", least=1),
)
ACTION_RULES: tuple[Rule, ...] = (
    FieldRule("name", _is_snake_case, "in snake_case such as get_status"),
    FieldRule("description", is_filled, _FILLED),
    FieldRule("input_params", _instance_of(dict), "a dict of names to ParamSchema objects"),
    FieldRule("output_params", _instance_of(dict), "a dict of names to ParamSchema objects"),
    FieldRule("permission", _instance_of(Permission, type(None)), f"{_PERMISSION}, or None"),
    ListRule("intents", _is_intent, "phrases that are not blank, or IntentPattern objects"),
    ListRule("stages", _one_of(_STAGES), _STAGE),
    FieldRule(
        "routing_semantics",
        _instance_of(RoutingSemantics, type(None)),
        "a RoutingSemantics object or None",
    ),
)
PARAM_RULES: tuple[Rule, ...] = (
    FieldRule("type", _one_of(_PARAM_TYPES), _TYPE),
    FieldRule("required", _instance_of(bool), "True or False"),
    FieldRule("description", _is_text, _TEXT),
    FieldRule("default", _is_text, _TEXT),
    ListRule("enum", _is_text, _TEXT),
)
CONFIG_PARAM_RULES: tuple[Rule, ...] = (
    FieldRule("key", is_filled, _FILLED),
    FieldRule("description", is_filled, _FILLED),
    FieldRule("type", _one_of(_CONFIG_TYPES), _CONFIG_TYPE),
    FieldRule("required", _instance_of(bool), "True or False"),
    FieldRule("default", _is_text, _TEXT),
    FieldRule("secret", _instance_of(bool), "True or False"),
)
INTENT_PATTERN_RULES: tuple[Rule, ...] = (
    FieldRule("pattern", is_filled, _FILLED),
    FieldRule("priority", _is_int32, "a whole number of 32 bits"),
    FieldRule("description", _is_text, _TEXT),
)
PROMPT_TEMPLATE_RULES: tuple[Rule, ...] = (
    FieldRule("name", is_filled, _FILLED),
    FieldRule("content", is_filled, _FILLED),
    FieldRule("description", _is_text, _TEXT),
)
ROUTING_RULES: tuple[Rule, ...] = (
    FieldRule("schema_version", _one_of((_ROUTING_VERSION,)), f'"{_ROUTING_VERSION}"'),
    ListRule("accepted_intent_domains", _is_domain, _DOMAINS, 1, LONGEST_LIST, unique=True),
    FieldRule("capability_domain", _is_domain, f"one of the {_DOMAINS}"),
    ListRule("positive_use_cases", _is_use_case, _USE_CASES, 1, LONGEST_LIST, unique=True),
    ListRule("negative_use_cases", _is_use_case, _USE_CASES, 0, LONGEST_LIST, unique=True),
    ListRule("signal_domains", _is_domain, _DOMAINS, 0, LONGEST_LIST, unique=True),
    ListRule("backend_domains", _is_domain, _DOMAINS, 0, LONGEST_LIST, unique=True),
    ListRule("entity_types", _is_domain, _DOMAINS, 0, LONGEST_LIST, unique=True),
)
