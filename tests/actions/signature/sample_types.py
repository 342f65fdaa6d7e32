"""The types of the sample functions."""

import enum
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple, NewType, NotRequired, TypedDict

from pydantic import BaseModel, Field


class Level(enum.Enum):
    """How bad something is."""

    DEBUG = "debug"
    ERROR = "error"


class Priority(enum.IntEnum):
    """How soon something is to be done."""

    LOW = 1
    HIGH = 2


class Mood(enum.StrEnum):
    """How somebody feels."""

    GOOD = enum.auto()
    BAD = enum.auto()


@dataclass
class LogLine:
    """One line of a log."""

    at: datetime
    message: Annotated[str, "What was logged"]
    level: Level = Level.ERROR


@dataclass
class Window:
    """A part of something large."""

    limit: int = 100
    offset: Annotated[int, Field(ge=0, description="Rows to skip")] = 0
    columns: list[str] = field(default_factory=list)


@dataclass
class Node:
    """One node of a tree."""

    name: str
    children: "list[Node]" = field(default_factory=list)


class Filter(TypedDict):
    """What is to be kept."""

    column: str
    values: list[str]
    negated: NotRequired[bool]


class Point(NamedTuple):
    """A value at a moment."""

    at: float
    value: Annotated[float, "In seconds"] = 0.0


class Branch(NamedTuple):
    """A part of a tree, as a row."""

    name: str
    parts: "list[Branch]"


class Cat(BaseModel):
    """A pet that climbs."""

    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    """A pet that fetches."""

    kind: Literal["dog"]
    tricks: list[str] = []


class Owner(BaseModel):
    """Somebody with a pet."""

    name: str = Field(description="In full", max_length=40)
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    born: date | None = None


class Renamed(BaseModel):
    """A model whose JSON has other names."""

    start: int = Field(alias="from")


class Page[Item](BaseModel):
    """Some of many items."""

    items: list[Item]
    total: int


ServiceName = NewType("ServiceName", str)
type Labels = dict[str, str]


class Client:
    """Not for language models."""


def open_client() -> Client:
    """Make a client."""
    return Client()
