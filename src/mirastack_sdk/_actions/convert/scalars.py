"""The readers of single values: numbers, booleans, times, bytes and choices from text."""

import base64
import binascii
import cmath
import enum
import functools
import json
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from mirastack_sdk._actions.types.shapes import Choice
from mirastack_sdk._core.contract.config_values import parse_duration
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._text import refuse_constant


class _Unread:
    """The type of `UNREAD`, which means that a text is not a value of the wanted kind."""


UNREAD = _Unread()

NULLS = frozenset({"", "null", "none"})
"""The texts that mean null, in lower case."""

_BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "on", "1", "y", "t"), True),
    **dict.fromkeys(("false", "no", "off", "0", "n", "f"), False),
}
_STRICT_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}

_MOST_DIGITS = 4000
_INTEGER = re.compile(rf"[+-]?\d{{1,{_MOST_DIGITS}}}(?:\.0{{0,{_MOST_DIGITS}}})?")
_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_COMPACT = re.compile(
    r"(?P<date>\d{8}|(?:19|20)\d{6}(?=\d))"
    r"(?:[T ]?(?P<time>\d{6}(?:[.,]\d{1,6})?|\d{4}))?(?P<zone>Z|[+-]\d{2}:?\d{2}|)"
)
# A year, a month or a day of a year: as seconds, they would be in January 1970.
_PART_OF_A_DATE = re.compile(r"(?:19|20|21)\d{2}(?:0[1-9]|1[0-2]|[0-3]\d{2})?")
_DATETIMES = TypeAdapter(datetime)
_DURATIONS = TypeAdapter(timedelta)
_BETWEEN_FLAGS = re.compile(r"[|,]")


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number of a JSON text that is not whole, as it is written there."""

    text: str

    @property
    def value(self) -> float:
        """The number itself; infinite if it is too large."""
        return float(self.text)


def plain_json(value: object) -> object:
    """A JSON value with numbers in place of written ones."""
    match value:
        case WrittenNumber():
            return value.value
        case list():
            return [plain_json(part) for part in value]
        case dict():
            return {name: plain_json(part) for name, part in value.items()}
        case _:
            return value


def parsed_json(text: str) -> object:
    """The value of a JSON text, with each `WrittenNumber` in it, or `UNREAD`."""
    try:
        value: object = json.loads(text, parse_constant=refuse_constant, parse_float=WrittenNumber)
    except (ValueError, RecursionError):
        return UNREAD
    return value


def unquoted(text: str) -> str:
    """A text without superfluous JSON quotes: `5` for `"5"`."""
    stripped = text.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] == '"':
        inner = parsed_json(stripped)
        if isinstance(inner, str):
            return inner
    return text


def read_boolean(text: str, *, strict: bool) -> object:
    """True or false; if `strict`, only from the words `true` and `false`."""
    words = _STRICT_BOOLEANS if strict else _BOOLEANS
    return words.get(text.strip().lower(), UNREAD)


def read_integer(text: str) -> object:
    """A whole number, also one written as `5.0` or `1e3`."""
    stripped = text.strip()
    if _INTEGER.fullmatch(stripped):
        return int(stripped.partition(".")[0])
    if len(stripped) > _MOST_DIGITS or has_endless_digits(stripped):
        return UNREAD
    if read_number(stripped) is UNREAD:
        return UNREAD
    # A float would round a large number.
    numerator, denominator = Decimal(stripped).as_integer_ratio()
    return numerator if denominator == 1 else UNREAD


def read_number(text: str) -> object:
    """A finite number."""
    try:
        value = float(text.strip())
    except ValueError:
        return UNREAD
    return value if math.isfinite(value) else UNREAD


def is_infinite(text: str) -> bool:
    """Whether a text is NaN, infinite, or too large for a finite number."""
    try:
        return not math.isfinite(float(text.strip()))
    except ValueError:
        return False


def has_endless_digits(text: str) -> bool:
    """Whether a number has an exponent with which it would have thousands of digits."""
    exponent = text.lower().partition("e")[2].strip().lstrip("+-").replace("_", "").lstrip("0")
    return exponent.isdecimal() and len(exponent) > 3


def read_choice(text: str, choices: Sequence[Choice]) -> object:
    """The Python value of the choice that a text names.

    The text is compared with the values, then with the names of members, then with both without
    regard to case, then as a number with the values. If a number and a string have the same text,
    the first counts. Members of a `Flag` may be combined: `3`, `READ|WRITE`.
    """
    exact = parsed_json(text)
    if isinstance(exact, str | list | dict) and (found := chosen(exact, choices)) is not UNREAD:
        return found
    stripped = unquoted(text).strip()
    for same in (_same, _same_in_any_case):
        for texts_of in (_texts_of, _names_of):
            named = [
                choice.given
                for choice in choices
                if any(same(known, stripped) for known in texts_of(choice))
            ]
            if len(named) == 1 or (named and same is _same):
                return named[0]
    parts = [part.strip() for part in _BETWEEN_FLAGS.split(stripped)]
    if len(parts) > 1 and _flag_of(choices) is not None:
        return _combined([read_choice(part, choices) for part in parts])
    number = parsed_json(stripped)
    found = chosen(number, choices)
    if found is UNREAD and isinstance(number, int) and not isinstance(number, bool):
        return chosen(WrittenNumber(stripped), choices)
    return found


def chosen(value: object, choices: Iterable[Choice]) -> object:
    """The Python value of the choice with this JSON value, or `UNREAD`."""
    known = tuple(choices)
    for choice in known:
        if _is_chosen(choice, value):
            return choice.given
    if not known or not isinstance(value, int) or isinstance(value, bool):
        return UNREAD
    flag = _flag_of(known)
    if flag is None:
        return UNREAD
    bits = functools.reduce(operator.or_, (member.value for member in flag))
    return flag(value) if value & bits == value else UNREAD


def _flag_of(choices: Sequence[Choice]) -> type[enum.Flag] | None:
    """The class whose members the choices are, if these can be combined."""
    kinds = {type(choice.given) for choice in choices}
    kind = kinds.pop() if len(kinds) == 1 else None
    return kind if kind is not None and issubclass(kind, enum.Flag) else None


def _combined(parts: Iterable[object]) -> object:
    found = list(parts)
    flags = [part for part in found if isinstance(part, enum.Flag)]
    return functools.reduce(operator.or_, flags) if len(flags) == len(found) else UNREAD


def _is_chosen(choice: Choice, value: object) -> bool:
    if isinstance(value, WrittenNumber):
        return _is_number(choice, value)
    return _same_json(choice.value, plain_json(value))


def _is_number(choice: Choice, number: WrittenNumber) -> bool:
    given = choice.given.value if isinstance(choice.given, enum.Enum) else choice.given
    if isinstance(given, Decimal) or (isinstance(given, int) and not isinstance(given, bool)):
        # An engine may write 1.10 as 1.1, and a float would round both.
        return given == Decimal(number.text)
    return _same_json(choice.value, number.value)


def _same_json(one: object, other: object) -> bool:
    # In Python, true is 1.
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _texts_of(choice: Choice) -> tuple[str, ...]:
    return (choice.text,)


def _names_of(choice: Choice) -> tuple[str, ...]:
    return choice.names


def _same(one: str, other: str) -> bool:
    return one == other


def _same_in_any_case(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def read_formatted(text: str, format_name: str) -> object:
    """A value of a string format: a time, a duration or bytes."""
    reader = _FORMATS.get(format_name)
    return text if reader is None else reader(text.strip())


def read_datetime(text: str, zone: tzinfo = UTC) -> object:
    """A date and time; without an offset it is in `zone`: UTC, as all times of the engine are."""
    if _PART_OF_A_DATE.fullmatch(text):
        return UNREAD
    try:
        moment = _compact_datetime(text) or _DATETIMES.validate_python(text)
    except ValueError:  # that of pydantic is one too
        return UNREAD
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def looks_like_date(text: str) -> bool:
    """Whether a text is a date without separators, or a part of one; it may be on no calendar."""
    text = text.strip()
    return bool(_COMPACT.fullmatch(text) or _PART_OF_A_DATE.fullmatch(text))


def _compact_datetime(text: str) -> datetime | None:
    """A date and time without separators, which is no number of seconds; raises `ValueError`."""
    written = _COMPACT.fullmatch(text)
    if written is None:
        return None
    time_of_day = f"T{written['time']}" if written["time"] else ""
    return datetime.fromisoformat(f"{written['date']}{time_of_day}{written['zone']}")


def _read_date(text: str) -> object:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else UNREAD
    except ValueError:
        return UNREAD


def _read_duration(text: str) -> object:
    try:
        value = parse_duration(text)
        return _DURATIONS.validate_python(text) if value is None else value
    except (OverflowError, ValidationError):
        return UNREAD


def _read_bytes(text: str) -> object:
    try:
        padded = text.replace("-", "+").replace("_", "/")
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return UNREAD


def _read_complex(text: str) -> object:
    try:
        value = complex(text)
    except ValueError:
        return UNREAD
    return value if cmath.isfinite(value) else UNREAD


_FORMATS: Mapping[str, Callable[[str], object]] = {
    "date-time": read_datetime,
    "date": _read_date,
    "duration": _read_duration,
    "binary": _read_bytes,
    "complex": _read_complex,
}
