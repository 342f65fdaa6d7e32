"""Factories that yield, and classes of context managers, whatever is around them."""

import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import pytest

from mirastack_sdk._actions.signature.dependencies import Lifetime
from mirastack_sdk.agent import Depends
from tests.actions.agents import new_agent

EVENTS: list[tuple[str, int]] = []


def note(event: str) -> None:
    EVENTS.append((event, threading.get_ident()))


@pytest.fixture(autouse=True)
def _no_events() -> None:
    EVENTS.clear()


def name() -> str:
    return "logs"


def opened(name: Annotated[str, Depends(name, lifetime="agent")] = "") -> Iterator[str]:
    note("open")
    try:
        yield f"client of {name}"
    finally:
        note("close")


async def opened_on_the_loop(
    name: Annotated[str, Depends(name, lifetime="agent")] = "",
) -> AsyncIterator[str]:
    for client in opened(name):
        yield client


@dataclass(frozen=True)
class Opener:
    """An object that is called, of a class with annotations of its own."""

    port: int = 80

    def __call__(self, name: Annotated[str, Depends(name, lifetime="agent")]) -> Iterator[str]:
        """Open the client."""
        yield from opened(name)

    async def on_the_loop(
        self, name: Annotated[str, Depends(name, lifetime="agent")]
    ) -> AsyncIterator[str]:
        """Open the client."""
        for client in opened(name):
            yield client

    @contextlib.contextmanager
    def managed(self, name: Annotated[str, Depends(name, lifetime="agent")]) -> Iterator[str]:
        """Open the client."""
        yield from opened(name)


class AsyncOpener:
    """An object that is called."""

    port: int = 80

    async def __call__(
        self, name: Annotated[str, Depends(name, lifetime="agent")]
    ) -> AsyncIterator[str]:
        """Open the client."""
        for client in opened(name):
            yield client


class Manager:
    """A class of context managers."""

    def __init__(
        self, name: Annotated[str, Depends(name, lifetime="agent")], *, port: int = 80
    ) -> None:
        self.name = name

    def __enter__(self) -> str:
        note("open")
        return f"client of {self.name}"

    def __exit__(self, *_: object) -> None:
        note("close")


def traced(function: Callable[..., object]) -> Callable[..., object]:
    """A decorator as libraries have it."""

    @functools.wraps(function)
    def inner(*args: object, **named: object) -> object:
        return function(*args, **named)

    return inner


FORMS: dict[str, Callable[..., object]] = {
    "function": opened,
    "asynchronous": opened_on_the_loop,
    "decorated": traced(opened),
    "decorated-twice": traced(traced(opened)),
    "asynchronous-decorated": traced(opened_on_the_loop),
    "managed": contextlib.contextmanager(opened),
    "managed-and-decorated": traced(contextlib.contextmanager(opened)),
    "decorated-and-managed": contextlib.contextmanager(traced(opened)),  # type: ignore[arg-type] # it yields
    "partial": functools.partial(opened),
    "partial-of-managed": functools.partial(contextlib.contextmanager(opened)),
    "partial-of-decorated": functools.partial(traced(opened)),
    "object": Opener(),
    "asynchronous-object": AsyncOpener(),
    "method": Opener().on_the_loop,
    "managed-method": Opener().managed,
    "class": Manager,
    "partial-of-a-class": functools.partial(Manager, port=81),
    "partial-of-a-partial": functools.partial(functools.partial(Manager), port=81),
}


@pytest.mark.parametrize("lifetime", ["call", "agent"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_what_yields_is_opened_and_closed(
    form: Callable[..., object], lifetime: Lifetime
) -> None:
    """The parameter is what is yielded; plain code opens and closes in one thread."""
    agent = new_agent()

    @agent.action
    async def use(client: Annotated[str, Depends(form, lifetime=lifetime)]) -> str:
        """Use the client."""
        note("use")
        return client

    async with agent.running():
        assert (await agent.call("use")).value == "client of logs"
    (first, opening), (second, _), (third, closing) = EVENTS
    assert (first, second, third) == ("open", "use", "close")
    assert opening == closing


async def test_a_function_that_returns_a_manager_yields_nothing() -> None:
    """The action itself enters it."""
    agent = new_agent()

    def make() -> Manager:
        return Manager("logs")

    @agent.action
    async def use(manager: Annotated[Manager, Depends(make)]) -> str:
        """Use the client."""
        with manager as client:
            return client

    assert (await agent.call("use")).value == "client of logs"
    assert [event for event, _ in EVENTS] == ["open", "close"]
