"""`ActionResult.read` gives back what the action returned."""

import enum
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Network
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

import pytest
from pydantic import (
    Base64Bytes,
    Base64UrlBytes,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    computed_field,
)
from typing_extensions import TypedDict, TypeForm

from mirastack_sdk._actions.direct_call import ActionResult
from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._text import compact_json
from mirastack_sdk.plugin import ExecuteResponse


class Span(enum.Enum):
    """Values that are pairs."""

    SHORT = (0, 5)


class Level(enum.Enum):
    """How bad something is."""

    ERROR = "error"


class Mixed(enum.Enum):
    """A number and a text that look alike."""

    NUMBER = 1
    TEXT = "1"


@dataclass
class Line:
    """One line of a log."""

    at: datetime
    text: str | None
    ratio: float | str
    took: timedelta


class Row(BaseModel):
    """One row."""

    data: bytes
    price: Decimal
    names: frozenset[str]


class Key(TypedDict):
    """One key."""

    key: str | None


class Point(NamedTuple):
    """A value at a moment."""

    at: datetime
    value: float


class Encoded(BaseModel):
    """Types that encode their bytes."""

    data: Base64Bytes
    url: Base64UrlBytes


class Digits(BaseModel):
    """Bytes as hexadecimal digits."""

    model_config = ConfigDict(ser_json_bytes="hex", val_json_bytes="hex")
    data: bytes


class UrlSafe(BaseModel):
    """Bytes as pydantic's base64."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    data: bytes


class Right(enum.Flag):
    """Members that can be combined."""

    READ = 1
    WRITE = 2


class Doubled(BaseModel):
    """A model that sends more than it has."""

    size: int

    @computed_field
    def twice(self) -> int:
        """The size, twice."""
        return self.size * 2


class Renamed(BaseModel):
    """A model that is sent under other names than it is read."""

    size: int = Field(serialization_alias="Size")


class Left(BaseModel):
    """A model that leaves out what it requires."""

    size: int = Field(exclude=True)


class Closed(BaseModel):
    """A model without further fields."""

    model_config = ConfigDict(extra="forbid")
    size: int


class Open(BaseModel):
    """A model with more fields than are declared."""

    model_config = ConfigDict(extra="allow")
    size: int


class Page[Item](BaseModel):
    """A generic model."""

    items: list[Item]
    after: str | None = None


@dataclass
class Tree:
    """A recursive class."""

    below: "Tree | None" = None
    values: list[float | None] = field(default_factory=list)


NOON = datetime(2026, 4, 8, 12, tzinfo=UTC)


def result_of(value: object) -> ActionResult:
    """The result of an action that returned a value."""
    response = ExecuteResponse(output={"result": compact_json(json_value(value))})
    return ActionResult.of(response, ())


RETURNED: list[tuple[TypeForm[object], object]] = [
    (str, "1.10"),
    (str, ""),
    (str, "null"),
    (str, "[1]"),
    (int, 5),
    (float, 5.0),
    (bool, False),
    (list[str], ["a,b", "none", "true", '"a"']),
    (list[bytes], [b"\xff", b"YWJj", b""]),
    (list[Decimal], [Decimal("1.10")]),
    (list[date], [date(2026, 4, 8)]),
    (list[time], [time(12, 30)]),
    (list[timedelta], [timedelta(minutes=90), -timedelta(days=2)]),
    (Fraction, Fraction(1, 3)),
    (complex, 1 + 2j),
    (Encoded, Encoded(data=b"//79", url=b"__79")),
    (Digits, Digits(data=b"\xff\xfe\xff\xfe")),
    (UrlSafe, UrlSafe(data=b"\xff\xfe")),
    (list[uuid.UUID], [uuid.UUID(int=1)]),
    (list[PurePosixPath], [PurePosixPath("none")]),
    (dict[str, int], {"a": 1}),
    (dict[date, str], {date(2026, 4, 8): "5"}),
    (list[Span], [Span.SHORT]),
    (list[Mixed], [Mixed.TEXT, Mixed.NUMBER]),
    (
        list[Line],
        [Line(NOON, "none", "1.10", timedelta(seconds=5)), Line(NOON, None, 1.5, NOON - NOON)],
    ),
    (Row, Row(data=b"\xfe", price=Decimal("2.50"), names=frozenset({"a", "b"}))),
    (list[Key], [{"key": "none"}, {"key": None}]),
    (list[Point], [Point(NOON, 1.5)]),
    (list[object], ["1", 1, None, {"a": "none"}]),
    (Right, Right.READ | Right.WRITE),
    (Doubled, Doubled(size=1)),
    (Open, Open.model_validate({"size": 1, "more": "5"})),
    (Page[int | str], Page[int | str](items=[1, "1"], after="none")),
    (Tree, Tree(Tree(), [1.5, None])),
    (RootModel[list[int | str]], RootModel[list[int | str]]([1, "1"])),
    (deque[str], deque(["1"])),
    (dict[int, str], {1: "2"}),
    (dict[bool, int], {True: 1}),
    (dict[Level, int], {Level.ERROR: 1}),
    (list[Literal[1, True]], [1, True]),
    (list[IPv4Network], [IPv4Network("10.0.0.0/8")]),
    (timedelta, timedelta(days=-1, microseconds=1)),
    (float, 1e300),
    (int, 2**70),
    (tuple[str, int | None], ("5", None)),
]


@pytest.mark.parametrize(("kind", "value"), RETURNED)
def test_reads_what_was_returned(kind: TypeForm[object], value: object) -> None:
    """A value of the type is read as the same value."""
    found = result_of(value).read(kind)
    assert found == value
    assert type(found) is type(value)


WRONG: list[tuple[TypeForm[object], object, str]] = [
    (int, "5", 'result: expected integer, got "5"'),
    (list[int], ["5", 6], r'result\[0\]: expected integer, got "5"'),
    (int, True, "result: expected integer, got true"),
    (bool, "yes", 'result: expected boolean, got "yes"'),
    (bool, 1, "result: expected boolean, got 1"),
    (str, 5, "result: expected string, got 5"),
    (float, "1.5", 'result: expected number, got "1.5"'),
    (list[str], "a,b", 'result: expected array of string, got "a,b"'),
    (list[str], [1.5], r"result\[0\]: expected string, got 1.5"),
    (dict[str, int], '{"a": 1}', "result: expected object"),
    (list[int], 5, "result: expected array of integer, got 5"),
    (Level, "Error", 'result: expected "error", got "Error"'),
    (Mixed, "NUMBER", 'got "NUMBER"'),
    (list[Line], [{"at": 5, "text": "", "ratio": True, "took": "PT5S"}], r"\[0\].ratio: expected"),
    (int, None, "^result: expected integer, got null$"),
    (Renamed, Renamed(size=1), "^result.size is required: expected integer$"),
    (Closed, {"size": 1, "more": 2}, "^result.more is not allowed here, got 2$"),
    (Left, Left(size=1), "^result.size is required: expected integer$"),
    (list[Row], [{"data": "/w==", "price": "x", "names": []}], r"^result\[0\].price: expected"),
]


@pytest.mark.parametrize(("kind", "value", "message"), WRONG, ids=str)
def test_refuses_what_a_model_might_have_meant(
    kind: TypeForm[object], value: object, message: str
) -> None:
    """Texts are not converted: an engine receives them as texts."""
    with pytest.raises(ValueError, match=message):
        result_of(value).read(kind)


@pytest.mark.parametrize(("response", "kind"), [(None, "NoneType"), ({"a": 1}, "dict")])
def test_a_method_that_returns_something_else_is_told_so(response: object, kind: str) -> None:
    """An agent's own `execute` must return a response, also when it is called directly."""
    with pytest.raises(TypeError, match=f"must return ExecuteResponse, got {kind}$"):
        ActionResult.of(response, ())
