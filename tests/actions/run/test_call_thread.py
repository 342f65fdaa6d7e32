"""Plain functions of one call share a thread and its context variables."""

import asyncio
import contextvars
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Self

import pytest

from mirastack_sdk.agent import Agent, Depends
from tests.actions.agents import TIMEOUT, new_agent

TENANT = contextvars.ContextVar("TENANT", default="nobody")
REGION = contextvars.ContextVar("REGION", default="nowhere")


def connection() -> Iterator[sqlite3.Connection]:
    """A connection that refuses other threads, even when it is closed."""
    made = sqlite3.connect(":memory:")
    try:
        yield made
        made.execute("select 1")
    finally:
        made.close()


def returned() -> sqlite3.Connection:
    """A connection that nobody closes."""
    return sqlite3.connect(":memory:")


@contextmanager
def decorated() -> Iterator[sqlite3.Connection]:
    """A connection of a context manager."""
    yield from connection()


class Database:
    """A context manager of its own class."""

    def __init__(self) -> None:
        self.made = sqlite3.connect(":memory:")

    def __enter__(self) -> Self:
        self.execute("select 1")
        return self

    def __exit__(self, *_: object) -> None:
        self.execute("select 1")
        self.made.close()

    def execute(self, query: str) -> sqlite3.Cursor:
        """Run a query."""
        return self.made.execute(query)


def cursor(
    made: Annotated[sqlite3.Connection, Depends(connection)],
) -> Iterator[sqlite3.Cursor]:
    """A cursor of a connection that another dependency opens."""
    found = made.cursor()
    yield found
    found.close()


FACTORIES: dict[str, Callable[..., object]] = {
    "generator": connection,
    "function": returned,
    "context-manager": decorated,
    "class": Database,
    "nested": cursor,
}


def _using(factory: Callable[..., object]) -> Agent:
    agent = new_agent()

    @agent.action
    def single(database: Annotated[sqlite3.Connection, Depends(factory)]) -> int:
        """Read one number."""
        (number,) = database.execute("select 7").fetchone()
        return int(number)

    @agent.action
    def several(database: Annotated[sqlite3.Connection, Depends(factory)]) -> Iterator[int]:
        """Yield numbers."""
        for number in range(3):
            yield from database.execute(f"select {number}").fetchone()

    @agent.action
    def lazy(database: Annotated[sqlite3.Connection, Depends(factory)]) -> object:
        """Return an iterator that reads the connection."""
        return (database.execute(f"select {number}").fetchone()[0] for number in range(3))

    @agent.health
    def check(database: Annotated[sqlite3.Connection, Depends(factory)]) -> None:
        database.execute("select 1")

    return agent


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
async def test_a_plain_action_uses_what_is_bound_to_its_thread(
    factory: Callable[..., object], caplog: pytest.LogCaptureFixture
) -> None:
    """What a plain dependency opens is opened, used and closed in one thread."""
    agent = _using(factory)
    assert (await agent.call("single")).value == 7
    assert (await agent.call("several")).value == [0, 1, 2]
    assert (await agent.call("lazy")).value == [0, 1, 2]
    await agent.health_check()
    assert not caplog.records


async def test_calls_at_once_have_threads_of_their_own() -> None:
    """Two plain actions that wait for each other both end, each in the thread that opened."""
    agent, meeting, threads = new_agent(), threading.Barrier(2), list[bool]()

    def opened() -> Iterator[int]:
        yield threading.get_ident()

    @agent.action
    def meet(ident: Annotated[int, Depends(opened)]) -> None:
        """Meet another call."""
        meeting.wait(TIMEOUT)
        threads.append(ident == threading.get_ident())

    await asyncio.gather(agent.call("meet"), agent.call("meet"))
    assert threads == [True, True]


def tenant() -> Iterator[str]:
    """Sets the tenant while it is open."""
    token = TENANT.set("acme")
    try:
        yield TENANT.get()
        assert TENANT.get() == "acme"
    finally:
        TENANT.reset(token)


def plain_tenant() -> str:
    """Sets the tenant for good."""
    TENANT.set("acme")
    return TENANT.get()


async def region() -> AsyncIterator[str]:
    """Sets the region on the loop."""
    token = REGION.set("north")
    try:
        yield REGION.get()
    finally:
        REGION.reset(token)


@pytest.mark.parametrize("factory", [tenant, plain_tenant], ids=lambda found: str(found.__name__))
async def test_context_variables_reach_the_action(factory: Callable[..., object]) -> None:
    """An action sees the variables that its dependencies set, whichever of them is plain."""
    agent = new_agent()
    set_here = Annotated[str, Depends(factory)]

    @agent.action
    def plain(first: set_here, second: Annotated[str, Depends(region)]) -> list[str]:
        """Read the variables."""
        return [TENANT.get(), REGION.get()]

    @agent.action
    async def asynchronous(second: Annotated[str, Depends(region)], first: set_here) -> list[str]:
        """Read the variables."""
        return [TENANT.get(), REGION.get()]

    @agent.action
    def stream(first: set_here, second: Annotated[str, Depends(region)]) -> Iterator[str]:
        """Yield the variables."""
        yield TENANT.get()
        yield REGION.get()

    for name in ("plain", "asynchronous", "stream"):
        result = await agent.call(name)
        assert result.value == ["acme", "north"], name
    assert (TENANT.get(), REGION.get()) == ("nobody", "nowhere")


async def test_a_variable_of_the_caller_reaches_plain_code() -> None:
    """What is set around a call is visible in its thread."""
    agent = new_agent()

    def opened() -> Iterator[str]:
        yield TENANT.get()

    @agent.action
    def read(first: Annotated[str, Depends(opened)]) -> list[str]:
        """Read the variable."""
        return [first, TENANT.get()]

    token = TENANT.set("caller")
    try:
        assert (await agent.call("read")).value == ["caller", "caller"]
    finally:
        TENANT.reset(token)


@pytest.mark.parametrize("fails", ["opening", "using", "closing", "nothing"])
async def test_the_thread_ends_with_the_call(fails: str) -> None:
    """No thread is left when dependencies fail to open, to close or to be used."""
    agent = new_agent()
    threads: list[threading.Thread] = []

    def fail_while(what: str) -> None:
        if fails == what:
            raise ConnectionError(what)

    def opened() -> Iterator[str]:
        threads.append(threading.current_thread())
        fail_while("opening")
        yield "open"
        fail_while("closing")

    @agent.action
    def use(value: Annotated[str, Depends(opened)]) -> str:
        """Use the value."""
        fail_while("using")
        return value

    if fails in {"opening", "using"}:
        with pytest.raises(ConnectionError, match=fails):
            await agent.call("use")
    else:
        assert (await agent.call("use")).value == "open"
    (thread,) = threads
    await asyncio.to_thread(thread.join, TIMEOUT)
    assert not thread.is_alive()


async def test_a_call_cancelled_twice_does_not_wait_for_its_thread() -> None:
    """Its dependencies close in the thread as soon as that returns, in their order."""
    agent = new_agent()
    started, goes_on, closed = threading.Event(), threading.Event(), threading.Event()
    events: list[str] = []

    def outer() -> Iterator[str]:
        try:
            yield "outer"
        finally:
            events.append("outer closed")
            closed.set()

    def inner(value: Annotated[str, Depends(outer)]) -> Iterator[str]:
        try:
            yield value
        finally:
            events.append("inner closed")

    @agent.action
    def use(value: Annotated[str, Depends(inner)]) -> None:
        """Use the value for long."""
        started.set()
        goes_on.wait(TIMEOUT)
        events.append("used")

    call = asyncio.create_task(agent.call("use"))
    await asyncio.to_thread(started.wait, TIMEOUT)
    call.cancel()
    await asyncio.wait((call,), timeout=0)
    assert not call.done()
    call.cancel()
    await asyncio.wait((call,), timeout=TIMEOUT)
    assert call.cancelled()
    assert events == []
    goes_on.set()
    assert await asyncio.to_thread(closed.wait, TIMEOUT)
    assert events == ["used", "inner closed", "outer closed"]


async def test_an_agent_long_dependency_keeps_a_thread_of_its_own() -> None:
    """It is opened and closed in one thread, which is none of those that use it."""
    agent = new_agent()
    threads: list[int] = []

    def opened() -> Iterator[str]:
        threads.append(threading.get_ident())
        yield "open"
        threads.append(threading.get_ident())

    @agent.action
    def use(value: Annotated[str, Depends(opened, lifetime="agent")]) -> None:
        """Use the value."""
        threads.append(threading.get_ident())

    async with agent.running():
        await agent.call("use")
        await agent.call("use")
    first, *users, last = threads
    assert first == last
    assert first not in users
