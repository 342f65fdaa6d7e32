"""The limits of values in words, where JSON Schema has no keyword or too few digits for them."""

import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from pydantic.types import PathType

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._core.contract.config_values import duration_text
from mirastack_sdk._text import parameter_text
from mirastack_sdk.errors import ResultError

_BOUNDS: Mapping[str, str] = MappingProxyType(
    {
        "ge": ">= {}",
        "gt": "> {}",
        "le": "<= {}",
        "lt": "< {}",
        "multiple_of": "a multiple of {}",
        "max_digits": "at most {} digits",
        "decimal_places": "at most {} decimal places",
    }
)
"""pydantic's names of limits, and the words for each."""
_NOW: Mapping[object, str] = MappingProxyType({"past": "in the past", "future": "in the future"})
_BUILTIN: Mapping[object, str] = MappingProxyType(
    {
        str.isupper: "in upper case",
        str.islower: "in lower case",
        str.istitle: "in title case",
        str.isdigit: "only digits",
        str.isdecimal: "only digits",
        str.isnumeric: "only digits",
        str.isalpha: "only letters",
        str.isalnum: "only letters and digits",
        str.isascii: "only ASCII characters",
        str.isprintable: "only printable characters",
        str.isidentifier: "an identifier",
        math.isfinite: "finite",
        math.isinf: "infinite",
        math.isnan: "NaN",
    }
)
"""The predicates of annotated-types, and others of their kind."""
_PATHS: Mapping[object, str] = MappingProxyType(
    {
        PathType.validate_new: "not existing yet, in an existing directory",
        PathType.validate_socket: "an existing socket",
    }
)
_UNNAMED = "meeting a further condition"


def bounds(limits: Mapping[str, object], *, unit: type | None = None) -> list[str]:
    """The words for the limits in a schema of pydantic; numbers are limits in a `unit`."""
    found = [
        words.format(_written(limits[key], unit))
        for key, words in _BOUNDS.items()
        if limits.get(key) is not None
    ]
    return [_singular(words) for words in found] + [
        words for words in [_NOW.get(limits.get("now_op"))] if words
    ]


def lengths(unit: str, least: object, most: object) -> list[str]:
    """The words for the smallest and the largest number of units, such as bytes."""
    named = (("at least", least), ("at most", most))
    return [
        f"{words} {count} {unit}{'' if count == 1 else 's'}"
        for words, count in named
        if count is not None
    ]


def pattern_text(pattern: object) -> str:
    """A pattern as text, with the flag of a compiled one that changes its meaning most."""
    if not isinstance(pattern, re.Pattern):
        return str(pattern)
    return f"{pattern.pattern} in any case" if pattern.flags & re.IGNORECASE else pattern.pattern


def text_limit(step: Mapping[str, object]) -> Mapping[str, object]:
    """The limit of text that pydantic has added to another type as a step, or nothing."""
    inner, function = _part(step, "schema"), _part(step, "function")
    is_own = getattr(function.get("function"), "__module__", "").startswith("pydantic.")
    return inner if is_own and inner.get("type") == "str" else {}


def is_secret(schema: Mapping[str, object]) -> bool:
    """Whether a schema is that of pydantic's `Secret[...]`, which has no mark of its own."""
    function = _part(_part(schema, "python_schema"), "function").get("function")
    name: str = getattr(function, "__qualname__", "")
    return getattr(function, "__module__", "") == "pydantic.types" and name.startswith("Secret.")


def _part(schema: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = schema.get(key)
    return found if isinstance(found, dict) else {}


def limits_of(function: object) -> Mapping[str, object]:
    """The limits that a function of pydantic's checks, by pydantic's names for them."""
    if not isinstance(function, functools.partial) or not _is_own(function):
        return {}
    return function.keywords


def _is_own(function: "functools.partial[object]") -> bool:
    """Whether a function is one of pydantic's checks, with its limit."""
    return function.func.__module__.startswith("pydantic.")


def checks(function: object) -> list[str]:
    """The words for a function that pydantic calls with a converted value."""
    if isinstance(function, functools.partial):
        return bounds(limits_of(function))
    if path := _known(_PATHS, function):
        return [path]
    return [_predicate(found) for found in _closed_over(function)]


def _closed_over(function: object) -> Iterator[object]:
    """The predicate of annotated-types that a function of pydantic's checks."""
    cells: Iterable[object] = getattr(function, "__closure__", None) or ()
    for cell in cells:
        found: object = getattr(cell, "cell_contents", None)
        if type(found).__module__ == "annotated_types" and hasattr(found, "func"):
            yield found


def _predicate(predicate: object) -> str:
    """The words for a predicate of annotated-types, or for the function in it."""
    inner: object = getattr(predicate, "func", None)
    if type(predicate).__module__ == "annotated_types" and inner is not None:
        is_negated = type(predicate).__name__ == "Not"
        words = _predicate(inner)
        return f"not {words}" if is_negated and words != _UNNAMED else words
    while isinstance(predicate, functools.partial):
        predicate = predicate.func
    if words := _known(_BUILTIN, predicate):
        return words
    name: str = getattr(predicate, "__name__", type(predicate).__name__)
    return _UNNAMED if name == "<lambda>" else name.strip("_").replace("_", " ")


def _known(table: Mapping[object, str], function: object) -> str:
    # The author's object may have no hash.
    return next((words for known, words in table.items() if known is function), "")


def _singular(words: str) -> str:
    return words.removesuffix("s") if words.startswith("at most 1 ") else words


def _written(limit: object, unit: type | None) -> str:
    if unit is timedelta and isinstance(limit, int | float):
        limit = timedelta(seconds=limit)
    match limit:
        case timedelta():
            return duration_text(limit)
        case Decimal():
            return _digits(limit)
        case int() | float() | Fraction():
            return str(limit)
        case _:
            return _text(limit)


def _digits(limit: Decimal) -> str:
    """A decimal without an exponent, unless that would be long."""
    plain = format(limit, "f")
    return plain if len(plain) <= 40 else str(limit)


def _text(limit: object) -> str:
    try:
        return parameter_text(json_value(limit))
    except ResultError:
        return str(limit)
