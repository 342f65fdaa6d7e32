"""The loop, the log and the messages, which calls share without affecting each other."""

import asyncio
import contextvars
import logging
import threading
from typing import NoReturn

import pytest

from mirastack_sdk._runtime.watchdog import LoopWatchdog
from mirastack_sdk.plugin import ExecuteRequest, ExecuteResponse
from mirastack_sdk.testing import Encoding
from tests.reliability.author.bench import (
    HARMLESS,
    TIMEOUT,
    Agent,
    BlockingAgent,
    calling,
    errors_in,
)

STATE = contextvars.ContextVar("an_authors_state", default="clean")


class Waiting(logging.Handler):
    """Sets `arrived` at the first record."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.arrived.set()


class Broken(logging.Handler):
    """Raises for every record."""

    def emit(self, record: logging.LogRecord) -> NoReturn:
        raise RuntimeError("this handler is broken")


async def test_a_blocked_loop_is_reported_and_nothing_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The watchdog names the line; all calls that came meanwhile are served afterwards."""
    reported = Waiting()
    logging.getLogger("mirastack_sdk.watchdog").addHandler(reported)
    entered = asyncio.Event()

    async def block(_: ExecuteRequest) -> ExecuteResponse:
        entered.set()
        await asyncio.sleep(0)
        assert reported.arrived.wait(TIMEOUT)
        return HARMLESS

    with LoopWatchdog(blocked_seconds=0.05):
        async with calling(Agent(block)) as caller:
            blocked = asyncio.create_task(caller.misbehave())
            await entered.wait()
            others = [asyncio.create_task(caller.answer()) for _ in range(20)]
            health = asyncio.create_task(caller.health())
            assert all(reply.success for reply in await asyncio.gather(blocked, *others))
            assert (await health).healthy
    assert "test_loop.py" in caplog.text
    assert "in block" in caplog.text


@pytest.mark.parametrize("agent_type", [Agent, BlockingAgent], ids=["coroutine", "thread"])
async def test_context_variables_do_not_leak_from_call_to_call(agent_type: type[Agent]) -> None:
    """Each call runs in its own context."""
    found: list[str] = []

    def dirty(_: ExecuteRequest) -> ExecuteResponse:
        found.append(STATE.get())
        STATE.set("dirty")
        return HARMLESS

    async with calling(agent_type(dirty)) as caller:
        for _ in range(3):
            await caller.misbehave()
    assert found == ["clean"] * 3
    assert STATE.get() == "clean"


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_what_an_author_does_to_a_request_stays_there(encoding: Encoding) -> None:
    """Params can be changed and replaced; the next call has its own."""

    def spoil(req: ExecuteRequest) -> ExecuteResponse:
        assert req.params == {"action": "misbehave"}
        req.params.clear()
        req.params["mine"] = "x"
        req.action = "other"
        req.time_range = None
        with pytest.raises(TypeError):
            req.ctx.metadata["mine"] = "x"  # type: ignore[index] # wrong on purpose
        return HARMLESS

    async with calling(Agent(spoil), encoding=encoding) as caller:
        for _ in range(3):
            assert (await caller.misbehave()).success


async def test_a_response_may_be_shared_and_changed_later() -> None:
    """Changing a response after it was returned changes nothing."""
    shared = ExecuteResponse(output={"result": "1"}, logs=["one"])

    def answer(_: ExecuteRequest) -> ExecuteResponse:
        shared.logs.append("more")
        return shared

    async with calling(Agent(answer)) as caller:
        assert (await caller.misbehave()).logs == ["one", "more"]
        shared.output.clear()
        assert (await caller.misbehave()).logs == ["one", "more", "more"]


async def test_a_handler_that_raises_costs_no_answer() -> None:
    """Calls work although every log record fails."""
    root = logging.getLogger()
    broken = Broken()
    root.addHandler(broken)
    try:
        async with calling(Agent(lambda _: 1 / 0)) as caller:
            assert (await caller.misbehave()).error == "division by zero"
            await caller.require_well()
            assert (await caller.push(region="eu")).acknowledged
    finally:
        root.removeHandler(broken)


async def test_a_line_names_the_place_that_wrote_it(caplog: pytest.LogCaptureFixture) -> None:
    """A record's file and function are those of the code that logged it."""
    async with calling(Agent(lambda _: 1 / 0)) as caller:
        await caller.misbehave()
    (record,) = errors_in(caplog)
    assert (record.filename, record.funcName) == ("author_call.py", "log_end")


async def test_a_flood_of_tasks_does_not_keep_a_call_waiting() -> None:
    """Ten thousand endless tasks of the author do not delay a call."""
    release = asyncio.Event()
    tasks: list[asyncio.Task[bool]] = []

    def spawn(_: ExecuteRequest) -> ExecuteResponse:
        tasks.extend(asyncio.create_task(release.wait()) for _ in range(10_000))
        return HARMLESS

    async with calling(Agent(spawn)) as caller:
        assert (await caller.misbehave()).success
        await caller.require_well()
    release.set()
    await asyncio.gather(*tasks)


async def test_a_thread_that_outlives_its_execution_does_no_harm() -> None:
    """A thread that outlives its execution may go on, but can no longer call the engine."""
    release, failed = threading.Event(), threading.Event()

    def spawn(req: ExecuteRequest) -> ExecuteResponse:
        def late() -> None:
            assert release.wait(TIMEOUT)
            try:
                asyncio.run(_cache_get(req))
            except Exception:  # noqa: BLE001 - that it fails is what is waited for
                failed.set()

        threading.Thread(target=late).start()
        return HARMLESS

    async with calling(BlockingAgent(spawn)) as caller:
        assert (await caller.misbehave()).success
        release.set()
        assert await asyncio.to_thread(failed.wait, TIMEOUT)
        await caller.require_well()


async def _cache_get(req: ExecuteRequest) -> None:
    await req.engine_client.cache_get(req.ctx, "key")
