"""Any return value becomes JSON, or an error that names the failing part."""

import enum
import math
import uuid
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import NamedTuple

import pytest
from pydantic import AnyUrl, BaseModel, Field, RootModel, SecretStr

from mirastack_sdk._actions.result.encoded_text import Base64
from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk.results import ResultError
from tests.actions.time_zones import local_time_zone


class Level(enum.Enum):
    """How bad something is."""

    ERROR = "error"


@dataclass
class Line:
    """One line of a log."""

    at: datetime
    level: Level


class Point(NamedTuple):
    """A value at a moment."""

    at: float
    value: float


class Model(BaseModel):
    """A model with a name of its own in JSON."""

    start: datetime = Field(serialization_alias="from")
    url: AnyUrl
    password: SecretStr


class Numbers(RootModel[list[int]]):
    """A list with a name."""


NOON = datetime(2026, 4, 8, 12, tzinfo=UTC)
_TWO_EAST = timezone(timedelta(hours=2))

JSON: dict[str, tuple[object, object]] = {
    "none": (None, None),
    "boolean": (True, True),
    "integer": (2**70, 2**70),
    "float": (0.5, 0.5),
    "fraction": (Fraction(1, 4), "1/4"),
    "complex": (1.5 + 2j, "1.5+2j"),
    "text": ("a", "a"),
    "lone-surrogate": ("\ud800", "\ufffd"),
    "enumeration": (Level.ERROR, "error"),
    "moment-utc": (NOON, "2026-04-08T12:00:00Z"),
    "moment-offset": (NOON.astimezone(_TWO_EAST), "2026-04-08T14:00:00+02:00"),
    "moment-naive": (NOON.replace(tzinfo=None), "2026-04-08T12:00:00Z"),
    "moment-fraction": (NOON.replace(microsecond=500), "2026-04-08T12:00:00.000500Z"),
    "date": (date(2026, 4, 8), "2026-04-08"),
    "time": (time(12, 30), "12:30:00"),
    "duration": (timedelta(days=2, hours=1, seconds=1.5), "P2DT1H1.5S"),
    "duration-none": (timedelta(0), "PT0S"),
    "duration-negative": (-timedelta(minutes=90), "-PT1H30M"),
    "decimal": (Decimal("1.50"), "1.50"),
    "uuid": (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "path": (PurePosixPath("/a/b"), "/a/b"),
    "address": (IPv4Address("127.0.0.1"), "127.0.0.1"),
    "bytes": (b"abc", Base64("YWJj")),
    "memory": (memoryview(b"abc"), Base64("YWJj")),
    "list": ([1, "a", None], [1, "a", None]),
    "tuple": ((1, 2), [1, 2]),
    "named-tuple": (Point(1.0, 2.0), [1.0, 2.0]),
    "deque": (deque([1]), [1]),
    "range": (range(3), [0, 1, 2]),
    "generator": ((number for number in (1, 2)), [1, 2]),
    "set": ({"b", "a"}, ["a", "b"]),
    "dict": ({"a": {"b": NOON}}, {"a": {"b": "2026-04-08T12:00:00Z"}}),
    "ordered": (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    "other-keys": (
        {1: "a", False: "b", Level.ERROR: "c", date(2026, 4, 8): "d"},
        {"1": "a", "false": "b", "error": "c", "2026-04-08": "d"},
    ),
    "dataclass": (Line(NOON, Level.ERROR), {"at": "2026-04-08T12:00:00Z", "level": "error"}),
    "model": (
        Model(start=NOON, url=AnyUrl("http://a/"), password=SecretStr("s3cret")),
        {"from": "2026-04-08T12:00:00Z", "url": "http://a/", "password": "**********"},
    ),
    "root-model": (Numbers([1]), [1]),
    "secret": (SecretStr("s3cret"), "**********"),
}

LOOP: list[object] = [1]
LOOP.append({"again": LOOP})

REFUSED: dict[str, tuple[object, str]] = {
    "nan": ([{}, {"value": math.nan}], "[1].value is NaN, which JSON does not allow"),
    "infinity": ({"a": [math.inf]}, "a[0] is infinite, which JSON does not allow"),
    "bare-nan": (math.nan, "the result is NaN, which JSON does not allow"),
    "decimal-nan": ({"a": Decimal("NaN")}, "a is NaN, which JSON does not allow"),
    "dataclass-nan": (Point(0.0, math.nan), "[1] is NaN, which JSON does not allow"),
    "loop": (LOOP, "[1].again contains itself, which JSON cannot express"),
    "object": (
        {"a": object()},
        (
            "a is of type object, which cannot be written as JSON: "
            "return a dataclass, a pydantic model, a dict or a list"
        ),
    ),
    "key": ({"a": {(1, 2): 3}}, "a has a key of type tuple: keys in JSON are text"),
    "two-keys": ({"a": {1: 2, "1": 3}}, "a has two keys that both become '1'"),
}


@pytest.mark.parametrize(("value", "expected"), JSON.values(), ids=JSON)
def test_is_json(value: object, expected: object) -> None:
    """The value is encoded as the contract describes."""
    found = json_value(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("value", "sentence"), REFUSED.values(), ids=REFUSED)
def test_is_refused(value: object, sentence: str) -> None:
    """The sentence names the part that JSON cannot express."""
    with pytest.raises(ResultError) as caught:
        json_value(value)
    assert str(caught.value) == sentence


def test_deep_nesting_is_refused() -> None:
    """Endless nesting raises an error and does not end the process."""
    value: object = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ResultError, match="nested more than 200 levels deep"):
        json_value(value)


def test_the_same_object_may_appear_twice() -> None:
    """Only a value that contains itself is a loop."""
    shared = [1]
    assert json_value([shared, shared]) == [[1], [1]]


@pytest.mark.parametrize("zone", ["UTC", "IST-5:30", "EST5EDT"])
def test_a_time_without_an_offset_is_written_in_utc_on_any_machine(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the time zone of the process is."""
    with local_time_zone(zone, monkeypatch):
        assert json_value(NOON.replace(tzinfo=None)) == "2026-04-08T12:00:00Z"
