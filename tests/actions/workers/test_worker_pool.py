"""The worker processes of an agent that serves: how many there are, and who waits for them."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mirastack_sdk.testing import agent_client
from tests.actions.agents import RANGE
from tests.actions.workers import computing

ONE = {"MIRASTACK_PLUGIN_WORKER_PROCESSES": "1"}


async def test_calls_wait_for_the_only_worker() -> None:
    """However many are made at once, one process runs them all."""
    async with agent_client(computing.agent, environ=ONE) as client:
        results = await asyncio.gather(*(client.execute("process_id", timeout=120) for _ in "abcd"))
    assert len({result.output["result"] for result in results}) == 1
    assert str(os.getpid()) not in {result.output["result"] for result in results}


async def test_waiting_counts_against_the_timeout() -> None:
    """The response says that other calls took the time; cancelling those makes room."""
    async with holds() as held, agent_client(computing.agent, environ=ONE) as client:
        holding = asyncio.create_task(client.execute("hold", timeout=120))
        await held
        waited = await client.execute("endless", timeout=120)
        assert "other calls of it took all of that time" in str(waited.logs)
        holding.cancel()
        assert (await client.execute("process_id", timeout=120)).success


async def test_a_cancelled_wait_leaves_the_worker_to_others() -> None:
    """It neither takes a worker nor kills one."""
    async with holds() as held, agent_client(computing.agent, environ=ONE) as client:
        holding = asyncio.create_task(client.execute("hold", timeout=120))
        process = await held
        waiting = asyncio.create_task(client.execute("process_id", timeout=120))
        await client.health()
        waiting.cancel()
        await client.health()
        os.kill(process, 0)
        holding.cancel()
        assert (await client.execute("process_id", timeout=120)).success


async def test_a_call_uses_the_config_that_is_in_force_when_it_begins() -> None:
    """A pushed config reaches the worker that runs already."""
    params = {"point": {"x": 1, "seen": "2026-01-02T03:04:05Z"}, "names": [], "token": "t"}
    async with agent_client(computing.agent, environ=ONE) as client:
        for factor in ("2", "5"):
            await client.push_config({"factor": factor})
            result = await client.execute("arguments", params, time_range=RANGE, timeout=120)
            assert f'"factor":{factor}' in result.output["result"]


async def test_a_failure_of_the_worker_is_one_sentence() -> None:
    """The engine reads how the process has ended; the next call runs."""
    async with agent_client(computing.agent, environ=ONE) as client:
        result = await client.execute("die", timeout=120)
        assert not result.success
        assert result.error.startswith(
            "the worker process that ran the action was ended by SIGKILL"
        )
        assert (await client.execute("process_id", timeout=120)).success


@asynccontextmanager
async def holds() -> AsyncIterator[asyncio.Future[int]]:
    """A future that gets the worker's id when the action `hold` holds it."""
    loop = asyncio.get_running_loop()
    held: asyncio.Future[int] = loop.create_future()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            loop.call_soon_threadsafe(held.set_result, int(record.getMessage().split()[1]))

    handler = Handler()
    computing.LOG.addHandler(handler)
    try:
        yield held
    finally:
        computing.LOG.removeHandler(handler)
