"""Functions with unusable types and names, each with the sentence that refuses it."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from mirastack_sdk.agent import OrLast
from mirastack_sdk.plugin import TimeRange
from tests.actions.signature.refused import refused


class Strange(enum.Enum):
    """An enumeration whose value is an object."""

    THING = object()


class Endless(enum.Enum):
    """An enumeration whose value is infinite."""

    LONG = float("inf")


@refused(
    '"value" is of type Strange, to which text cannot be converted (JSON cannot express the value '
    "of Strange.THING: it is of type object): use str, int, list, dict, a dataclass or a pydantic "
    "model, or inject it: Annotated[Strange, Depends(...)]"
)
def strange_choice(value: Strange) -> None:
    """It."""


@refused(
    '"value" is of type Endless, to which text cannot be converted (JSON cannot express the value '
    "of Endless.LONG: it is infinite): use str, int, list, dict, a dataclass or a pydantic "
    "model, or inject it: Annotated[Endless, Depends(...)]"
)
def endless_choice(value: Endless) -> None:
    """It."""


class Empty(enum.Enum):
    """An enumeration without members."""


@refused(
    '"value" is of type Empty, to which text cannot be converted (Empty has no members): use str, '
    "int, list, dict, a dataclass or a pydantic model, or inject it: "
    "Annotated[Empty, Depends(...)]"
)
def no_choice(value: Empty) -> None:
    """It."""


@dataclass
class Lazy:
    """A class whose items are read late."""

    items: Iterable[int]


@refused(
    '"value" is of type Lazy, to which text cannot be converted (the items of an Iterable in a '
    "class are not checked: use a list): use str, int, list, dict, a dataclass or a pydantic "
    "model, or inject it: Annotated[Lazy, Depends(...)]"
)
def lazy_items(value: Lazy) -> None:
    """It."""


@refused('OrLast has no effect on "value": write value: Annotated[TimeRange, OrLast(...)]')
def fallback_of_a_number(value: Annotated[int, OrLast(minutes=5)]) -> None:
    """It."""


@refused('"value" has more than one Depends(...) or OrLast(...): remove all but one')
def two_fallbacks(value: Annotated[TimeRange, OrLast(minutes=5), OrLast(hours=1)]) -> None:
    """It."""


@refused(
    '"time_range" is reserved for what agent.call passes beside the parameters: choose another name'
)
def range_as_text(time_range: str) -> None:
    """It."""


@refused(
    '"engine_client" is reserved for what agent.call passes beside the parameters: choose another '
    "name"
)
def client_as_text(engine_client: str = "") -> None:
    """It."""


@refused(
    "a part of the default of \"values\" stays the text '5', because defaults are not converted: "
    "write 5"
)
def text_in_a_default(values: tuple[int, ...] = (1, "5")) -> None:  # type: ignore[assignment] # wrong on purpose
    """It."""


def _invert(value: float) -> float:
    return 1 / value


@refused('the default of "value" cannot be checked: float division by zero')
def default_that_cannot_be_checked(
    value: Annotated[float, AfterValidator(_invert)] = 0.0,
) -> None:
    """It."""
