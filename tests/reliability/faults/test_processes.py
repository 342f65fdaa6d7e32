"""Engines in real processes that are killed, frozen and restarted."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk.errors import EngineError
from tests.e2e.in_process import served
from tests.reliability.bad_engines.engine import link_to, options_of, read, write
from tests.reliability.faults.processes import EngineProcess, engine_process
from tests.reliability.faults.recovery import RECOVERY_SECONDS, all_answered
from tests.testing.agents import EchoAgent

READS = 200
# What a busy machine may add to times that are promised.
SLACK = 1.0


@asynccontextmanager
async def linked(
    port: int, *, interval: float = 30.0, timeout: float = 10.0
) -> AsyncIterator[EngineLink]:
    """Open a link to an engine, as an agent does."""
    link = link_to(port, options=options_of(interval=interval, timeout=timeout))
    try:
        yield link
    finally:
        link.close()


@pytest.fixture
async def engine() -> AsyncIterator[EngineProcess]:
    """A running engine."""
    async with engine_process() as running:
        yield running


def reads(link: EngineLink, number: int = READS) -> list[asyncio.Task[bool]]:
    """Start several reads."""
    return [asyncio.create_task(read(link, timeout=30)) for _ in range(number)]


async def test_an_engine_that_is_killed_and_started_again(engine: EngineProcess) -> None:
    """Every read that waits for an engine that dies succeeds at the next one."""
    await engine.prepare()
    async with linked(engine.port) as link:
        await read(link)
        engine.signal(signal.SIGSTOP)
        waiting = reads(link)
        await asyncio.sleep(0)
        await engine.kill()
        await engine.start()
        await all_answered(waiting)


async def test_actions_that_an_engine_may_have_done_are_not_done_twice(
    engine: EngineProcess,
) -> None:
    """A write that waits for an engine that dies fails at once, as retryable."""
    async with linked(engine.port) as link:
        await write(link)
        engine.signal(signal.SIGSTOP)
        waiting = asyncio.create_task(write(link, timeout=30))
        await asyncio.sleep(0)
        await engine.kill()
        async with asyncio.timeout(RECOVERY_SECONDS):
            with pytest.raises(EngineError) as caught:
                await waiting
        assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)


async def test_an_engine_that_comes_late(engine: EngineProcess) -> None:
    """Calls made before the engine is there wait for it, including writes."""
    await engine.prepare()
    await engine.kill()
    async with linked(engine.port) as link:
        with pytest.raises(EngineError, match="Connection refused"):
            await read(link, timeout=0.9)
        waiting = [*reads(link), *[asyncio.create_task(write(link, timeout=30)) for _ in range(50)]]
        await engine.start()
        await all_answered(waiting)


async def test_an_engine_that_is_frozen_for_a_moment(engine: EngineProcess) -> None:
    """Calls that wait for a frozen engine succeed when it goes on, including writes."""
    async with linked(engine.port) as link:
        await read(link)
        engine.signal(signal.SIGSTOP)
        waiting = [*reads(link), asyncio.create_task(write(link, timeout=30))]
        with pytest.raises(EngineError):
            await read(link, timeout=0.3)
        engine.signal(signal.SIGCONT)
        await all_answered(waiting)


async def test_an_engine_that_is_frozen_for_longer(engine: EngineProcess) -> None:
    """A frozen engine that was given up is reconnected as soon as it goes on."""
    async with linked(engine.port, interval=0.2, timeout=0.2) as link:
        await read(link)
        engine.signal(signal.SIGSTOP)
        waiting = reads(link)
        with pytest.raises(EngineError) as caught:
            await write(link, timeout=5)
        assert "not even a ping" in str(caught.value)
        engine.signal(signal.SIGCONT)
        await all_answered(waiting)


@pytest.mark.contract("Who calls whom: re_register_required means a full registration")
async def test_an_engine_that_restarts_and_has_forgotten_the_agent(engine: EngineProcess) -> None:
    """The agent is registered again within 3 seconds, long before its next heartbeat is due."""
    async with served(EchoAgent(), engine=engine.address):
        await engine.printed("echo_agent has registered")
        await engine.prepare()
        await engine.kill()
        await engine.start()
        async with asyncio.timeout(RECOVERY_SECONDS):
            await engine.printed("echo_agent has registered")


async def test_an_agent_stops_although_its_engine_is_frozen(engine: EngineProcess) -> None:
    """A frozen engine delays the end by no more than the grace period and a second."""
    async with asyncio.timeout(20):
        async with served(EchoAgent(), engine=engine.address, MIRASTACK_PLUGIN_SHUTDOWN_GRACE="1"):
            await engine.printed("echo_agent has registered")
            engine.signal(signal.SIGSTOP)
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 1 + 1 + SLACK
