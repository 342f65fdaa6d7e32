"""Ordinary deadlines and cancellations, however many, harm no other call of their connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc

from tests.e2e.agent_process import agent_process
from tests.reliability.deadlines.waves import Caller, grpcio_caller

AGENT = Path(__file__).parent / "agents" / "slow.py"
LONG_CALLS = 5
LARGEST_LOG = 4_000
LARGEST_GROWTH = 40_000_000
EXPIRED = grpc.StatusCode.DEADLINE_EXCEEDED


@asynccontextmanager
async def long_calls(caller: Caller) -> AsyncIterator[None]:
    """Make calls that end after the block, and must be answered whatever happens in it."""
    held = [asyncio.create_task(caller.succeeds("hold")) for _ in range(LONG_CALLS)]
    yield
    assert not any(task.done() for task in held)
    assert await caller.succeeds("release")
    assert await asyncio.gather(*held) == [True] * LONG_CALLS


async def test_five_waves_of_calls_that_expire() -> None:
    """Of 1,000 calls with a short deadline all expire; five long ones are answered."""
    async with agent_process(AGENT) as agent, grpcio_caller(await agent.port()) as caller:
        before = agent.memory
        async with long_calls(caller):
            for _ in range(5):
                assert await caller.expire(200, timeout=0.4) == {EXPIRED: 200}
        assert agent.memory - before < LARGEST_GROWTH
        assert not [line for line in agent.log if "protocol" in line or "refused" in line]
        assert sum(map(len, agent.log)) < LARGEST_LOG


async def test_waves_as_large_as_the_agent_takes() -> None:
    """Each wave follows the one before at once, and no call is refused because of it."""
    async with (
        agent_process(AGENT) as agent,
        grpcio_caller(await agent.port()) as caller,
        long_calls(caller),
    ):
        for _ in range(3):
            assert await caller.expire(990, timeout=1) == {EXPIRED: 990}


async def test_cancellations_soon_after_the_start() -> None:
    """A client that cancels 2,000 calls ten milliseconds after it made them keeps its others."""
    async with agent_process(AGENT) as agent, grpcio_caller(await agent.port()) as caller:
        async with long_calls(caller):
            for _ in range(4):
                await caller.cancel(500, after=0.01)
        assert await caller.succeeds("wait", seconds=0)


async def test_calls_after_a_wave_that_cleans_up() -> None:
    """New calls wait for expired ones that still clean up, instead of being refused."""
    few = {"MIRASTACK_PLUGIN_MAX_EXECUTIONS": "50"}
    async with agent_process(AGENT, **few) as agent, grpcio_caller(await agent.port()) as caller:
        assert await caller.expire(50, timeout=0.5, cleanup=0.2) == {EXPIRED: 50}
        calls = (caller.succeeds("wait", seconds=0.1) for _ in range(50))
        assert await asyncio.gather(*calls) == [True] * 50
