"""Strict types accept what JSON can express."""

import enum
import uuid
from collections import deque
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Network
from pathlib import Path
from typing import Annotated

import pydantic.dataclasses
import pytest
from pydantic import BaseModel, ConfigDict, Field, Strict, StrictBool, StrictInt, StrictStr

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._actions.config.config_loading import load_config
from mirastack_sdk.agent import ActionResult, Env
from mirastack_sdk.plugin import ExecuteResponse
from tests.actions.convert.conversion_types import NOON
from tests.actions.convert.test_conversions import arguments


class Level(enum.Enum):
    """How bad something is."""

    ERROR = "error"


class Everything(BaseModel):
    """A strict model with fields of many types."""

    model_config = ConfigDict(strict=True)

    day: date | None = None
    at: datetime | None = None
    hour: time | None = None
    wait: timedelta | None = None
    price: Decimal | None = None
    share: Fraction | None = None
    id: uuid.UUID | None = None
    path: Path | None = None
    data: bytes | None = None
    pair: tuple[int, str] | None = None
    numbers: set[int] | None = None
    names: frozenset[str] | None = None
    queue: deque[int] | None = None
    level: Level | None = None
    host: IPv4Address | None = None
    network: IPv6Network | None = None
    named: dict[int, str] | None = None
    days: dict[date, int] | None = None
    point: complex | None = None


FIELDS: dict[str, tuple[str, object]] = {
    "day": ('"2026-04-08"', date(2026, 4, 8)),
    "at": ('"2026-04-08T12:00:00Z"', NOON),
    "hour": ('"12:00"', time(12)),
    "wait": ('"5m"', timedelta(minutes=5)),
    "price": ("1.10", Decimal("1.10")),
    "share": ('"1/3"', Fraction(1, 3)),
    "id": (f'"{uuid.UUID(int=7)}"', uuid.UUID(int=7)),
    "path": ('"/var"', Path("/var")),
    "data": ('"YWI="', b"ab"),
    "pair": ('[1,"a"]', (1, "a")),
    "numbers": ("[1,2]", {1, 2}),
    "names": ('["a"]', frozenset({"a"})),
    "queue": ("[1]", deque([1])),
    "level": ('"error"', Level.ERROR),
    "host": ('"10.0.0.1"', IPv4Address("10.0.0.1")),
    "network": ('"fd00::/8"', IPv6Network("fd00::/8")),
    "named": ('{"1":"a"}', {1: "a"}),
    "days": ('{"2026-04-08":1}', {date(2026, 4, 8): 1}),
    "point": ('"1+2j"', 1 + 2j),
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_of_a_strict_model_is_read(name: str) -> None:
    """JSON has no tuples, dates or numbers as keys: what stands for them is accepted."""
    text, value = FIELDS[name]
    found = arguments(f'{{"{name}": {text}}}', Everything)
    assert found.errors == ()
    assert getattr(found.values["x"], name) == value


def test_every_field_of_the_strict_model_is_tried() -> None:
    """No type is left out."""
    assert set(FIELDS) == set(Everything.model_fields)


@pytest.mark.parametrize("name", FIELDS)
def test_a_strict_result_is_read(name: str) -> None:
    """`ActionResult.read` reads what a strict model has written."""
    text, value = FIELDS[name]
    text = {"price": '"1.10"', "wait": '"PT5M"'}.get(name, text)
    response = ExecuteResponse(output={"result": f'{{"{name}": {text}}}'})
    assert getattr(ActionResult(response=response).read(Everything), name) == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Annotated[uuid.UUID, Strict()], str(uuid.UUID(int=7)), uuid.UUID(int=7)),
        (Annotated[Decimal, Field(strict=True, ge=0)], "5", Decimal(5)),
        (Annotated[Path, Strict()], "/var", Path("/var")),
        (Annotated[set[int], Strict()], "1,2", {1, 2}),
        (Annotated[tuple[int, ...], Strict()], "[1,2]", (1, 2)),
        (Annotated[frozenset[date], Strict()], '["2026-04-08"]', frozenset({date(2026, 4, 8)})),
        (StrictInt, "5", 5),
        (StrictBool, "yes", True),
        (StrictInt | StrictStr, "5", 5),
        (list[Everything], '[{"numbers":[1]}]', [Everything(numbers={1})]),
        (dict[str, Everything], '{"a":{"price":"1"}}', {"a": Everything(price=Decimal(1))}),
    ],
)
def test_a_strict_type_is_read(kind: object, text: str, value: object) -> None:
    """Strict types alone, in unions and in collections."""
    found = arguments(text, kind)
    assert (found.errors, found.values.get("x")) == ((), value)


@pydantic.dataclasses.dataclass(config=ConfigDict(strict=True))
class Window:
    """A strict dataclass."""

    day: date
    numbers: set[int]


def test_a_strict_dataclass_is_read() -> None:
    """Its object in JSON is a dictionary."""
    found = arguments('{"day":"2026-04-08","numbers":[1]}', Window)
    assert found.values["x"] == Window(day=date(2026, 4, 8), numbers={1})


def test_what_is_wrong_is_reported() -> None:
    """Only what JSON cannot express is forgiven."""
    found = arguments('{"numbers":["a"],"day":"soon","pair":[1,"a"]}', Everything)
    assert found.errors == (
        'x.day: expected string (date such as 2026-04-08) or null, got "soon"',
        'x.numbers[0]: expected integer, got "a"',
    )


def test_validators_run_once_without_strict_types() -> None:
    """A second attempt is made for strict types only."""
    runs: list[int] = []

    def refuse(number: int) -> int:
        runs.append(number)
        raise ValueError("never")

    found = arguments("5", Annotated[int, pydantic.AfterValidator(refuse)])
    assert (found.errors, runs) == (("x: never, got 5",), [5])


class StrictConfig(BaseModel):
    """A strict config class."""

    model_config = ConfigDict(strict=True)

    hosts: Annotated[tuple[str, ...], Env("HOSTS")] = Field(description="The hosts")
    root: Path = Field(description="Where the data is")


def test_a_strict_config_is_loaded() -> None:
    """What operators set is text as well."""
    plan = read_config(StrictConfig)
    loaded = load_config(plan, {"root": "/var"}, {"HOSTS": "a,b"})
    assert (loaded.wrong, loaded.missing) == ((), ())
    assert loaded.config == StrictConfig(hosts=("a", "b"), root=Path("/var"))
