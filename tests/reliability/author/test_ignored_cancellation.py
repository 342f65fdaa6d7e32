"""Code that ignores its cancellation: the call fails in time, and the agent reports the code."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from grpclib.exceptions import GRPCError

from mirastack_sdk._runtime.agent_service import AuthorTimeouts
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk.plugin import ExecuteRequest, ExecuteResponse
from tests.reliability.author.bench import (
    HARMLESS,
    TIMEOUT,
    USUAL,
    Agent,
    BlockingAgent,
    Caller,
    calling,
    errors_in,
)

SHORT = AuthorTimeouts(cancelled=0.05)


class StubbornCode:
    """Ignores every cancellation until `release` is set."""

    def __init__(self) -> None:
        self.started, self.cancelled, self.release = (asyncio.Event() for _ in range(3))

    async def __call__(self, _: ExecuteRequest) -> ExecuteResponse:
        self.started.set()
        while not self.release.is_set():
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                self.cancelled.set()
        return HARMLESS


class Blocking:
    """Blocks its thread until `release` is set."""

    def __init__(self) -> None:
        self.started, self.release = threading.Event(), threading.Event()

    def __call__(self, _: ExecuteRequest) -> ExecuteResponse:
        self.started.set()
        assert self.release.wait(TIMEOUT)
        return HARMLESS


@pytest.fixture
async def stubborn() -> AsyncIterator[StubbornCode]:
    code = StubbornCode()
    yield code
    # The loop could not be closed otherwise.
    code.release.set()


@pytest.fixture
def blocking() -> Iterator[Blocking]:
    code = Blocking()
    yield code
    code.release.set()


@asynccontextmanager
async def logged(caplog: pytest.LogCaptureFixture, words: str) -> AsyncIterator[None]:
    """On exit, wait until a line that contains `words` has been logged."""
    caplog.set_level(logging.INFO)
    yield
    async with asyncio.timeout(TIMEOUT):
        while words not in caplog.text:
            await turn()


async def turn() -> None:
    """Let everything else run once."""
    await asyncio.sleep(0)


async def status_of(call: asyncio.Task[object] | asyncio.Future[object]) -> Status:
    with pytest.raises(GRPCError) as caught:
        await call
    return caught.value.status


async def misbehaving(caller: Caller, timeout: float = TIMEOUT) -> asyncio.Task[object]:
    return asyncio.create_task(caller.misbehave(timeout))


async def test_an_expired_call_ends_although_its_code_does_not(
    stubborn: StubbornCode, caplog: pytest.LogCaptureFixture
) -> None:
    """The call ends within a second of its deadline; the log counts code that is still running."""
    assert USUAL.cancelled < 1
    async with calling(Agent(stubborn)) as caller:
        with pytest.raises((GRPCError, TimeoutError)):
            await caller.misbehave(timeout=0.2)
        async with logged(caplog, "ignores its cancellation"):
            pass
        assert stubborn.cancelled.is_set()
        await caller.require_well()
        async with logged(caplog, "the cancelled execution of 'misbehave' has ended"):
            stubborn.release.set()
    assert "(such executions: 1)" in caplog.text
    assert errors_in(caplog) == []


async def test_a_drain_ends_a_call_whose_code_does_not(stubborn: StubbornCode) -> None:
    """The call ends as UNAVAILABLE soon after the grace period; nothing waits for its code."""
    async with calling(Agent(stubborn)) as caller:
        call = await misbehaving(caller)
        await stubborn.started.wait()
        # Well before the deadline of the call.
        async with asyncio.timeout(TIMEOUT / 2):
            drain = asyncio.create_task(caller.server.drain(0.1))
            assert await status_of(call) is Status.UNAVAILABLE
            assert await drain == 1


async def test_a_drain_does_not_wait_for_a_thread(blocking: Blocking) -> None:
    """The call of a blocked plain method fails as soon as the grace period is over."""
    async with calling(BlockingAgent(blocking)) as caller:
        call = await misbehaving(caller)
        assert await asyncio.to_thread(blocking.started.wait, TIMEOUT)
        drain = asyncio.create_task(caller.server.drain(0.05))
        assert await status_of(call) is Status.UNAVAILABLE
        await drain


async def test_code_may_clean_up_when_it_is_cancelled() -> None:
    """The call ends only after the coroutine's `finally` blocks have run."""
    started, done = asyncio.Event(), asyncio.Event()

    async def clean_up(_: ExecuteRequest) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            for _turn in range(10):
                await turn()
            done.set()

    async with calling(Agent(clean_up)) as caller:
        call = await misbehaving(caller)
        await started.wait()
        drain = asyncio.create_task(caller.server.drain(0))
        assert await status_of(call) is Status.UNAVAILABLE
        assert done.is_set()
        await drain


async def test_an_exception_in_place_of_the_cancellation_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An exception during cleanup is logged, and does not replace the outcome of the call."""
    started = asyncio.Event()

    async def fail(_: ExecuteRequest) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("could not clean up")

    async with calling(Agent(fail)) as caller:
        call = await misbehaving(caller)
        await started.wait()
        drain = asyncio.create_task(caller.server.drain(0))
        assert await status_of(call) is Status.UNAVAILABLE
        await drain
    (record,) = errors_in(caplog)
    assert record.getMessage() == "execute raised an exception after its cancellation"


async def test_code_that_ignores_its_cancellation_counts_as_running(
    stubborn: StubbornCode, caplog: pytest.LogCaptureFixture
) -> None:
    """It still counts towards the limit: the next execution is refused, and the log says why."""
    agent = Agent(stubborn)
    async with calling(agent, max_executions=1, timeouts=SHORT) as caller:
        with pytest.raises((GRPCError, TimeoutError)):
            await caller.misbehave(timeout=0.1)
        async with logged(caplog, "ignores its cancellation"):
            pass
        assert await status_of(asyncio.ensure_future(caller.answer())) is Status.RESOURCE_EXHAUSTED
        assert "1 of them ignore their cancellation" in caplog.text
        assert (await caller.health()).healthy
        async with logged(caplog, "has ended"):
            stubborn.release.set()
        await caller.require_well()
    assert [request.action for request in agent.seen] == ["misbehave", "answer"]


async def test_code_that_cancels_its_own_task_harms_nobody() -> None:
    """Code that cancels its own task fails its own call only."""

    async def cancel_itself(_: ExecuteRequest) -> ExecuteResponse:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        task.cancel()
        return HARMLESS

    async with calling(Agent(cancel_itself)) as caller:
        assert (await caller.misbehave()).success
        await caller.require_well()
