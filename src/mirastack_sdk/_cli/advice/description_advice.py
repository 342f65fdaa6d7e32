"""Advice about the descriptions by which a language model chooses an action."""

import re
from collections.abc import Iterator

from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent, place_of
from mirastack_sdk._cli.advice.finding import Finding, finding
from mirastack_sdk._cli.advice.own_words import own_words, repeats_name, words_of
from mirastack_sdk._core.model.declarations import Action

_FEWEST_WORDS = 4
# Languages without blanks between words say as much in a few characters.
_FEWEST_CHARACTERS = 20
_SAYS_WHEN = re.compile(
    r"""\b (?: (?:use|call|choose|prefer|run|pick) \s+
               (?:this|it|when|whenever|to|for|if|only|after|before|instead|first)
           | when(?:ever)? \s+ (?: (?:an?|the|any) \s+ )?
             (?:you|users?|operators?|engineers?|someone|somebody|people|asked)
           | (?:useful|suitable|meant|intended) \s+ (?:for|when|to|if)
           | if \s+ (?: (?:an?|the) \s+ )? (?:you|users?|someone|somebody) \b ) """,
    re.VERBOSE | re.IGNORECASE,
)


def description_advice(agent: AdvisedAgent) -> Iterator[Finding]:
    """Findings about the descriptions of actions and config parameters."""
    for action in agent.schema.actions:
        yield from _action_advice(action)
    yield from _same_descriptions(agent)
    for config in agent.info.config_params:
        if repeats_name(config.key, own_words(config.description)):
            yield repeated_name(f"config {config.key}", config.description)


def _action_advice(action: Action) -> Iterator[Finding]:
    text, place, name = action.description.strip(), place_of(action), action.name
    if repeats_name(name, text):
        yield repeated_name(place, text, name)
    elif len(words_of(text)) < _FEWEST_WORDS and len(text) < _FEWEST_CHARACTERS:
        what = f'the description "{text}" says too little to choose the action by'
        yield finding("MA101", place, what, action=name)
    elif action.routing_semantics is None and _SAYS_WHEN.search(text) is None:
        what = "the description does not say when to use the action"
        yield finding("MA103", place, what, action=name)


def repeated_name(place: str, description: str, action: str = "") -> Finding:
    """The finding about a description that says only what the name says."""
    what = f'the description "{own_words(description)}" only repeats the name'
    return finding("MA102", place, what, action=action)


def _same_descriptions(agent: AdvisedAgent) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for action in agent.schema.actions:
        text = " ".join(words_of(action.description))
        if text in first:
            what = f"the description is the same as that of {first[text]}"
            yield finding("MA104", place_of(action), what, action=action.name)
        first.setdefault(text, action.name)
