"""Enumerations and literals of any values match these values, or are refused at the start."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address
from typing import Literal, NamedTuple

import pytest

from mirastack_sdk._actions.types.adapters import UnusableTypeError, typed_value
from tests.actions.agents import new_agent
from tests.actions.convert.test_conversions import arguments


@dataclass(frozen=True)
class Size:
    """A value that is an object in JSON."""

    rows: int
    unit: str = "MB"


class Place(NamedTuple):
    """A value that is an array in JSON."""

    host: str
    port: int


class Named(enum.Enum):
    """One member for each kind of value."""

    ID = uuid.UUID(int=1)
    LUNCH = time(12, 30)
    START = datetime(2026, 4, 8, 12, tzinfo=UTC)
    THIRD = Fraction(1, 3)
    HOST = IPv4Address("10.0.0.1")
    SIZE = Size(1)
    PLACE = Place("a", 80)
    SET = frozenset({1})
    LIST = [2]  # noqa: RUF012 - an enumeration's value
    COMPLEX = 1 + 2j
    RANGE = range(3)
    BUFFER = bytearray(b"a")
    HUGE = 2**70
    BELOW = -1
    HALF = 0.5
    WHOLE = 5.0
    EMPTY = ""
    NO = False


class Planet(enum.Enum):
    """Members with a constructor of their own."""

    EARTH = (5.97e24, 6.37e6)

    def __init__(self, mass: float, radius: float) -> None:
        self.density = mass / radius


class Day(date, enum.Enum):
    """Members that are dates themselves."""

    EASTER = 2026, 4, 5


class Crossed(enum.Enum):
    """Members whose names are the others' values."""

    ON = "off"
    OFF = "on"


class Fallback(enum.Enum):
    """Members that stand for unknown values."""

    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "Fallback":
        return cls.OTHER


class Right(enum.Flag):
    """Members that can be combined."""

    READ = 1
    WRITE = 2


class Bits(enum.IntFlag):
    """Numbers that can be combined."""

    LOW = 1
    HIGH = 4


class Price(enum.Enum):
    """Values with digits that an engine may write in another way."""

    LOW = Decimal("1.10")
    HIGH = Decimal("20.00")


CHOSEN: Sequence[tuple[object, Mapping[str, object]]] = (
    (
        Named,
        {
            str(uuid.UUID(int=1)): Named.ID,
            "12:30:00": Named.LUNCH,
            "2026-04-08T12:00:00Z": Named.START,
            "1/3": Named.THIRD,
            "10.0.0.1": Named.HOST,
            '{"unit": "MB", "rows": 1.0}': Named.SIZE,
            '["a", 80]': Named.PLACE,
            "[1]": Named.SET,
            "[2.0]": Named.LIST,
            "1+2j": Named.COMPLEX,
            "[0,1,2]": Named.RANGE,
            "YQ==": Named.BUFFER,
            "1180591620717411303424.0": Named.HUGE,
            "-1.0": Named.BELOW,
            "0.50": Named.HALF,
            "5": Named.WHOLE,
            "": Named.EMPTY,
            "No": Named.NO,
        },
    ),
    (Planet, {"[5.97e24, 6370000]": Planet.EARTH}),
    (Day, {"2026-04-05": Day.EASTER, "easter": Day.EASTER}),
    (Crossed, {"on": Crossed.OFF, "ON": Crossed.ON, "On": Crossed.OFF}),
    (Fallback, {"unheard of": Fallback.OTHER}),
    (
        Right,
        {
            "3": Right.READ | Right.WRITE,
            "READ|WRITE": Right.READ | Right.WRITE,
            "read, write": Right.READ | Right.WRITE,
            "0": Right(0),
        },
    ),
    (list[Bits], {"[5, 1]": [Bits.LOW | Bits.HIGH, Bits.LOW]}),
    (list[Price], {"[1.1, 20.0]": [Price.LOW, Price.HIGH]}),
    (Price, {"1.1": Price.LOW, "20": Price.HIGH}),
    (dict[Named, int], {'{"12:30:00": 1, "0.5": 2}': {Named.LUNCH: 1, Named.HALF: 2}}),
    (Literal["none"] | None, {"null": None, "none": "none"}),
    (Literal[True, "true"], {"true": True, '"true"': "true"}),
    (Literal[1, True], {"1": 1, "true": True}),
    (Literal[0, False, "no"], {"0": 0, "false": False, "no": "no"}),
    (Literal["a", "A"], {"a": "a", "A": "A"}),
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        pytest.param(kind, text, value, id=f"{getattr(kind, '__name__', kind)}-{text}")
        for kind, cases in CHOSEN
        for text, value in cases.items()
    ],
)
def test_a_choice_is_named_by_its_value(kind: object, text: str, value: object) -> None:
    """As JSON, however a program writes its numbers, and by its name."""
    found = arguments(text, kind)
    assert (found.errors, found.values.get("x", ...)) == ((), value)
    assert type(found.values["x"]) is type(value)


WRONG: Mapping[str, tuple[object, str, str]] = {
    "flag": (Bits, "2", 'x: expected 1 (LOW) | 4 (HIGH) (or a sum of them), got "2"'),
    "flags": (Right, "1|x", 'x: expected 1 (READ) | 2 (WRITE) (or a sum of them), got "1|x"'),
    "huge": (Literal[2**70], str(2**70 + 1), f'x: expected {2**70}, got "{2**70 + 1}"'),
    "boolean": (Literal[1], "true", 'x: expected 1, got "true"'),
    "one-flag": (Literal[Bits.LOW], "5", "x: expected 1 (LOW), got 5"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_choice_is_reported(case: str) -> None:
    """A number that is only near a value, or more bits than there are, is another one."""
    kind, text, sentence = WRONG[case]
    assert arguments(text, kind).errors == (sentence,)


class Alike(enum.Enum):
    """Two members with the same text."""

    DECIMAL = Decimal(1)
    TEXT = "1"


class Stages(enum.StrEnum):
    """Texts."""

    A = "a"


REFUSED: Mapping[str, tuple[object, str]] = {
    "decimal-and-text": (
        Alike,
        "<Alike.DECIMAL: Decimal('1')> and <Alike.TEXT: '1'> are both \"1\" in JSON",
    ),
    "bytes-and-text": (Literal[b"a", "YQ=="], "b'a' and 'YQ==' are both \"YQ==\" in JSON"),
    "member-and-text": (
        Literal[Stages.A, "a"],
        "<Stages.A: 'a'> and 'a' are both \"a\" in JSON",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_choices_that_json_cannot_tell_apart_are_refused(case: str) -> None:
    """One of them could never be chosen."""
    kind, sentence = REFUSED[case]
    with pytest.raises(UnusableTypeError) as raised:
        typed_value(kind)
    assert str(raised.value) == sentence


async def test_flags_are_combined_in_both_directions() -> None:
    """In parameters, defaults, results and descriptions."""
    agent = new_agent()

    @agent.action
    def grant(right: Right = Right.READ | Right.WRITE) -> list[Right]:
        """Grant it."""
        return [right]

    both = Right.READ | Right.WRITE
    for parameters in ({}, {"right": both}, {"right": "3"}):
        found = await agent.call("grant", **parameters)
        assert (found.value, found.read(list[Right])) == ([3], [both])
    (action,) = agent.schema().actions
    assert "1 (READ) | 2 (WRITE) (or a sum of them)" in action.input_params["right"].description
