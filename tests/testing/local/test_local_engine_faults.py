"""Tests can order faults from a local engine."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing import LocalEngine, ManualClock
from tests.testing.agents import EchoAgent, HandAgent, calling, serving

GET = wire.CacheGetRequest(key="a")
FAST_HEARTBEAT = {"MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": "0.05"}


@pytest.fixture
async def engine() -> AsyncIterator[LocalEngine]:
    """A running engine."""
    async with LocalEngine() as running:
        yield running


async def test_calls_fail_with_the_status_ordered(engine: LocalEngine) -> None:
    """The ordered number of calls fails with the status, and later ones succeed."""
    engine.fail("cache_get", "UNAVAILABLE", "out of order", times=2)
    async with calling(engine) as stub:
        for _ in range(2):
            with pytest.raises(GRPCError) as caught:
                await stub.cache_get(GET)
            assert caught.value.status is Status.UNAVAILABLE
            assert caught.value.message == "out of order"
        await stub.cache_get(GET)


async def test_calls_fail_until_recovery(engine: LocalEngine) -> None:
    """A permanent fault ends with `recover`."""
    engine.fail("cache_get", "UNAVAILABLE", times=None)
    async with calling(engine) as stub:
        for _ in range(3):
            with pytest.raises(GRPCError):
                await stub.cache_get(GET)
        engine.recover()
        await stub.cache_get(GET)


@pytest.mark.parametrize("status", ["NO_SUCH", "OK", "unavailable"])
def test_an_unknown_status_is_refused(status: str) -> None:
    """The status must be the name of a gRPC error."""
    with pytest.raises(ValueError, match=rf"status must be one of .*UNAVAILABLE.*, not '{status}'"):
        LocalEngine().fail("cache_get", status)


def test_a_negative_delay_is_refused() -> None:
    """A delay must not be negative."""
    with pytest.raises(ValueError, match="seconds must be 0 or more, not -1"):
        LocalEngine().delay("cache_get", -1)


def test_a_refusal_needs_a_reason() -> None:
    """The reason of a refusal must not be empty."""
    with pytest.raises(ValueError, match="error must say why"):
        LocalEngine().refuse_registration("")


async def test_a_hanging_call_ends_with_its_caller(engine: LocalEngine) -> None:
    """A call without a response ends when its caller gives up, and the next one succeeds."""
    engine.hang("cache_get")
    async with calling(engine) as stub:
        with pytest.raises(TimeoutError):
            await stub.cache_get(GET, timeout=0.05)
        await stub.cache_get(GET)


async def test_a_hanging_call_ends_with_the_engine(engine: LocalEngine) -> None:
    """Stopping the engine ends calls without a response."""
    engine.hang("cache_get", times=None)
    async with calling(engine) as stub:
        call = asyncio.create_task(stub.cache_get(GET))
        await engine.wait_for(lambda: engine.calls)
        await engine.stop()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(call, 2)


async def test_a_delay_counts_on_the_engines_clock() -> None:
    """The response is sent when the clock has advanced."""
    clock = ManualClock()
    async with LocalEngine(clock=clock) as engine, calling(engine) as stub:
        engine.delay("cache_get", 60)
        call = asyncio.create_task(stub.cache_get(GET))
        await clock.wait_for_sleepers()
        assert not call.done()
        clock.advance(60)
        assert not (await call).found


async def test_a_registration_can_be_refused(engine: LocalEngine) -> None:
    """The response is `success=false`, without dialling back."""
    engine.refuse_registration("the quota is used up")
    async with HandAgent().serving() as agent, calling(engine) as stub:
        reply = await stub.register_plugin(agent.registration())
        assert (reply.success, reply.error) == (False, "the quota is used up")
        assert agent.called == []
        assert (await stub.register_plugin(agent.registration())).success


async def test_an_agent_outlives_a_restart(engine: LocalEngine) -> None:
    """A restarted engine listens on its old port, and the agent registers again."""
    async with serving(EchoAgent(), engine, FAST_HEARTBEAT):
        before = await engine.wait_registered("echo_agent")
        address = engine.address
        await engine.restart()
        assert engine.address == address
        after = await engine.wait_registered("echo_agent")
        assert after.instance_id == before.instance_id
        assert len(engine.registrations) == 2
        assert (await after.execute("echo")).success


async def test_a_restart_keeps_what_was_scripted(engine: LocalEngine) -> None:
    """Cache, config and records survive a restart."""
    engine.cache.set("a", "1")
    engine.config = {"url": "x"}
    async with calling(engine) as stub:
        await stub.cache_get(GET)
        await engine.restart()
        assert (await stub.cache_get(GET)).found
        config = wire.GetConfigRequest(plugin_name="hand_agent")
        assert (await stub.get_config(config)).config == {"url": "x"}
    assert len(engine.calls_of("cache_get")) == 2


async def test_a_stopped_engine_cannot_be_reached(engine: LocalEngine) -> None:
    """Calls fail while it is stopped; started again, it still knows its agents."""
    async with HandAgent().serving() as agent, calling(engine) as stub:
        await stub.register_plugin(agent.registration())
        await engine.stop()
        with pytest.raises(OSError, match="onnect"):
            await stub.cache_get(GET)
        await engine.start()
        beat = wire.HeartbeatRequest(name=agent.name, instance_id=agent.instance_id)
        assert (await stub.heartbeat(beat)).acknowledged


async def test_a_forgotten_agent_registers_again(engine: LocalEngine) -> None:
    """A forgotten agent registers again at its next heartbeat."""
    async with serving(EchoAgent(), engine, FAST_HEARTBEAT):
        await engine.wait_registered("echo_agent")
        engine.forget("echo_agent")
        assert engine.agents == []
        await engine.wait_registered("echo_agent")
    assert [entry.accepted for entry in engine.registrations] == [True, True]


async def test_forgetting_one_agent_keeps_the_others(engine: LocalEngine) -> None:
    """Only the named agent is forgotten."""
    async with (
        serving(EchoAgent("first_agent"), engine),
        serving(EchoAgent("second_agent"), engine),
    ):
        await engine.wait_registered("first_agent")
        await engine.wait_registered("second_agent")
        engine.forget("first_agent")
        assert engine.agents == ["second_agent"]


async def test_two_engines_do_not_share_anything() -> None:
    """Each engine has its own port, agents, cache and faults."""
    async with LocalEngine() as first, LocalEngine() as second:
        assert first.address != second.address
        first.cache.set("a", "1")
        first.fail("cache_get", "UNAVAILABLE", times=None)
        async with calling(second) as stub:
            assert not (await stub.cache_get(GET)).found
