"""Advice about the inputs and outputs of actions."""

import re
from collections.abc import Iterator

from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent, place_of
from mirastack_sdk._cli.advice.description_advice import repeated_name
from mirastack_sdk._cli.advice.finding import Finding, finding
from mirastack_sdk._cli.advice.own_words import own_words, repeats_name, words_of
from mirastack_sdk._core.model.declarations import Action, ParamSchema

_WHOLE_RESULT = ["result"]
_NUMBERS = ("integer", "number")
_STARTS = frozenset(("begin", "from_time", "since", "start", "start_date", "start_time"))
_ENDS = frozenset(("end", "end_date", "end_time", "to_time", "until"))
_POINTS = frozenset((*_STARTS, *_ENDS, "time", "timestamp"))
_LENGTHS = frozenset(
    (
        *("age", "cooldown", "delay", "duration", "interval", "latency", "lookback", "period"),
        *("resolution", "retention", "step", "timeout", "ttl", "uptime", "wait", "window"),
    )
)
_SIZES = frozenset(("bandwidth", "disk", "memory", "storage"))
_NAMED_UNITS = frozenset(
    (
        *("bytes", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "pct", "percent", "ratio"),
        *("ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "millis", "milliseconds"),
        *("minute", "minutes", "mins", "hour", "hours", "day", "days", "week", "weeks", "month"),
        *("months", "year", "years", "epoch", "unix", "iso", "iso8601", "rfc3339"),
    )
)
_SAID_UNIT = re.compile(
    r"""%  | \d | \bFormat: | \b(?: such\ as | e\.g\. | for\ example | (?:nano|micro|milli)?seconds?
        | [mnu]?s(?:ecs?)? | minutes? | hours? | days? | weeks? | months? | years? | bytes?
        | [kmgt]i?b | per\ ?cent(?:age)? | epoch | unix | iso[\s-]?8601 | rfc[\s-]?3339 | cores? )\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_USES_RANGE = frozenset(("time_range", "TimeRange", "OrLast"))


def parameter_advice(agent: AdvisedAgent) -> Iterator[Finding]:
    """Findings about inputs, outputs and the time range."""
    for action, place, name, param in agent.inputs():
        yield from _input_advice(action, place, name, param)
    for action in agent.schema.actions:
        yield from _output_advice(action)
    if not any(module.names() & _USES_RANGE for module in agent.sources):
        yield from _ignored_range(agent)


def _input_advice(action: Action, place: str, name: str, param: ParamSchema) -> Iterator[Finding]:
    """The most useful finding about one input: a better description answers the others."""
    described = own_words(param.description)
    if not described:
        what = "the parameter has no description"
        yield finding("MA201", place, what, action=action.name)
    elif _lacks_unit(name, param):
        what = "neither the name nor the description says the unit"
        if param.type == "string":
            what = "the description does not say how to write the time"
        yield finding("MA204", place, what, action=action.name)
    elif repeats_name(name, described):
        yield repeated_name(place, described, action.name)


def _output_advice(action: Action) -> Iterator[Finding]:
    if not action.output_params:
        what = "the action declares no outputs"
        yield finding("MA203", place_of(action), what, action=action.name)
    # What the action's own description says.
    is_whole = list(action.output_params) == _WHOLE_RESULT
    for name, param in action.output_params.items():
        place, described = f"{place_of(action)}, output {name}", own_words(param.description)
        if not is_whole and not param.description.strip():
            yield finding("MA202", place, "the output has no description", action=action.name)
        elif repeats_name(name, described):
            yield repeated_name(place, described, action.name)


def _lacks_unit(name: str, param: ParamSchema) -> bool:
    """Whether a number or a text is a time or a size of which nobody says the unit."""
    words = words_of(name)
    is_time = name in _POINTS or words[-1] in ("timestamp", *_LENGTHS)
    if param.type in _NUMBERS:
        is_measured = is_time or words[-1] in _SIZES
    else:
        is_measured = is_time and param.type == "string" and not param.enum
    if not is_measured or _NAMED_UNITS.intersection(words):
        return False
    return _SAID_UNIT.search(param.description) is None


def _ignored_range(agent: AdvisedAgent) -> Iterator[Finding]:
    if not agent.sources:
        return
    for action in agent.schema.actions:
        names = action.input_params.keys()
        starts, ends = sorted(names & _STARTS), sorted(names & _ENDS)
        if starts and ends:
            what = f"it takes {starts[0]} and {ends[0]}, and ignores the time range of the request"
            yield finding("MA205", place_of(action), what, action=action.name)
