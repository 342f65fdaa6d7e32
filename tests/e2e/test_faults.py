"""A real agent process against an engine that fails it."""

import asyncio
import signal
import time

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import agent_process

QUICK_HEARTBEAT = {"MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": "0.2"}


async def test_an_engine_that_is_down_at_the_start() -> None:
    """The agent serves and keeps trying; it registers when the engine comes up."""
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


async def test_an_engine_that_restarts() -> None:
    """After a restart the next heartbeat leads to a full registration."""
    async with (
        LocalEngine() as engine,
        agent_process("worker.py", engine=engine.address, **QUICK_HEARTBEAT) as agent,
    ):
        await agent.logged("registered with the engine")
        await engine.restart()
        registered = await engine.wait_registered("worker", timeout=30)
        assert (await registered.execute("cache")).output == {"result": '"kept"'}
        await agent.logged("registering again")
        assert [record.accepted for record in engine.registrations] == [True, True]
        assert len({record.instance_id for record in engine.registrations}) == 1


async def test_an_engine_that_refuses() -> None:
    """A refusal is logged for the operator, and tried again until the engine accepts."""
    async with LocalEngine() as engine:
        engine.refuse_registration("the quota is used up")
        async with agent_process("worker.py", engine=engine.address) as agent:
            line = await agent.logged("the quota is used up")
            assert "reason=registration_rejected" in line
            assert "needs an operator" in line
            await engine.wait_registered("worker", timeout=30)


async def test_an_engine_that_never_answers_the_registration() -> None:
    """The call is given up after ten seconds and made again."""
    async with LocalEngine() as engine:
        engine.hang("register_plugin")
        async with agent_process("worker.py", engine=engine.address) as agent:
            line = await agent.logged("registration failed")
            assert "reason=engine_unavailable" in line
            await engine.wait_registered("worker", timeout=30)


async def test_stopping_while_the_registration_hangs() -> None:
    """A signal ends the agent although its registration is still open."""
    async with LocalEngine() as engine:
        engine.hang("register_plugin")
        async with agent_process("worker.py", engine=engine.address) as agent:
            await engine.wait_for(lambda: engine.calls_of("register_plugin"), timeout=30)
            agent.signal()
            assert await agent.ended(timeout=10) == 0


async def test_an_engine_that_never_answers_the_deregistration() -> None:
    """The agent ends within its grace period all the same, with status 0."""
    async with LocalEngine() as engine:
        engine.hang("deregister_plugin")
        async with agent_process(
            "worker.py", engine=engine.address, MIRASTACK_PLUGIN_SHUTDOWN_GRACE="2"
        ) as agent:
            await engine.wait_registered("worker", timeout=30)
            agent.signal()
            began = time.monotonic()
            assert await agent.ended() == 0
            assert time.monotonic() - began < 3
            await agent.logged("could not deregister")


async def test_a_signal_while_60_calls_run() -> None:
    """Every call that was accepted is answered; the agent deregisters first and ends with 0."""
    async with (
        LocalEngine() as engine,
        agent_process("worker.py", engine=engine.address) as agent,
    ):
        registered = await engine.wait_registered("worker", timeout=30)
        calls = [
            asyncio.create_task(registered.execute("hold", {"number": "1"})) for _ in range(60)
        ]
        await engine.wait_for(lambda: len(engine.published) == 60, timeout=30)
        agent.signal()
        results = await asyncio.gather(*calls)
        assert [result.success for result in results] == [True] * 60
        assert await agent.ended() == 0
        assert len(engine.deregistrations) == 1
        assert agent.log[-1].endswith("stopped")


async def test_a_call_that_outruns_the_grace_period() -> None:
    """It is cancelled and answered UNAVAILABLE; the agent ends soon after the grace period."""
    async with (
        LocalEngine() as engine,
        agent_process(
            "worker.py", engine=engine.address, MIRASTACK_PLUGIN_SHUTDOWN_GRACE="0.5"
        ) as agent,
    ):
        registered = await engine.wait_registered("worker", timeout=30)
        call = asyncio.create_task(registered.execute("hold", {"number": "60"}))
        await engine.wait_for(lambda: engine.published, timeout=30)
        agent.signal()
        (outcome,) = await asyncio.gather(call, return_exceptions=True)
        assert "UNAVAILABLE" in str(outcome)
        assert await agent.ended(timeout=5) == 0


async def test_a_second_signal_ends_the_agent_at_once() -> None:
    """Whoever signals twice does not wait for the grace period."""
    async with (
        LocalEngine() as engine,
        agent_process("worker.py", engine=engine.address) as agent,
    ):
        registered = await engine.wait_registered("worker", timeout=30)
        call = asyncio.create_task(registered.execute("hold", {"number": "60"}))
        await engine.wait_for(lambda: engine.published, timeout=30)
        agent.signal(signal.SIGINT)
        await agent.logged("stopping")
        # The same one so soon would be taken for the first.
        agent.signal(signal.SIGTERM)
        assert await agent.ended(timeout=5) == 128 + signal.SIGTERM
        await asyncio.gather(call, return_exceptions=True)


async def test_an_execution_that_swallows_its_cancellation() -> None:
    """An author's code that will not end cannot keep the process: it ends soon after the grace."""
    async with (
        LocalEngine() as engine,
        agent_process(
            "worker.py", engine=engine.address, MIRASTACK_PLUGIN_SHUTDOWN_GRACE="1"
        ) as agent,
    ):
        registered = await engine.wait_registered("worker", timeout=30)
        call = asyncio.create_task(registered.execute("cling"))
        await engine.wait_for(lambda: engine.published, timeout=30)
        agent.signal()
        began = time.monotonic()
        assert await agent.ended() == 0
        assert time.monotonic() - began < 4
        await agent.logged("ended by force")
        await asyncio.gather(call, return_exceptions=True)


async def test_a_second_signal_reaches_an_agent_whose_loop_is_blocked() -> None:
    """Blocking code on the event loop does not keep a second signal waiting."""
    async with (
        LocalEngine() as engine,
        agent_process("worker.py", engine=engine.address) as agent,
    ):
        registered = await engine.wait_registered("worker", timeout=30)
        call = asyncio.create_task(registered.execute("block", {"number": 60}))
        await agent.logged("the event loop has been blocked")
        agent.signal(signal.SIGINT)
        agent.signal(signal.SIGTERM)
        # Sent at one moment, either may come first.
        second = {128 + signal.SIGINT, 128 + signal.SIGTERM}
        assert await agent.ended(timeout=10) in second
        await asyncio.gather(call, return_exceptions=True)


async def test_a_port_that_is_taken() -> None:
    """An address that cannot be bound ends the start with a sentence that names the variable."""
    async with (
        LocalEngine() as engine,
        agent_process("worker.py", MIRASTACK_PLUGIN_ADDR=engine.address) as agent,
    ):
        assert await agent.ended() == 1
        assert any("MIRASTACK_PLUGIN_ADDR" in line for line in agent.log)
        assert agent.stdout == []
