"""The values of enumerations and literals, each as JSON and as the Python object that it means."""

import enum
from collections.abc import Iterable, Iterator

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.types.shapes import Choice
from mirastack_sdk._text import compact_json
from mirastack_sdk.errors import ResultError


def choices_of_enum(kind: type[enum.Enum]) -> list[Choice]:
    """The members of an enumeration, each once, with the names of its aliases.

    Raises `ValueError` if there are none, or for a member whose value JSON cannot express.
    """
    if not kind.__members__:
        raise ValueError(f"{kind.__name__} has no members")
    names: dict[str, list[str]] = {}
    for name, member in kind.__members__.items():
        names.setdefault(member.name, []).append(name)
    return [_choice(kind[first], tuple(known)) for first, known in names.items()]


def choices_of_literal(values: Iterable[object]) -> Iterator[Choice]:
    """The values of a literal; raises `ValueError` for one that JSON cannot express."""
    for value in values:
        yield _choice(value, (value.name,) if isinstance(value, enum.Enum) else ())


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
