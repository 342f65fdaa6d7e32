"""Executions that were cancelled, and calls without an answer, are so again."""

import asyncio
from pathlib import Path

from mirastack_sdk import ExecuteRequest
from mirastack_sdk.testing import (
    LocalEngine,
    RegisteredAgent,
    replay,
)
from tests.runtime.recording.recorded_agents import (
    Untyped,
    once,
)
from tests.testing.replay.replayed import calls_of, lines, made, recorded


async def hanging(engine: LocalEngine, agent: RegisteredAgent) -> None:
    """Cancel an execution while it waits for the engine."""
    engine.hang("cache_get")
    call = asyncio.create_task(agent.execute("run"))
    await engine.wait_for(lambda: [one for one in engine.calls if one.method == "cache_get"])
    call.cancel()
    await asyncio.wait([call])


async def test_a_cancelled_execution_is_cancelled_at_the_same_call(tmp_path: Path) -> None:
    """It waits for the answer that it did not get, and is cancelled then."""
    run = calls_of("untyped:a")
    file = await recorded(Untyped(run), tmp_path, hanging)
    assert await lines(file, Untyped(run)) == []
    assert await lines(file, Untyped(lambda _: 1)) == [
        f"calls[0]: recorded {made('a')}, now nothing",
        'outcome: recorded "cancelled", now "completed"',
    ]


async def test_an_execution_that_waited_for_nothing_is_cancelled_too(tmp_path: Path) -> None:
    """After the same time, if it had all answers of the engine."""
    started = asyncio.Event()

    async def run(req: ExecuteRequest) -> object:
        started.set()
        await asyncio.get_running_loop().create_future()
        return None

    async def use(_: LocalEngine, agent: RegisteredAgent) -> None:
        call = asyncio.create_task(agent.execute("run"))
        await started.wait()
        call.cancel()
        await asyncio.wait([call])

    file = await recorded(Untyped(run), tmp_path, use)
    assert await lines(file, Untyped(run)) == []


async def test_a_call_that_the_agent_gave_up_is_not_answered(tmp_path: Path) -> None:
    """The agent's own time limit passes again."""

    async def run(req: ExecuteRequest) -> object:
        try:
            async with asyncio.timeout(0.05):
                return await req.engine_client.cache_get(req.ctx, "untyped:x")
        except TimeoutError:
            return "late"

    async def use(engine: LocalEngine, agent: RegisteredAgent) -> None:
        engine.hang("cache_get")
        await agent.execute("run")

    file = await recorded(Untyped(run), tmp_path, use)
    assert await lines(file, Untyped(run)) == []


async def test_an_agent_that_hangs_is_cancelled(tmp_path: Path) -> None:
    """After the time limit, which is a difference."""

    async def run(req: ExecuteRequest) -> object:
        await asyncio.get_running_loop().create_future()
        return None

    file = await recorded(Untyped(lambda _: 1), tmp_path, once("run"))
    result = await replay(file, Untyped(run), timeout=0.2)
    assert [str(found) for found in result.differences] == [
        'outcome: recorded "completed", now "cancelled"'
    ]
