"""The values of enumerations and literals, each as JSON and as the Python object that it means."""

import enum
from collections.abc import Iterable

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.types.shapes import Choice
from mirastack_sdk._text import compact_json
from mirastack_sdk.errors import ResultError


def choices_of_enum(kind: type[enum.Enum]) -> list[Choice]:
    """The members of an enumeration, each once, with the names of its aliases.

    Raises `ValueError` if there are none, for a member whose value JSON cannot express, and for two
    whose values are the same in JSON.
    """
    if not kind.__members__:
        raise ValueError(f"{kind.__name__} has no members")
    names: dict[str, list[str]] = {}
    for name, member in kind.__members__.items():
        names.setdefault(member.name, []).append(name)
    return _each_different(_choice(kind[first], tuple(known)) for first, known in names.items())


def choices_of_literal(values: Iterable[object]) -> list[Choice]:
    """The values of a literal.

    Raises `ValueError` for one that JSON cannot express, and for two that are the same in JSON.
    """
    return _each_different(
        _choice(value, (value.name,) if isinstance(value, enum.Enum) else ()) for value in values
    )


def _each_different(choices: Iterable[Choice]) -> list[Choice]:
    known: dict[str, Choice] = {}
    for choice in choices:
        written = compact_json(choice.value)
        if (other := known.setdefault(written, choice)) is not choice:
            raise ValueError(f"{other.given!r} and {choice.given!r} are both {written} in JSON")
    return list(known.values())


def _choice(given: object, names: tuple[str, ...]) -> Choice:
    try:
        value = json_value(given)
    except ResultError as error:
        reason = str(error).removeprefix("the result ").partition(", which")[0]
        raise ValueError(f"JSON cannot express the value of {given}: it {reason}") from error
    return Choice(
        value=value,
        given=given,
        text=value if isinstance(value, str) else compact_json(value),
        names=names,
    )
