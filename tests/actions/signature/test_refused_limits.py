"""Limits that nothing can check are refused with their place."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple, TypedDict

import annotated_types as at
import pydantic as pd
import pytest
from pydantic import Field

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._actions.types.adapters import UnusableTypeError, typed_value
from mirastack_sdk.errors import InvalidPluginError
from tests.actions.agents import new_agent


@dataclass
class Lookahead:
    """A class with a pattern that Rust does not know."""

    name: Annotated[str, Field(pattern="^(?=a)")]


class Broken(TypedDict):
    """A dictionary with a broken pattern."""

    name: Annotated[str, Field(pattern="*a")]


class Numbered(NamedTuple):
    """A tuple with a broken pattern."""

    name: Annotated[str, Field(pattern="a{2,1}")]


@dataclass
class Meeting:
    """A class with a time zone, which pydantic ignores."""

    at: list[Annotated[datetime, at.Timezone(UTC)]]


LOOK = "look-around, including look-ahead and look-behind, is not supported"
RUST = "; pydantic passes it to Rust, and a pattern in re.compile(...) to Python"
REFUSED: dict[str, tuple[object, str]] = {
    "unclosed": (
        Annotated[str, Field(pattern="(a")],
        f"the pattern (a cannot be compiled: unclosed group{RUST}",
    ),
    "look-ahead": (
        Annotated[str, Field(pattern="^(?!x)a")],
        f"the pattern ^(?!x)a cannot be compiled: {LOOK}{RUST}",
    ),
    "back-reference": (
        pd.constr(pattern=r"(a)\1"),
        rf"the pattern (a)\1 cannot be compiled: backreferences are not supported{RUST}",
    ),
    "optional": (
        Annotated[str, Field(pattern="[a")] | None,
        f"the pattern [a cannot be compiled: unclosed character class{RUST}",
    ),
    "keys": (
        dict[Annotated[str, Field(pattern="(a")], int],
        f"the pattern (a cannot be compiled: unclosed group{RUST}",
    ),
    "too-large": (
        Annotated[str, Field(pattern="a{1000}{1000}{100}")],
        "Compiled regex exceeds size limit of 10485760 bytes",
    ),
    "dataclass": (
        list[Lookahead],
        f"the pattern ^(?=a) cannot be compiled: {LOOK}{RUST}",
    ),
    "typed-dict": (
        Broken,
        f"the pattern *a cannot be compiled: repetition operator missing expression{RUST}",
    ),
    "named-tuple": (
        Numbered,
        (
            "the pattern a{2,1} cannot be compiled: invalid repetition count range, the start must "
            f"be <= the end{RUST}"
        ),
    ),
    "pattern-of-a-path": (
        Annotated[Path, Field(pattern="^/var")],
        "pattern does not apply to values of this type",
    ),
    "pattern-of-numbers": (
        Annotated[str | int, Field(pattern="^a")],
        "pattern does not apply to values of this type",
    ),
    "pattern-of-a-secret": (
        Annotated[pd.SecretStr, Field(pattern="^a")],
        "pattern does not apply to values of this type",
    ),
    "length-of-a-number": (
        Annotated[int, at.Len(2)],
        "min_length does not apply to values of this type",
    ),
    "length-of-a-time": (
        Annotated[datetime, Field(max_length=2)],
        "max_length does not apply to values of this type",
    ),
    "text-above-a-number": (
        Annotated[str, Field(ge=1)],
        "ge does not apply to values of this type",
    ),
    "number-above-text": (
        Annotated[int, Field(ge="a")],
        "'ge' must be coercible to an integer",
    ),
    "multiple-of-nothing": (
        Annotated[int, Field(multiple_of=0)],
        "'multiple_of' must be a finite number greater than 0",
    ),
    "strict-union": (
        Annotated[int | str, pd.Strict()],
        "Unable to apply constraint 'strict' to schema of type 'union'",
    ),
    "zone-of-a-field": (
        Meeting,
        "pydantic ignores the Timezone of the field at: use AwareDatetime or NaiveDatetime",
    ),
    "unknown-zone": (
        Annotated[datetime, at.Timezone("Mars/Olympus")],
        "there is no time zone Mars/Olympus",
    ),
    "zone-of-a-date": (
        Annotated[date, at.Timezone(None)],
        "Timezone applies to datetime only",
    ),
}


@pytest.mark.parametrize(("kind", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_limit_that_cannot_be_checked_is_refused(kind: object, reason: str) -> None:
    """Patterns that do not compile, and limits that would raise in each call or be ignored."""
    with pytest.raises(UnusableTypeError) as raised:
        typed_value(kind)
    assert (str(raised.value), raised.value.is_limit) == (reason, True)


def test_the_refusal_names_file_function_and_parameter() -> None:
    """The agent does not start; the sentence leads to the limit."""
    agent = new_agent()

    @agent.action
    async def search(name: Annotated[str, Field(pattern="(a")]) -> Lookahead:
        """Search."""
        return Lookahead(name)

    with pytest.raises(InvalidPluginError) as raised:
        agent.schema()
    place = f"{__file__}:{search.__code__.co_firstlineno} search"
    assert str(raised.value).splitlines() == [
        (
            f'{place}: "name" has a limit that cannot be checked: the pattern (a cannot be '
            f"compiled: unclosed group{RUST}"
        ),
        (
            f"{place}: its result has a limit that cannot be checked: the pattern ^(?=a) cannot be "
            f"compiled: {LOOK}{RUST}"
        ),
    ]


def test_a_config_class_is_refused_too() -> None:
    """The sentence names the class and the field."""

    @dataclass
    class Config:
        start: Annotated[datetime, "When it starts", at.Timezone(None)]
        name: Annotated[str, "Its name", Field(pattern="(a")]

    sentences = [error.partition(": ")[2] for error in read_config(Config).errors]
    assert sentences[:2] == [
        (
            '"start" has a limit that cannot be checked: pydantic ignores the Timezone of the '
            "field start: use AwareDatetime or NaiveDatetime"
        ),
        (
            '"name" has a limit that cannot be checked: the pattern (a cannot be compiled: '
            f"unclosed group{RUST}"
        ),
    ]
