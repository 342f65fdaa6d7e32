"""Dependencies are opened for an action, shared, and closed in order."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated

import pytest

from mirastack_sdk.agent import Depends, OrLast
from mirastack_sdk.plugin import Context, TimeRange
from mirastack_sdk.testing import make_execute_request
from tests.actions.agents import RANGE, new_agent

EVENTS: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    """Each test begins without events."""
    EVENTS.clear()


class Client:
    """A client that is opened and closed."""

    def __init__(self) -> None:
        EVENTS.append("made")


async def asynchronous() -> Client:
    return Client()


def plain() -> Client:
    return Client()


async def async_generator() -> AsyncIterator[Client]:
    try:
        yield Client()
    finally:
        EVENTS.append("closed")


def generator() -> Iterator[Client]:
    try:
        yield Client()
    finally:
        EVENTS.append("closed")


@asynccontextmanager
async def async_manager() -> AsyncIterator[Client]:
    yield Client()
    EVENTS.append("closed")


@contextmanager
def manager() -> Iterator[Client]:
    yield Client()
    EVENTS.append("closed")


FACTORIES: dict[str, tuple[Callable[..., object], list[str]]] = {
    "class": (Client, ["made", "used"]),
    "async-function": (asynchronous, ["made", "used"]),
    "function": (plain, ["made", "used"]),
    "async-generator": (async_generator, ["made", "used", "closed"]),
    "generator": (generator, ["made", "used", "closed"]),
    "async-context-manager": (async_manager, ["made", "used", "closed"]),
    "context-manager": (manager, ["made", "used", "closed"]),
}


@pytest.mark.parametrize(("factory", "events"), FACTORIES.values(), ids=FACTORIES)
async def test_every_kind_of_factory_works(
    factory: Callable[..., object], events: list[str]
) -> None:
    """Functions and classes; generators and context managers close too."""
    agent = new_agent()

    @agent.action
    async def search(client: Annotated[Client, Depends(factory)]) -> None:
        """Search."""
        assert isinstance(client, Client)
        EVENTS.append("used")

    await agent.call("search")
    assert events == EVENTS


async def test_plain_factories_run_in_threads() -> None:
    """Opening and closing a connection does not block the loop."""
    agent = new_agent()
    threads: list[threading.Thread] = []

    def opened() -> Iterator[str]:
        threads.append(threading.current_thread())
        yield "open"
        threads.append(threading.current_thread())

    def wrapped(client: Annotated[str, Depends(opened)]) -> str:
        threads.append(threading.current_thread())
        return client

    @agent.action
    async def search(client: Annotated[str, Depends(wrapped)]) -> None:
        """Search."""

    await agent.call("search")
    assert len(threads) == 3
    assert threading.main_thread() not in threads


async def first() -> AsyncIterator[str]:
    EVENTS.append("open first")
    yield "first"
    EVENTS.append("close first")


async def second(
    first: Annotated[str, Depends(first)], ctx: Context, window: TimeRange | None
) -> AsyncIterator[str]:
    EVENTS.append("open second")
    yield f"{first} {ctx.execution_id} {window}"
    EVENTS.append("close second")


async def test_a_call_shares_dependencies_and_closes_them_in_reverse() -> None:
    """Each execution has one of each; the last one opened is closed first."""
    agent = new_agent()

    @agent.action
    async def search(
        second: Annotated[str, Depends(second)], first: Annotated[str, Depends(first)]
    ) -> str:
        """Search."""
        return f"{second}, {first}"

    found = await agent.call("search")
    assert found.value == "first execution-1 None, first"
    assert EVENTS == ["open first", "open second", "close second", "close first"]


async def test_a_dependency_is_open_while_the_result_is_read() -> None:
    """A lazy result is read before anything is closed."""
    agent = new_agent()

    @agent.action
    async def search(client: Annotated[Client, Depends(async_generator)]) -> Iterator[bool]:
        """Search."""
        return ("closed" not in EVENTS for _ in range(1))

    assert (await agent.call("search")).value == [True]
    assert EVENTS[-1] == "closed"


async def test_a_dependency_sees_a_failure_and_cannot_hide_it() -> None:
    """It may roll back; the execution fails all the same."""
    agent = new_agent()

    async def transaction() -> AsyncIterator[str]:
        try:
            yield "open"
        except RuntimeError:
            EVENTS.append("rolled back")

    @agent.action
    async def search(open_one: Annotated[str, Depends(transaction)]) -> None:
        """Search."""
        raise RuntimeError("no backend")

    with pytest.raises(RuntimeError, match="no backend"):
        await agent.call("search")
    assert EVENTS == ["rolled back"]


async def test_a_dependency_may_need_a_time_range() -> None:
    """A missing range is reported as if the action itself needed it."""
    agent = new_agent()

    async def window(time_range: TimeRange) -> int:
        return time_range.end_epoch_ms - time_range.start_epoch_ms

    @agent.action
    async def search(milliseconds: Annotated[int, Depends(window)]) -> int:
        """Search."""
        return milliseconds

    assert (await agent.call("search", time_range=RANGE)).value == 3_600_000
    assert (await agent.call("search")).logs[1:] == [
        "a time range is required, such as: last 30 minutes"
    ]


async def test_start_and_end_are_known_parameters() -> None:
    """A range may be made from `start` and `end`, which are not declared."""
    agent = new_agent()

    @agent.action
    async def search(window: Annotated[TimeRange, OrLast(minutes=30)]) -> int:
        """Search."""
        return window.start_epoch_ms

    assert list(agent.schema().actions[0].input_params) == []
    found = await agent.execute(make_execute_request({"start": "10", "end": "20"}, action="search"))
    assert (found.output, found.logs) == ({"result": "10000"}, [])
    wrong = await agent.execute(make_execute_request({"start": "then"}, action="search"))
    assert wrong.logs[1:] == [
        'start: expected a time such as 2026-04-08T12:00:00Z or -1h, got "then"'
    ]
