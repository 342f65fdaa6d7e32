"""Context managers are entered and left, and an error while leaving does not undo the action."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType
from typing import Annotated, Self

import pytest

from mirastack_sdk.agent import ActionError, Agent, Depends
from tests.actions.agents import TIMEOUT, new_agent

EVENTS: list[str] = []


@pytest.fixture(autouse=True)
def _no_events() -> None:
    EVENTS.clear()


class Blocking(AbstractContextManager["Blocking"]):
    """A client that blocks while it opens."""

    def __init__(self) -> None:
        assert threading.current_thread() is not threading.main_thread()

    def __enter__(self) -> Self:
        EVENTS.append("entered")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        EVENTS.append(f"left {kind.__name__ if kind else ''}".strip())


class Session:
    """What a pool hands out."""


class Pool(AbstractAsyncContextManager[Session]):
    """A pool that yields something else than itself."""

    async def __aenter__(self) -> Session:
        EVENTS.append("entered")
        return Session()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        EVENTS.append(f"left {kind.__name__ if kind else ''}".strip())


@pytest.mark.parametrize("fails", [False, True])
async def test_a_class_of_context_managers_is_entered_and_left(*, fails: bool) -> None:
    """The parameter is what entering returns, and the error of an action arrives."""
    agent = new_agent()

    @agent.action
    async def pooled(session: Annotated[Session, Depends(Pool)]) -> bool:
        """Use a pool."""
        if fails:
            raise ActionError("no")
        return isinstance(session, Session)

    @agent.action
    def blocking(client: Annotated[Blocking, Depends(Blocking)]) -> bool:
        """Use a client."""
        if fails:
            raise ActionError("no")
        return isinstance(client, Blocking)

    for name in ("pooled", "blocking"):
        found = await agent.call(name)
        assert found.logs == ["no"] if fails else found.value is True
        assert ["entered", "left ActionError" if fails else "left"] == EVENTS
        EVENTS.clear()


async def test_one_for_the_agent_is_left_when_it_stops() -> None:
    """All calls share what it yields."""
    agent = new_agent()

    @agent.action
    async def pooled(session: Annotated[Session, Depends(Pool, lifetime="agent")]) -> int:
        """Use a pool."""
        return id(session)

    async with agent.running():
        assert (await agent.call("pooled")).value == (await agent.call("pooled")).value
        assert EVENTS == ["entered"]
    assert EVENTS == ["entered", "left"]


async def closes_badly() -> AsyncIterator[str]:
    """Fail while closing."""
    yield "open"
    raise RuntimeError("the connection is gone")


def closes_badly_in_a_thread() -> Iterator[str]:
    """Fail while closing."""
    yield "open"
    raise RuntimeError("the connection is gone")


async def ends_what_it_has_cancelled() -> AsyncIterator[str]:
    """Fail while closing, as many do: the awaited task raises its cancellation."""
    task = asyncio.create_task(asyncio.Event().wait())
    yield "open"
    task.cancel()
    await task


def cancels_in_a_thread() -> Iterator[str]:
    """Fail while closing."""
    yield "open"
    raise asyncio.CancelledError


class CancelsOnExit(AbstractAsyncContextManager[str]):
    """Fails while it is left."""

    async def __aenter__(self) -> str:
        return "open"

    async def __aexit__(self, *_: object) -> None:
        raise asyncio.CancelledError


def agent_with(factory: object, timeout: float | None = None) -> Agent:
    """An agent whose action depends on a factory."""
    agent = new_agent()
    assert callable(factory)

    async def use(client: Annotated[str, Depends(factory)], *, fail: bool = False) -> str:
        """Use a client."""
        if fail:
            raise ActionError("no such row")
        return client

    agent.action(use) if timeout is None else agent.action(timeout=timeout)(use)
    return agent


@pytest.mark.parametrize("timeout", [None, 60.0])
@pytest.mark.parametrize(
    "factory",
    [
        closes_badly,
        closes_badly_in_a_thread,
        ends_what_it_has_cancelled,
        cancels_in_a_thread,
        CancelsOnExit,
    ],
)
async def test_an_error_while_closing_does_not_replace_the_result(
    factory: object, timeout: float | None, caplog: pytest.LogCaptureFixture
) -> None:
    """The result is sent, and the error is logged with its traceback."""
    found = await agent_with(factory, timeout).call("use")
    assert found.value == "open"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "use: a dependency could not be closed"
    assert record.exc_info is not None


async def test_a_dependency_may_still_replace_an_error() -> None:
    """It is given the action's error, and what it raises then is the outcome."""

    async def translating() -> AsyncIterator[str]:
        try:
            yield "open"
        except ActionError as error:
            raise ActionError(f"translated: {error}") from error

    found = await agent_with(translating).call("use", fail=True)
    assert found.logs == ["translated: no such row"]


class Slow:
    """What is closed, or runs, in the thread of a call for as long as the test wants, and fails."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.goes_on = threading.Event()

    def fail(self) -> None:
        """Raise when the test lets it."""
        self.reached.set()
        assert self.goes_on.wait(TIMEOUT)
        raise ConnectionError("the connection is gone")

    def generator(self) -> Iterator[str]:
        """Fail while closing."""
        try:
            yield "open"
        finally:
            self.fail()

    def managing(self) -> Agent:
        """An agent whose dependency is a context manager."""
        slow = self

        class Manager(AbstractContextManager[str]):
            def __enter__(self) -> str:
                return "open"

            def __exit__(self, *_: object) -> None:
                slow.fail()

        return agent_with(Manager)

    def generating(self) -> Agent:
        """An agent whose dependency is a generator."""
        return agent_with(self.generator)

    def plain(self) -> Agent:
        """An agent whose action is a plain function."""
        agent = new_agent()

        @agent.action
        def use() -> None:
            """Fail."""
            self.fail()

        return agent

    def streaming(self) -> Agent:
        """An agent whose action is a plain generator, which fails while it is closed."""
        agent = new_agent()

        @agent.action
        def use() -> Iterator[str]:
            """Yield, and fail."""
            try:
                self.reached.set()
                assert self.goes_on.wait(TIMEOUT)
                yield "one"
            finally:
                raise ConnectionError("the connection is gone")

        return agent


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("kind", [Slow.managing, Slow.generating, Slow.plain, Slow.streaming])
async def test_an_error_of_a_thread_whose_call_is_cancelled_reaches_someone(
    kind: Callable[[Slow], Agent], times: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A call cancelled once waits for its thread, twice does not; an error is raised or logged."""
    slow = Slow()
    call = asyncio.create_task(kind(slow).call("use"))
    assert await asyncio.to_thread(slow.reached.wait, TIMEOUT)
    for _ in range(times):
        assert not call.done()
        call.cancel()
        await _soon(call.done, 3)
    assert call.done() is (times == 2)
    slow.goes_on.set()
    await asyncio.wait((call,), timeout=TIMEOUT)
    if not call.cancelled():
        with pytest.raises(ConnectionError, match="the connection is gone"):
            await call
        return
    await _soon(lambda: "the connection is gone" in caplog.text, -1)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.name == "mirastack_sdk.agent"


async def _soon(condition: Callable[[], bool], iterations: int) -> None:
    """Let the loop run until the condition is true, for so many iterations at most."""
    async with asyncio.timeout(TIMEOUT):
        while not condition() and iterations:
            iterations -= 1
            await asyncio.sleep(0)


async def test_what_a_dependency_uses_is_open_while_a_cancelled_call_leaves_it() -> None:
    """The pool that a plain context manager returns its connection to is closed after it."""
    agent, slow, events = new_agent(), Slow(), list[str]()

    async def pool() -> AsyncIterator[list[str]]:
        try:
            yield events
        finally:
            events.append("pool closed")

    def connection(used: Annotated[list[str], Depends(pool)]) -> Iterator[str]:
        try:
            yield "open"
        finally:
            slow.reached.set()
            assert slow.goes_on.wait(TIMEOUT)
            used.append("connection returned")

    @agent.action
    async def use(value: Annotated[str, Depends(connection)]) -> str:
        """Use the connection."""
        return value

    call = asyncio.create_task(agent.call("use"))
    assert await asyncio.to_thread(slow.reached.wait, TIMEOUT)
    call.cancel()
    await _soon(lambda: bool(events), 5)
    assert events == []
    slow.goes_on.set()
    await asyncio.wait((call,), timeout=TIMEOUT)
    assert call.cancelled()
    assert events == ["connection returned", "pool closed"]
