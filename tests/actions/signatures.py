"""Functions as authors write them, each for one thing that a declaration must say."""

import enum
import uuid
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, NewType, NotRequired, TypedDict

from pydantic import AnyUrl, BaseModel, Field

from mirastack_sdk.agent import Depends, OrLast
from mirastack_sdk.plugin import (
    Context,
    EngineClient,
    ExecuteRequest,
    ExecuteResponse,
    TimeRange,
)


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
    value: float


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


def text(value: str) -> str:
    """Text in, text out."""
    return value


def integer(value: int) -> int:
    """A whole number."""
    return value


def number(value: float) -> float:
    """A number."""
    return value


def boolean(value: bool) -> bool:
    """True or false."""
    return value


def array(value: list[str]) -> list[str]:
    """A list."""
    return value


def bare_list(value: list[object]) -> list[object]:
    """A list of anything."""
    return value


def mapping(value: dict[str, int]) -> dict[str, int]:
    """A mapping."""
    return value


def bare_mapping(value: dict[str, object]) -> dict[str, object]:
    """A mapping of anything."""
    return value


def default_text(value: str = "up") -> None:
    """A default of text."""


def default_integer(value: int = 100) -> None:
    """A default number."""


def default_number(value: float = 0.5) -> None:
    """A default fraction."""


def default_boolean(value: bool = False) -> None:
    """A default of false."""


def default_none(value: int | None = None) -> None:
    """No value unless given."""


def default_sequence(value: Sequence[str] = ("a", "b")) -> None:
    """A default of several."""


def default_empty(value: str = "") -> None:
    """An empty default."""


def required_optional(value: int | None) -> None:
    """Required, if only to be null."""


def literal(value: Literal["instant", "range"]) -> None:
    """One of two words."""


def literal_default(value: Literal["instant", "range"] = "range") -> None:
    """One of two words, or the second."""


def literal_numbers(value: Literal[1, 5, 15]) -> None:
    """One of three numbers."""


def literal_mixed(value: Literal["all", 1, True]) -> None:
    """One of a word, a number and a truth."""


def single_literal(value: Literal["on"]) -> None:
    """One word."""


def enumeration(value: Level) -> Level:
    """One of an enumeration."""
    return value


def enumeration_default(value: Level = Level.DEBUG) -> None:
    """One of an enumeration, or the first."""


def enumeration_optional(value: Level | None = None) -> None:
    """One of an enumeration, or none."""


def integer_enumeration(value: Priority = Priority.LOW) -> None:
    """One of numbers that have names."""


def text_enumeration(value: Mood) -> None:
    """One of words that name themselves."""


def list_of_choices(value: list[Level]) -> None:
    """Several of an enumeration."""


def union(value: int | str) -> None:
    """A number or text."""


def union_of_scalars(value: int | float | bool) -> None:  # noqa: PYI041 - told apart at run time
    """Any of three."""


def union_of_containers(value: list[int] | dict[str, int]) -> None:
    """One of two containers."""


def list_of_optional(value: list[int | None]) -> None:
    """A list with gaps."""


def nested_lists(value: list[list[int]]) -> list[list[int]]:
    """A matrix."""
    return value


def fixed_tuple(value: tuple[str, int]) -> tuple[str, int]:
    """A pair."""
    return value


def open_tuple(value: tuple[int, ...]) -> None:
    """Any number of numbers."""


def unique(value: set[str], frozen: frozenset[int] = frozenset()) -> set[str]:
    """Each once."""
    return value


def named_tuple(value: Point) -> list[Point]:
    """A tuple with names."""
    return [value]


def moment(value: datetime) -> datetime:
    """A date and time."""
    return value


def day(value: date) -> date:
    """A date."""
    return value


def clock(value: time) -> time:
    """A time of day."""
    return value


def duration(value: timedelta = timedelta(minutes=5)) -> timedelta:
    """How long."""
    return value


def decimal(value: Decimal = Decimal("9.99")) -> Decimal:
    """An exact number."""
    return value


def identifier(value: uuid.UUID) -> uuid.UUID:
    """A UUID."""
    return value


def data(value: bytes) -> bytes:
    """Bytes."""
    return value


def path(value: Path) -> Path:
    """A path."""
    return value


def url(value: AnyUrl) -> str:
    """A URL."""
    return str(value)


def new_type(value: ServiceName) -> ServiceName:
    """A type of its own name."""
    return value


def alias(value: Labels) -> Labels:
    """A type by another name."""
    return value


def a_dataclass(value: LogLine) -> LogLine:
    """A dataclass with a choice and a default."""
    return value


def dataclass_of_defaults(value: Window | None = None) -> None:
    """A dataclass that may be left out."""


def list_of_dataclasses(value: list[LogLine]) -> list[LogLine]:
    """Several lines."""
    return value


def recursive(value: Node) -> Node:
    """A tree."""
    return value


def typed_dict(value: Filter) -> Filter:
    """A dictionary with known keys."""
    return value


def model(value: Owner) -> Owner:
    """A model with a discriminated union."""
    return value


def model_with_alias(value: Renamed) -> Renamed:
    """A model under its JSON names."""
    return value


def generic_model(value: Page[int]) -> Page[LogLine]:
    """A generic model."""
    return Page[LogLine](items=[], total=value.total)


def mapping_of_dataclasses(value: Mapping[str, Window]) -> Mapping[str, Window]:
    """Windows by name."""
    return value


def constrained(
    limit: Annotated[int, Field(ge=1, le=1000)] = 100,
    name: Annotated[str, Field(pattern="^[a-z]+$", max_length=20)] = "cart",
    ratio: Annotated[float, Field(gt=0, lt=1)] = 0.5,
    items: Annotated[Sequence[str], Field(min_length=1)] = ("a",),
) -> None:
    """Within limits."""


def annotated_text(value: Annotated[str, "The service's name"]) -> None:
    """Described beside its type."""


def field_description(value: Annotated[int, Field(description="How many")] = 5) -> None:
    """Described in a field."""


def annotated_wins(value: Annotated[str, "From the annotation"]) -> None:
    """Described twice.

    Args:
        value: From the docstring.
    """


def renamed(from_: str) -> None:
    """Called by a word that Python keeps to itself."""


def google(query: str, limit: int = 100, *, exact: bool = False) -> list[str]:
    """Search log entries by keyword
    or by LogsQL. Use this to find errors of a service.

    It knows two kinds of quotes:
    - single ones
    - double ones

    Args:
        query: LogsQL expression,
            e.g. '_msg:error AND service:checkout'.
        limit (int, optional): At most this many entries.
        exact: Whether case matters: it does not unless
            this is set.

    Returns:
        The entries, newest first.

    Raises:
        ValueError: Never told to a language model.
    """
    return [query] * limit


def numpy(query: str, limit: int = 100, offset: int = 0) -> list[str]:
    """Search log entries.

    Parameters
    ----------
    query : str
        LogsQL expression,
        of one line.
    limit, offset : int, optional
        Which part of the entries.

    Returns
    -------
    list of str
        The entries.

    Raises
    ------
    ValueError
        Never told to a language model.
    """
    return [query]


def sphinx(query: str, limit: int = 100) -> list[str]:
    """Search log entries.

    :param query: LogsQL expression,
        of one line.
    :param int limit: At most this many.
    :type limit: int
    :returns: The entries.
    :raises ValueError: Never told to a language model.
    """
    return [query]


def plain_docstring(query: str) -> None:
    """Search: what is found is shown.

    Note that there is no section here.
    """


async def asynchronous(query: str) -> str:
    """Search on the loop."""
    return query


async def stream(count: int) -> AsyncIterator[LogLine]:
    """Lines, one after another."""
    for _ in range(count):
        yield LogLine(datetime.min, "")  # noqa: DTZ901 - only the type matters


def generator(count: int) -> Iterator[int]:
    """Numbers, one after another."""
    yield from range(count)


def awaitable(value: int) -> Awaitable[list[int]]:
    """What is awaited counts."""
    raise NotImplementedError


def own_response(value: int) -> ExecuteResponse:
    """An answer in its own hand."""
    return ExecuteResponse()


def no_parameters() -> dict[str, int]:
    """Nothing to say."""
    return {}


def without_result_type(value: str):  # type: ignore[no-untyped-def] # noqa: ANN201 - what it is for
    """The author did not say."""


def injected(
    query: str,
    time_range: TimeRange,
    maybe: TimeRange | None,
    always: Annotated[TimeRange, OrLast(minutes=30)],
    ctx: Context,
    engine: EngineClient,
    request: ExecuteRequest,
    client: Annotated[Client, Depends(open_client)],
) -> None:
    """Most of it comes from the agent."""
