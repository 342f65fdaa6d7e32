"""The types for the tests of conversions."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Literal, NamedTuple, NotRequired, TypedDict

from annotated_types import Ge, Le
from pydantic import AfterValidator, BaseModel, Field, RootModel


class Level(enum.Enum):
    """How bad something is."""

    DEBUG = "debug"
    WARNING = "warning"
    ERROR = "error"


class Priority(enum.IntEnum):
    """How soon something is to be done."""

    LOW = 1
    HIGH = 2


class Shade(enum.Enum):
    """Two members that only case tells apart."""

    DARK = "a"
    dark = "A"


class Weight(enum.Enum):
    """Two names for one value."""

    LIGHT = 1
    FEATHER = 1  # noqa: PIE796 - an alias
    HEAVY = 2


class Span(enum.Enum):
    """Values that are pairs."""

    SHORT = (0, 5)
    LONG = (5, 60)


class Price(enum.Enum):
    """Values with exact digits."""

    LOW = Decimal("1.10")
    HIGH = Decimal(20)


class Holiday(enum.Enum):
    """Values that are days."""

    EASTER = date(2026, 4, 5)


class Folder(enum.Enum):
    """Values that are paths."""

    LOGS = PurePosixPath("/var/log")


class Magic(enum.Enum):
    """Values that are bytes, which need not be text."""

    GZIP = b"\x1f\x8b"


class Mixed(enum.Enum):
    """A number and a text that look alike."""

    NUMBER = 1
    TEXT = "1"


class Wait(enum.Enum):
    """Values that are durations."""

    SHORT = timedelta(minutes=5)


@dataclass
class Window:
    """A part of something large."""

    limit: Annotated[int, Field(ge=1)]
    offset: int = 0
    columns: list[str] = field(default_factory=list)


class Filter(TypedDict):
    """What is to be kept."""

    column: str
    values: list[int]
    negated: NotRequired[bool]


class Target(NamedTuple):
    """Where something is reached."""

    host: str
    port: Annotated[int, "From 1 to 65535"] = 80
    wait: timedelta | None = None


class Service(BaseModel):
    """Something that runs."""

    name: str
    level: Level = Level.ERROR
    since: datetime | None = None
    labels: dict[str, str] = {}


class Loose(BaseModel):
    """What may be a text or something else."""

    value: float | str
    note: str | None = None


class Pair(NamedTuple):
    """A named tuple of what may be a text or something else."""

    value: int | str
    note: str | None = None


class Texts(RootModel[dict[str, int | str | None]]):
    """An object with a name."""


class Cat(BaseModel):
    """A pet that climbs."""

    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    """A pet that fetches."""

    kind: Literal["dog"]
    tricks: list[str] = []


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("must be even")
    return value


type Nested = str | int | list[Nested] | dict[str, Nested]
type Numbers = Iterable[int]
type Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
type Even = Annotated[int, AfterValidator(_even)]
type Small = Annotated[int, Ge(1), Le(9)]

NOON = datetime(2026, 4, 8, 12, tzinfo=UTC)
UUID = "824a1531-d24a-549c-8003-23b0f2d206cd"
