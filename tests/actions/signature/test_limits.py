"""The limits of values are described in words."""

import re
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal, TypedDict
from zoneinfo import ZoneInfo

import annotated_types as at
import pydantic as pd
import pytest
from pydantic import Field

from mirastack_sdk._actions.types.adapters import output_type, typed_value
from mirastack_sdk._actions.types.in_words import in_words
from tests.actions.agents import new_agent

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SIZE = "number of bytes such as 1024, 10MB or 1.5GiB"
DURATION = "duration such as 5m, 1h30m or PT5M"
MOMENT = "date and time such as 2026-04-08T12:00:00Z"


def is_even(number: int) -> bool:
    """Whether a number is even."""
    return number % 2 == 0


def is_above(least: int, number: int) -> bool:
    """Whether a number is above another."""
    return number > least


@dataclass
class Odd:
    """A predicate without a hash."""

    def __call__(self, number: int) -> bool:
        """Whether a number is odd."""
        return number % 2 == 1


class Order(pd.BaseModel):
    """A model with limits."""

    within: Annotated[timedelta, Field(le=DAY)]
    total: Annotated[Decimal, Field(gt=0, decimal_places=2)]


class Digits(pd.BaseModel):
    """A model that reads bytes as hexadecimal digits."""

    model_config = pd.ConfigDict(val_json_bytes="hex")
    data: bytes


@dataclass
class Speed:
    """A dataclass with a unit."""

    speed: Annotated[float, "How fast", at.Unit("m/s")]


class Booking(TypedDict):
    """A dictionary with limits."""

    at: pd.FutureDate


WORDS: dict[str, tuple[object, str]] = {
    "duration": (
        Annotated[timedelta, Field(ge=MINUTE, lt=7 * DAY)],
        f"string ({DURATION}, >= 1m, < 168h)",
    ),
    "optional-duration": (
        Annotated[timedelta | None, Field(gt=timedelta(0))],
        f"string ({DURATION}, > 0s) or null",
    ),
    "duration-in-seconds": (Annotated[timedelta, at.Le(90)], f"string ({DURATION}, <= 1m30s)"),
    "steps": (Annotated[timedelta, at.MultipleOf(5)], f"string ({DURATION}, a multiple of 5s)"),
    "date": (
        Annotated[date, Field(ge=date(2020, 1, 1), le=date(2030, 1, 1))],
        "string (date such as 2026-04-08, >= 2020-01-01, <= 2030-01-01)",
    ),
    "past-date": (pd.PastDate, "string (date such as 2026-04-08, in the past)"),
    "moment": (
        Annotated[datetime, Field(gt=datetime(2020, 1, 1, tzinfo=UTC))],
        f"string ({MOMENT}, > 2020-01-01T00:00:00Z)",
    ),
    "future-moment": (pd.FutureDatetime, f"string ({MOMENT}, in the future)"),
    "time": (Annotated[time, Field(lt=time(17))], "string (time such as 12:00:00, < 17:00:00)"),
    "decimal": (
        Annotated[Decimal, Field(max_digits=5, decimal_places=1, ge=0)],
        "number (>= 0, at most 5 digits, at most 1 decimal place)",
    ),
    "exact-decimal": (
        Annotated[Decimal, Field(gt=Decimal("0.10000000000000000001"), lt=Decimal("1E+3"))],
        "number (> 0.10000000000000000001, < 1000)",
    ),
    "fraction": (
        Annotated[Fraction, Field(ge=Fraction(1, 3))],
        "string (fraction such as 1/3 or 0.25, >= 1/3)",
    ),
    "unit": (Annotated[float, at.Unit("m/s"), at.Gt(0)], "number (> 0, in m/s)"),
    "optional-unit": (Annotated[float, at.Unit("s")] | None, "number (in s) or null"),
    "unit-of-items": (list[Annotated[int, at.Unit("s")]], "array of integer (in s)"),
    "unit-of-a-field": (Speed, "object {speed: number (in m/s) (How fast)}"),
    "size": (pd.ByteSize, f"string ({SIZE})"),
    "size-with-limits": (
        Annotated[pd.ByteSize, Field(ge=1, le=1024)],
        f"string ({SIZE}, >= 1, <= 1024)",
    ),
    "optional-size": (pd.ByteSize | None, f"string ({SIZE}) or null"),
    "complex": (complex, "string (complex number such as 1+2j)"),
    "file": (pd.FilePath, "string (path of an existing file)"),
    "folder": (pd.DirectoryPath, "string (path of an existing directory)"),
    "new-path": (pd.NewPath, "string (path, not existing yet, in an existing directory)"),
    "socket": (pd.SocketPath, "string (path, an existing socket)"),
    "predicate": (Annotated[int, at.Predicate(is_even)], "integer (is even)"),
    "partial": (Annotated[int, at.Predicate(partial(is_above, 3))], "integer (is above)"),
    "object": (Annotated[int, at.Predicate(Odd())], "integer (Odd)"),
    "lambda": (
        Annotated[int, at.Predicate(lambda number: number != 3)],
        "integer (meeting a further condition)",
    ),
    "method": (Annotated[Path, at.Predicate(Path.is_absolute)], "string (path, is absolute)"),
    "upper-case": (at.UpperCase[str], "string (in upper case)"),
    "digits": (at.IsDigit[str], "string (only digits)"),
    "ascii": (at.IsAscii[str], "string (only ASCII characters)"),
    "not": (Annotated[str, at.Predicate(at.Not(str.isupper))], "string (not in upper case)"),
    "not-alone": (Annotated[int, at.Not(is_even)], "integer (not is even)"),
    "choice": (
        Annotated[Literal["a", "b"], at.Predicate(str.islower)],
        '"a" | "b" (in lower case)',
    ),
    "pattern-of-a-choice": (
        Annotated[Literal["ab", "b"], Field(pattern="^a")],
        '"ab" | "b" (matching ^a)',
    ),
    "multiple": (Annotated[int, at.MultipleOf(5)], "integer (a multiple of 5)"),
    "interval": (Annotated[int, at.Interval(ge=1, lt=10)], "integer (>= 1, < 10)"),
    "text": (Annotated[str, at.Len(1, 5)], "string (at least 1 character, at most 5 characters)"),
    "bytes": (Annotated[bytes, at.Len(1, 4)], "string (base64, at least 1 byte, at most 4 bytes)"),
    "deque": (Annotated[deque[int], at.MaxLen(2)], "array of integer (at most 2 items)"),
    "secret": (Annotated[pd.SecretStr, Field(min_length=8)], "string (at least 8 characters)"),
    "union": (
        Annotated[int | Decimal, Field(ge=1)],
        "integer (>= 1) or number (>= 1)",
    ),
    "lengths": (
        Annotated[list[int] | str, at.MinLen(2)],
        "array of integer (at least 2 items) or string (at least 2 characters)",
    ),
    "address": (
        Annotated[IPv4Address, Field(ge=IPv4Address("10.0.0.0"))],
        "string (IPv4 address, >= 10.0.0.0)",
    ),
    "uuid": (pd.UUID7, "string (UUID of version 7)"),
    "url": (pd.HttpUrl, "string (URL, beginning with http:// or https://)"),
    "short-url": (
        Annotated[pd.AnyUrl, pd.UrlConstraints(max_length=20)],
        "string (URL, at most 20 characters)",
    ),
    "database": (pd.PostgresDsn, "string (URL, beginning with postgres:// or postgresql://)"),
    "any-case": (
        Annotated[str, Field(pattern=re.compile("^(?!x)", re.IGNORECASE))],
        "string (matching ^(?!x) in any case)",
    ),
    "patterns": (
        Annotated[str | pd.Base64Str, Field(pattern="^a")],
        "string (matching ^a) or string (base64, matching ^a)",
    ),
    "item": (
        list[Annotated[date, Field(ge=date(2020, 1, 1))]],
        "array of string (date such as 2026-04-08, >= 2020-01-01)",
    ),
    "key": (
        dict[at.LowerCase[str], pd.FilePath],
        "object {[string (in lower case)]: string (path of an existing file)}",
    ),
    "model": (
        Order,
        (
            f"object {{within: string ({DURATION}, <= 24h), "
            "total: number (> 0, at most 2 decimal places)}"
        ),
    ),
    "typed-dict": (Booking, "object {at: string (date such as 2026-04-08, in the future)}"),
    "embedded": (
        pd.Json[list[Annotated[int, at.Predicate(is_even)]]],
        "string (JSON: array of integer (is even))",
    ),
    "naive": (
        Annotated[datetime, at.Timezone(None)],
        "string (date and time without an offset, such as 2026-04-08T12:00:00)",
    ),
}


@pytest.mark.parametrize(("kind", "words"), WORDS.values(), ids=WORDS)
def test_a_limit_is_described(kind: object, words: str) -> None:
    """A model reads which values are allowed, exactly and in the words of the type."""
    shape = typed_value(kind).shape
    assert in_words(shape.root, shape) == words


def test_the_limits_of_a_result_are_described() -> None:
    """What an action returns has limits too."""
    shape = output_type(Annotated[timedelta, Field(le=DAY)]).shape
    assert in_words(shape.root, shape) == "string (duration such as PT5M, <= 24h)"


async def _answer(kind: object, text: str) -> object:
    agent = new_agent()

    async def take(value: object) -> None:
        """Take a value."""
        taken.append(value)

    taken: list[object] = []
    take.__annotations__["value"] = kind
    agent.action(take)
    result = await agent.call("take", value=text)
    return taken[0] if taken else result.logs[1]


WRONG: dict[str, tuple[object, str, str]] = {
    "predicate": (
        Annotated[int, at.Predicate(is_even)],
        "3",
        "value: expected integer (is even), got 3",
    ),
    "duration": (
        Annotated[timedelta, Field(ge=MINUTE)],
        "30s",
        f'value: expected string ({DURATION}, >= 1m), got "0:00:30"',
    ),
    "decimal": (
        Annotated[Decimal, Field(decimal_places=2)],
        "1.234",
        'value: expected number (at most 2 decimal places), got "1.234"',
    ),
    "bytes": (
        Annotated[bytes, at.MinLen(2)],
        "AA==",
        'value: expected string (base64, at least 2 bytes), got "AA=="',
    ),
    "size": (pd.ByteSize, "10 XB", f'value: expected string ({SIZE}), got "10 XB"'),
    "infinite-complex": (
        complex,
        "infj",
        'value: expected string (complex number such as 1+2j), got "infj"',
    ),
    "hexadecimal": (
        Digits,
        '{"data": "zz"}',
        'value.data: expected string (hexadecimal), got "zz"',
    ),
    "aware": (
        Annotated[datetime, at.Timezone(None)],
        "2026-04-08T12:00:00Z",
        (
            "value: expected string (date and time without an offset, such as "
            '2026-04-08T12:00:00), got "2026-04-08T12:00:00Z"'
        ),
    ),
}


@pytest.mark.parametrize(("kind", "text", "sentence"), WRONG.values(), ids=WRONG)
async def test_a_wrong_value_is_reported_with_its_limit(
    kind: object, text: str, sentence: str
) -> None:
    """The model reads what is allowed, instead of the type that its value has."""
    assert await _answer(kind, text) == sentence


@pytest.mark.parametrize("wrap", [lambda kind: kind, lambda kind: kind | None], ids=["one", "none"])
async def test_a_time_zone_is_that_of_the_argument(wrap: Callable[[object], object]) -> None:
    """A moment is converted to the zone that its annotation demands, which pydantic ignores."""
    berlin = ZoneInfo("Europe/Berlin")
    for zone in ("Europe/Berlin", berlin):
        found = await _answer(wrap(Annotated[datetime, at.Timezone(zone)]), "2026-04-08T12:00:00Z")
        assert found == datetime(2026, 4, 8, 14, tzinfo=berlin)
        assert isinstance(found, datetime)
        assert found.tzinfo == berlin
    aware = await _answer(wrap(Annotated[datetime, at.Timezone(...)]), "2026-04-08")
    assert aware == datetime(2026, 4, 8, tzinfo=UTC)


async def test_a_uuid_of_another_version_is_reported() -> None:
    """The version is described."""
    text = str(uuid.UUID(int=0))
    assert await _answer(pd.UUID4, text) == (
        f'value: expected string (UUID of version 4), got "{text}"'
    )
