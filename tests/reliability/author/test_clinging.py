"""Code that does not end when it is told to: its call is answered, and it is counted."""

import asyncio
import contextlib
import logging
import threading
import time
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
    Agent,
    BlockingAgent,
    Caller,
    calling,
    errors_in,
)

SHORT = AuthorTimeouts(cancelled=0.05)


class Clinging:
    """Swallows every cancellation until it is let go."""

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
    """Blocks its thread until it is let go."""

    def __init__(self) -> None:
        self.started, self.release = threading.Event(), threading.Event()

    def __call__(self, _: ExecuteRequest) -> ExecuteResponse:
        self.started.set()
        assert self.release.wait(TIMEOUT)
        return HARMLESS


@pytest.fixture
async def clinging() -> AsyncIterator[Clinging]:
    code = Clinging()
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
    """Wait at the end until a line with `words` has been logged."""
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


async def test_an_expired_call_is_answered_though_its_code_clings(
    clinging: Clinging, caplog: pytest.LogCaptureFixture
) -> None:
    """DEADLINE_EXCEEDED within a second of the deadline; the log counts what goes on."""
    async with calling(Agent(clinging)) as caller:
        began = time.monotonic()
        with pytest.raises((GRPCError, TimeoutError)):
            await caller.misbehave(timeout=0.2)
        async with logged(caplog, "ignores its cancellation"):
            pass
        assert time.monotonic() - began < 1.2
        assert clinging.cancelled.is_set()
        await caller.require_well()
        async with logged(caplog, "the cancelled execution of 'misbehave' has ended"):
            clinging.release.set()
    assert "(such executions: 1)" in caplog.text
    assert errors_in(caplog) == []


async def test_a_drain_answers_a_call_whose_code_clings(clinging: Clinging) -> None:
    """UNAVAILABLE within a second of the grace period's end."""
    async with calling(Agent(clinging)) as caller:
        call = await misbehaving(caller)
        await clinging.started.wait()
        began = time.monotonic()
        drain = asyncio.create_task(caller.server.drain(0.1))
        assert await status_of(call) is Status.UNAVAILABLE
        assert await drain == 1
        assert time.monotonic() - began < 1.1


async def test_a_drain_does_not_wait_for_a_thread(blocking: Blocking) -> None:
    """A plain method that blocks is answered for at once when the grace period is over."""
    async with calling(BlockingAgent(blocking)) as caller:
        call = await misbehaving(caller)
        assert await asyncio.to_thread(blocking.started.wait, TIMEOUT)
        drain = asyncio.create_task(caller.server.drain(0.05))
        assert await status_of(call) is Status.UNAVAILABLE
        await drain


async def test_a_caller_that_leaves_cancels_the_code() -> None:
    """A call that its caller gives up cancels the author's coroutine."""
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_: ExecuteRequest) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with calling(Agent(wait)) as caller:
        call = await misbehaving(caller)
        await started.wait()
        call.cancel()
        async with asyncio.timeout(TIMEOUT):
            await cancelled.wait()
        await caller.require_well()


async def test_code_may_clean_up_when_it_is_cancelled() -> None:
    """What a coroutine does in `finally` is done before its call is answered."""
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
    """What is raised while cleaning up does not get lost, and does not become the answer."""
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


async def test_a_late_answer_goes_nowhere(blocking: Blocking) -> None:
    """What a thread returns after its call has expired disturbs nobody."""
    async with calling(BlockingAgent(blocking)) as caller:
        with pytest.raises((GRPCError, TimeoutError)):
            await caller.misbehave(timeout=0.1)
        blocking.release.set()
        for _ in range(5):
            await caller.require_well()


async def test_what_clings_counts_as_running(
    clinging: Clinging, caplog: pytest.LogCaptureFixture
) -> None:
    """It uses memory as before: the next execution is refused, with a line that says what for."""
    agent = Agent(clinging)
    async with calling(agent, max_executions=1, timeouts=SHORT) as caller:
        with pytest.raises((GRPCError, TimeoutError)):
            await caller.misbehave(timeout=0.1)
        async with logged(caplog, "ignores its cancellation"):
            pass
        assert await status_of(asyncio.ensure_future(caller.answer())) is Status.RESOURCE_EXHAUSTED
        assert "1 of them ignore their cancellation" in caplog.text
        assert (await caller.health()).healthy
        async with logged(caplog, "has ended"):
            clinging.release.set()
        await caller.require_well()
    assert [request.action for request in agent.seen] == ["misbehave", "answer"]


async def test_code_that_cancels_its_own_task_harms_nobody() -> None:
    """What an author does to the current task is the author's: the call is answered."""

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
