"""The routing semantics and the intents of actions: the author's own, or derived ones."""

import re
from collections.abc import Callable, Iterable

from mirastack_sdk._core.model.declarations import (
    Action,
    IntentPattern,
    PluginInfo,
    PluginSchema,
    RoutingSemantics,
)
from mirastack_sdk._core.policy.gate_rules import (
    LONGEST_DOMAIN,
    LONGEST_LIST,
    LONGEST_USE_CASE,
    value_of,
)
from mirastack_sdk._deferred.patterns import deferred_pattern

_ROOT = "core"
_NOT_IN_A_DOMAIN = deferred_pattern(r"[^a-z0-9_.-]+")
# A full stop within a sentence ("e.g. a host") is followed by a lower-case letter.
_FIRST_SENTENCE = deferred_pattern(r".+?(?:[.!?](?=\s+[^\sa-z]|$)|。|$)", re.DOTALL)


def routing_of(info: PluginInfo, action: Action) -> RoutingSemantics:
    """The routing semantics of an action as they are sent; the declarations must be valid."""
    if action.routing_semantics is not None:
        return normalized_routing(action.routing_semantics)
    return _derived(info, action)


def derived_actions(schema: PluginSchema) -> list[str]:
    """The names of the actions that have no routing semantics of their own."""
    return [action.name for action in schema.actions if action.routing_semantics is None]


def normalized_routing(semantics: RoutingSemantics) -> RoutingSemantics:
    """Routing semantics as engines normalise them before they check them.

    Texts are trimmed, domains are in lower case, blank items are dropped, and lists are sorted.
    Values of a wrong type are left as they are.
    """
    as_text, as_domain = str.strip, _trimmed_domain
    changes: dict[str, Callable[[str], str]] = {
        "schema_version": as_text,
        "accepted_intent_domains": as_domain,
        "capability_domain": as_domain,
        "positive_use_cases": as_text,
        "negative_use_cases": as_text,
        "signal_domains": as_domain,
        "backend_domains": as_domain,
        "entity_types": as_domain,
    }
    normalized = RoutingSemantics([], "", [])
    for name, change in changes.items():
        setattr(normalized, name, _normalized(value_of(semantics, name), change))
    return normalized


def intents_of(info: PluginInfo, action: Action) -> list[IntentPattern]:
    """The intents of an action: its own, and those of the agent that name it.

    A phrase that is declared several times counts once: a pattern of the action overrides one of
    the agent, which overrides a phrase without a priority.
    """
    phrases = {text: IntentPattern(text) for text in action.intents if isinstance(text, str)}
    named = {found.pattern: found for found in info.intent_patterns if found.action == action.name}
    own = {found.pattern: found for found in action.intents if isinstance(found, IntentPattern)}
    order = [found if isinstance(found, str) else found.pattern for found in action.intents]
    best = phrases | named | own
    return [best[pattern] for pattern in dict.fromkeys([*order, *named])]


def _derived(info: PluginInfo, action: Action) -> RoutingSemantics:
    stages = action.stages or info.devops_stages
    sentence = _FIRST_SENTENCE.match(" ".join(action.description.split()))
    texts = [sentence.group() if sentence is not None else action.description]
    texts += [intent.pattern for intent in intents_of(info, action)]
    return normalized_routing(
        RoutingSemantics(
            accepted_intent_domains=list(dict.fromkeys(_domain(s, info.name) for s in stages)),
            capability_domain=_domain(stages[0], info.name, action.name),
            positive_use_cases=_use_cases(texts),
        )
    )


def _use_cases(texts: Iterable[str]) -> list[str]:
    """Each text once, short enough, and no more of them than a list may have."""
    cut = (text.strip()[:LONGEST_USE_CASE].strip() for text in texts)
    by_words: dict[str, str] = {}
    for text in cut:
        by_words.setdefault(text.casefold(), text)
    return list(by_words.values())[:LONGEST_LIST]


def _domain(stage: str, *names: str) -> str:
    """The domain of a stage, an agent and perhaps an action, in the syntax of domains."""
    start = f"{_ROOT}.{stage}"
    most = (LONGEST_DOMAIN - len(start)) // len(names) - len(".")
    return ".".join([start, *(_domain_parts(name)[:most].rstrip(".") for name in names)])


def _domain_parts(name: str) -> str:
    """A name as parts of a domain: lower case, and each part begins with a letter."""
    plain = _NOT_IN_A_DOMAIN.sub("-", name.strip().lower())
    parts = [part.rstrip("-") for part in plain.split(".") if part.strip("-_")]
    return ".".join(part if part[0].isalpha() else f"n{part}" for part in parts) or "agent"


def _trimmed_domain(text: str) -> str:
    return text.strip().lower()


def _normalized(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if not isinstance(value, list | tuple):
        return value
    texts = [change(item) for item in value if isinstance(item, str)]
    others = [item for item in value if not isinstance(item, str)]
    return [*sorted(filter(None, texts)), *others]
