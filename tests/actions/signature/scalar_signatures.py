"""Sample functions for simple types."""

from collections.abc import Sequence
from typing import Literal

from tests.actions.signature.sample_types import Level, Mood, Point, Priority


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


def union_of_scalars(value: int | float | bool) -> None:  # noqa: PYI041 - distinct at run time
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
