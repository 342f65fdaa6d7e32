"""Sample functions for nested types."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Network
from pathlib import Path

from pydantic import AnyUrl, Json

from tests.actions.signature.sample_types import (
    Branch,
    Filter,
    Labels,
    Level,
    LogLine,
    Node,
    Owner,
    Page,
    Priority,
    Renamed,
    ServiceName,
    Window,
)


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


def recursive_named_tuple(value: Branch) -> dict[str, Branch]:
    """A tree of rows."""
    return {value.name: value}


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


def mapping_by_choice(value: dict[Level, int]) -> dict[Priority, list[date]]:
    """Numbers by their levels."""
    raise NotImplementedError


def embedded_json(value: Json[list[int]]) -> None:
    """Text that is JSON."""


def network(value: IPv4Network) -> IPv4Network:
    """A network."""
    return value


def mapping_of_dataclasses(value: Mapping[str, Window]) -> Mapping[str, Window]:
    """Windows by name."""
    return value
