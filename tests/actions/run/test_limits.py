"""Actions keep to their timeout and their concurrency, and say so."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated

import pytest

from mirastack_sdk.agent import Depends
from tests.actions.agents import TIMEOUT, new_agent
from tests.cancellation import nothing_left, until


@contextmanager
def logged_lines() -> Iterator[asyncio.Queue[str]]:
    """The lines that the SDK logs meanwhile."""
    lines = asyncio.Queue[str]()
    handler = logging.Handler()
    handler.emit = lambda record: lines.put_nowait(record.getMessage())  # type: ignore[method-assign] # one line
    logger = logging.getLogger("mirastack_sdk.agent")
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)


async def test_a_timeout_is_reported() -> None:
    """The response says how long the action ran, and what to do."""
    agent = new_agent()

    @agent.action(timeout=0.01)
    async def search() -> None:
        """Search."""
        await asyncio.Event().wait()

    found = await agent.call("search")
    assert found.logs == [
        "search was stopped after 0.01 s: ask for less, such as a shorter time range"
    ]


async def test_a_timeout_of_a_stream_keeps_its_items() -> None:
    """The response has the items so far."""
    agent = new_agent()

    @agent.action(timeout=0.01)
    async def search() -> AsyncIterator[int]:
        """Search."""
        yield 1
        await asyncio.Event().wait()

    found = await agent.call("search")
    assert found.value == [1]
    assert found.logs == ["search was stopped after 0.01 s, its result is incomplete"]


async def test_a_result_during_cancellation_counts() -> None:
    """A result that comes while the call cleans up is the response."""
    agent = new_agent()

    @agent.action(timeout=0.01)
    async def search() -> int:
        """Search."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return 5
        return 6

    assert (await agent.call("search")).value == 5


async def test_a_thread_may_outlive_the_timeout() -> None:
    """The response is sent, its resources stay open, and its late exception is logged."""
    agent = new_agent()
    goes_on, closed = threading.Event(), asyncio.Event()

    async def client() -> AsyncIterator[str]:
        try:
            yield "open"
        finally:
            closed.set()

    @agent.action(timeout=0.01)
    def search(client: Annotated[str, Depends(client)]) -> None:
        """Search."""
        goes_on.wait(TIMEOUT)
        raise RuntimeError("too late")

    with logged_lines() as lines:
        found = await agent.call("search")
        assert found.logs == [
            "search was stopped after 0.01 s: ask for less, such as a shorter time range"
        ]
        assert not closed.is_set()
        goes_on.set()
        line = await asyncio.wait_for(lines.get(), TIMEOUT)
    assert line == "search raised an exception after it was stopped"
    assert closed.is_set()


async def test_a_cancelled_call_keeps_resources_open_for_its_thread() -> None:
    """It ends with its thread, or when it is cancelled again."""
    agent = new_agent()
    started, goes_on = threading.Event(), threading.Event()
    closed: list[bool] = []

    async def client() -> AsyncIterator[str]:
        try:
            yield "open"
        finally:
            closed.append(goes_on.is_set())

    @agent.action
    def search(client: Annotated[str, Depends(client)]) -> None:
        """Search."""
        started.set()
        goes_on.wait(TIMEOUT)

    for cancellations in (1, 2):
        started.clear()
        goes_on.clear()
        call = asyncio.create_task(agent.call("search"))
        await asyncio.to_thread(started.wait, TIMEOUT)
        for _ in range(cancellations):
            call.cancel()
            await asyncio.wait((call,), timeout=0.01)
        assert call.done() is (cancellations == 2)
        goes_on.set()
        await asyncio.wait((call,))
        assert call.cancelled()
    assert closed == [True, False]


async def test_max_concurrency_limits_calls() -> None:
    """Other calls wait."""
    agent = new_agent()
    running, most = 0, 0
    full, ends = asyncio.Event(), asyncio.Event()

    @agent.action(max_concurrency=2)
    async def search() -> None:
        """Search."""
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            full.set()
        await ends.wait()
        running -= 1

    async with asyncio.timeout(TIMEOUT), asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(agent.call("search")) for _ in range(5)]
        await full.wait()
        ends.set()
    assert most == 2
    assert [call.result().value for call in calls] == [None] * 5


async def test_a_timeout_while_waiting_has_its_own_text() -> None:
    """A call that never ran did not ask for too much."""
    agent = new_agent()
    started, ends = asyncio.Event(), asyncio.Event()

    @agent.action(max_concurrency=1, timeout=0.05)
    async def search(hold: bool) -> None:
        """Search."""
        started.set()
        while hold:
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue
            return

    async with asyncio.timeout(TIMEOUT), asyncio.TaskGroup() as tasks:
        tasks.create_task(agent.call("search", hold=True))
        await started.wait()
        found = await agent.call("search", hold=False)
        ends.set()
    assert found.logs == [
        "search was stopped after 0.05 s: other calls of it took all of that time: try again later"
    ]


async def test_a_cancelled_action_with_a_timeout_waits_for_its_clean_up() -> None:
    """As without one: the call ends when the author's code has ended."""
    agent, running, clean_up = new_agent(), asyncio.Event(), asyncio.Event()
    events: list[str] = []

    @agent.action(timeout=60)
    async def search() -> None:
        """Search."""
        try:
            running.set()
            await asyncio.Event().wait()
        finally:
            await clean_up.wait()
            events.append("cleaned up")

    async with asyncio.timeout(TIMEOUT):
        call = asyncio.create_task(agent.call("search"))
        await running.wait()
        call.cancel()
        for _ in range(10):
            await asyncio.sleep(0)
        assert not call.done()
        clean_up.set()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert events == ["cleaned up"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_an_error_of_a_cancelled_action_with_a_timeout_is_raised(*, at_once: bool) -> None:
    """As without one, whether the clean-up fails or the action itself, at the same moment."""
    agent, running, failing = new_agent(), asyncio.Event(), asyncio.Event()

    @agent.action(timeout=60)
    async def search() -> None:
        """Search."""
        running.set()
        try:
            await failing.wait()
        finally:
            raise ConnectionError("cannot close")

    async with asyncio.timeout(TIMEOUT), nothing_left():
        call = asyncio.create_task(agent.call("search"))
        await running.wait()
        if at_once:
            failing.set()
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(ConnectionError, match="cannot close"):
            await call


async def test_an_error_of_an_action_that_is_cancelled_twice_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The call has ended, so the log is the only place for it."""
    agent, running, clean_up = new_agent(), asyncio.Event(), asyncio.Event()

    @agent.action(timeout=60)
    async def search() -> None:
        """Search."""
        try:
            running.set()
            await asyncio.Event().wait()
        finally:
            await clean_up.wait()
            raise ConnectionError("cannot close")

    async with asyncio.timeout(TIMEOUT), nothing_left():
        call = asyncio.create_task(agent.call("search"))
        await running.wait()
        for _ in range(2):
            call.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await call
        clean_up.set()
        await until(lambda: caplog.records)
    assert caplog.messages == ["search raised an exception after it was stopped"]
