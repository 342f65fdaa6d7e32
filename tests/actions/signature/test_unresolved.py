"""Annotations that are text see type parameters, and lifespans name what they yield."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import pytest

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._actions.types.annotated_texts import hints_of
from mirastack_sdk.agent import Agent, TypedActions, action
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import Permission, PluginInfo
from tests.actions.agents import new_agent

ANYTHING = (
    'the type of "value" accepts anything: use a specific type, such as str, int, list[str], '
    "dict[str, str] or a dataclass"
)


class Client:
    """A client that pydantic does not know."""


def _errors_of(agent: TypedActions) -> list[str]:
    with pytest.raises(InvalidPluginError) as raised:
        agent.schema()
    return [line.partition(": ")[2] for line in str(raised.value).splitlines()]


def test_a_type_parameter_of_a_function_is_resolved() -> None:
    """It accepts anything; there is nothing to import."""
    agent = new_agent()

    @agent.action
    async def search[T](value: T) -> list[T]:
        """Search."""
        return [value]

    assert _errors_of(agent) == [ANYTHING]


def test_a_bound_is_the_type() -> None:
    """A type parameter with a bound describes its values."""
    agent = new_agent()

    @agent.action
    async def search[T: int, *Rest](value: list[T]) -> list[T]:
        """Search."""
        return value

    (found,) = agent.schema().actions
    assert found.input_params["value"].description == "Format: array of integer"


class Generic[T](TypedActions):
    """A class with a type parameter."""

    def info(self) -> PluginInfo:
        return PluginInfo("logs", "1.0.0", "Searches.", Permission.READ, ["observe"])

    @action
    async def search(self, value: T) -> None:
        """Search."""


class Derived(Generic[int]):
    """A class that derives from it."""


@pytest.mark.parametrize("kind", [Generic, Derived])
def test_a_type_parameter_of_a_class_is_resolved(kind: type[TypedActions]) -> None:
    """Methods see those of their class, and of its bases."""
    assert _errors_of(kind()) == [ANYTHING]


@dataclass
class Page[T]:
    """A part of something large."""

    rows: Annotated[list[T], "The rows"]
    next: Annotated[str, "The next page"] = ""


def test_the_fields_of_a_generic_class_keep_their_texts() -> None:
    """Their annotations are resolved, too."""
    assert set(hints_of(Page)) == {"rows", "next"}
    assert read_config(Page).errors == ()


def test_a_name_that_is_missing_is_named() -> None:
    """Only a type that is defined nowhere is to be imported."""
    agent = new_agent()

    @agent.action
    async def search(value: Missing) -> None:  # type: ignore[name-defined]  # noqa: F821 - the mistake
        """Search."""

    assert _errors_of(agent) == [
        (
            "the type of \"value\" cannot be resolved (name 'Missing' is not defined): import or "
            "define it at the top of the module, outside TYPE_CHECKING"
        )
    ]


def _with_lifespan(annotation: str) -> Agent:
    agent = new_agent()

    async def span():  # type: ignore[no-untyped-def]  # noqa: ANN202 - the mistake
        yield Client()

    if annotation:
        span.__annotations__["return"] = annotation
    agent.lifespan(span)

    @agent.action
    async def search(client: Client) -> None:
        """Search."""

    return agent


def test_a_lifespan_without_a_type_is_blamed_itself() -> None:
    """And not the action that uses what it yields."""
    assert _errors_of(_with_lifespan("")) == [
        (
            "what it yields has no type: write -> AsyncIterator[Client], or -> AsyncIterator[None] "
            "if it yields nothing"
        )
    ]


def test_a_lifespan_of_an_unknown_type_is_blamed_itself() -> None:
    """The same for a type that cannot be resolved."""
    (error,) = _errors_of(_with_lifespan("AsyncIterator[Missing]"))
    assert error.startswith('the type of "return" cannot be resolved')


def test_a_lifespan_with_a_type_fills_the_action() -> None:
    """There is nothing to blame."""
    (found,) = _with_lifespan("AsyncIterator[Client]").schema().actions
    assert found.input_params == {}


def test_an_action_is_blamed_for_a_type_that_no_lifespan_yields() -> None:
    """It names the type and what to write."""
    agent = new_agent()

    @agent.lifespan
    async def span() -> AsyncIterator[None]:
        yield

    @agent.action
    async def search(client: Client) -> None:
        """Search."""

    (error,) = _errors_of(agent)
    assert error.startswith('"client" is of type Client, to which text cannot be converted')
