"""Ordinary deadlines and cancellations, however many, harm no other call of their connection."""

import asyncio
from pathlib import Path

import grpc

from tests.e2e.agent_process import agent_process
from tests.reliability.deadlines.waves import Caller, grpcio_caller

AGENT = Path(__file__).parent / "agents" / "slow.py"
LONG_CALLS = 5
TIMEOUT = 60.0
EXPIRED = grpc.StatusCode.DEADLINE_EXCEEDED


def long_calls(caller: Caller, seconds: float) -> "asyncio.Future[list[bool]]":
    """Begin calls that must be answered, whatever else happens on their connection."""
    return asyncio.gather(*(caller.succeeds(seconds, timeout=TIMEOUT) for _ in range(LONG_CALLS)))


async def test_five_waves_of_calls_that_expire() -> None:
    """Of 1,000 calls with deadlines of a second all expire; five long ones are answered."""
    async with agent_process(AGENT) as agent, grpcio_caller(await agent.port()) as caller:
        answered = long_calls(caller, 8)
        for _ in range(5):
            assert await caller.expire(200, timeout=1) == {EXPIRED: 200}
        assert await answered == [True] * LONG_CALLS
        assert not [line for line in agent.log if "protocol" in line or "refused" in line]


async def test_waves_as_large_as_the_agent_takes() -> None:
    """Each wave follows the one before at once, and no call is refused because of it."""
    async with agent_process(AGENT) as agent, grpcio_caller(await agent.port()) as caller:
        answered = long_calls(caller, 12)
        for _ in range(3):
            assert await caller.expire(990, timeout=2) == {EXPIRED: 990}
        assert await answered == [True] * LONG_CALLS


async def test_cancellations_soon_after_the_start() -> None:
    """A client that cancels 2,000 calls ten milliseconds after it made them keeps its others."""
    async with agent_process(AGENT) as agent, grpcio_caller(await agent.port()) as caller:
        answered = long_calls(caller, 4)
        for _ in range(4):
            calls = [caller.begin(60, timeout=TIMEOUT) for _ in range(500)]
            await asyncio.wait([asyncio.create_task(calls[0].code())], timeout=0.01)
            for call in calls:
                call.cancel()
        assert await answered == [True] * LONG_CALLS
        assert await caller.succeeds(0, timeout=TIMEOUT)


async def test_calls_after_a_wave_that_cleans_up() -> None:
    """New calls wait for expired ones that still clean up, instead of being refused."""
    few = {"MIRASTACK_PLUGIN_MAX_EXECUTIONS": "50"}
    async with agent_process(AGENT, **few) as agent, grpcio_caller(await agent.port()) as caller:
        assert await caller.expire(50, timeout=1, cleanup=0.1) == {EXPIRED: 50}
        assert await asyncio.gather(*(caller.succeeds(0.1, timeout=TIMEOUT) for _ in range(50)))
