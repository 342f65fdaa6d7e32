"""A real agent process that cannot start or register."""

import asyncio
import signal

import pytest

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import agent_process


@pytest.mark.contract("Who calls whom: registration never gives up")
async def test_an_engine_that_is_down_at_the_start() -> None:
    """The agent serves and keeps trying; it registers when the engine is up."""
    engine = LocalEngine()
    await engine.start()
    await engine.stop()
    async with agent_process("worker.py", engine=engine.address) as agent:
        line = await agent.logged("registration failed")
        assert "reason=engine_unavailable" in line
        async with engine:
            registered = await engine.wait_registered("worker", timeout=30)
            assert (await registered.execute("answer")).success
            agent.signal()
            assert await agent.ended() == 0
            assert len(engine.deregistrations) == 1


@pytest.mark.contract("Who calls whom: all but the first two reasons need an operator")
async def test_an_engine_that_refuses() -> None:
    """A refusal is logged, and the agent retries until the engine accepts."""
    async with LocalEngine() as engine:
        engine.refuse_registration("the quota is used up")
        async with agent_process("worker.py", engine=engine.address) as agent:
            line = await agent.logged("the quota is used up")
            assert "reason=registration_rejected" in line
            assert "needs an operator" in line
            await engine.wait_registered("worker", timeout=30)


async def test_stopping_while_the_registration_hangs() -> None:
    """A signal stops the agent even while its registration is open."""
    async with LocalEngine() as engine:
        engine.hang("register_plugin")
        async with agent_process("worker.py", engine=engine.address) as agent:
            await engine.wait_for(lambda: engine.calls_of("register_plugin"), timeout=30)
            agent.signal()
            assert await agent.ended(timeout=10) == 0


async def test_a_second_signal_reaches_an_agent_whose_loop_is_blocked() -> None:
    """A second signal works even if code blocks the event loop."""
    async with (
        LocalEngine() as engine,
        agent_process("worker.py", engine=engine.address) as agent,
    ):
        registered = await engine.wait_registered("worker", timeout=30)
        call = asyncio.create_task(registered.execute("block", {"number": 60}))
        await agent.logged("the event loop has been blocked")
        ended = asyncio.create_task(agent.ended(timeout=10))
        while not ended.done():
            agent.signal(signal.SIGINT)
            await asyncio.wait((ended,), timeout=0.1)
        assert ended.result() == 128 + signal.SIGINT
        await asyncio.gather(call, return_exceptions=True)


async def test_a_port_that_is_taken() -> None:
    """An address that cannot be bound stops the start with a sentence that names the variable."""
    async with (
        LocalEngine() as engine,
        agent_process("worker.py", MIRASTACK_PLUGIN_ADDR=engine.address) as agent,
    ):
        assert await agent.ended() == 1
        assert any("MIRASTACK_PLUGIN_ADDR" in line for line in agent.log)
        assert agent.stdout == []
