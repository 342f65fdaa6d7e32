"""Agents that stop under load: running calls finish, and the process ends in time."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk.testing import AgentCallError, Encoding, LocalEngine
from mirastack_sdk.testing._local.registry import RegisteredAgent
from tests.e2e.agent_process import AgentProcess, agent_process
from tests.reliability.drains.load import CLIENTS, EXECUTE, Load, loaded, port_of, push_config
from tests.wire.raw_peer import RawPeer, frame

SHORT_GRACE = {"MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "1"}
# The grace period, a second, and what a busy machine takes to end and to reap a process.
IN_TIME = 1.0 + 1.0 + 1.0
KINDS = {"ours-json": 8, "ours-protobuf": 8, "grpcio": 8}


@asynccontextmanager
async def ends(agent: AgentProcess, *, within: float, status: int = 0) -> AsyncIterator[None]:
    """Signal the agent; on exit, it must have ended within this many seconds."""
    began = time.monotonic()
    agent.signal(signal.SIGTERM)
    yield
    assert await agent.ended(timeout=30) == status
    assert time.monotonic() - began < within


async def ended_in_time(agent: AgentProcess) -> None:
    """Signal an agent with a short grace period, and wait for its end."""
    async with ends(agent, within=IN_TIME):
        pass


@asynccontextmanager
async def scene(**environ: str) -> AsyncIterator[tuple[LocalEngine, AgentProcess, RegisteredAgent]]:
    """An engine and a registered worker."""
    async with (
        LocalEngine() as engine,
        agent_process("worker.py", engine=engine.address, **environ) as agent,
    ):
        yield engine, agent, await engine.wait_registered("worker", timeout=30)


@pytest.mark.parametrize("kind", CLIENTS)
async def test_an_agent_that_stops_under_load_finishes_what_it_has_started(kind: str) -> None:
    """Every call is either refused or gets its response, for every client and encoding."""
    async with scene() as (engine, agent, registered):
        port = int(registered.address.rpartition(":")[2])
        load = Load(engine, lambda: port)
        async with loaded(load, {kind: 30}):
            await load.until_answered(100)
            async with ends(agent, within=5):
                pass
    assert load.lost == set()
    assert load.refused
    assert len(engine.deregistrations) == 1
    assert not any("cancelled" in line for line in agent.log)


async def test_a_rolling_restart_under_load_loses_nothing() -> None:
    """Replacing replica after replica under load loses none of at least 1,500 executions."""
    async with LocalEngine() as engine, AsyncExitStack() as processes:
        replicas: dict[int, AgentProcess] = {}

        async def start() -> None:
            replica = agent_process("worker.py", engine=engine.address)
            agent = await processes.enter_async_context(replica)
            await agent.logged("registered with the engine")
            replicas[await agent.port()] = agent

        load = Load(engine, lambda: port_of(engine), seconds="0.05")
        await asyncio.gather(start(), start(), start())
        async with loaded(load, KINDS):
            for _ in range(3):
                starting = asyncio.create_task(start())
                await load.until_answered(400)
                await starting
                # The one that has the load: the engine sends it to another one then.
                leaving = replicas[port_of(engine) or 0]
                leaving.signal()
                await load.until_answered(100)
                assert await leaving.ended(timeout=5) == 0
    assert load.lost == set()
    assert len(load.answered) >= 1_500
    assert len(engine.deregistrations) == 3


async def test_a_signal_during_the_registration() -> None:
    """An engine may call before it has answered the registration: its calls are served."""
    async with LocalEngine() as engine:
        engine.hang("register_plugin", times=None)
        async with agent_process("worker.py", engine=engine.address, **SHORT_GRACE) as agent:
            port = await agent.port()
            # Without a config, executions would wait for the registration to end.
            await push_config(port)
            load = Load(engine, lambda: port)
            async with loaded(load, {"ours-json": 10, "grpcio": 10}):
                await load.until_answered(50)
                await ended_in_time(agent)
            assert not any("registration failed" in line for line in agent.log)
        assert load.lost == set()


async def test_a_signal_during_callbacks_waits_for_their_answers() -> None:
    """Executions that wait for a slow engine finish within the grace period."""
    async with scene() as (engine, agent, registered):
        engine.delay("cache_get", 1.0, times=None)
        calls = [asyncio.create_task(registered.execute("cache")) for _ in range(30)]
        await engine.wait_for(lambda: len(engine.calls_of("cache_get")) == 30, timeout=30)
        async with ends(agent, within=5):
            results = await asyncio.gather(*calls)
    assert [result.output for result in results] == [{"result": '"kept"'}] * 30


async def test_callbacks_that_are_never_answered_end_with_the_grace_period() -> None:
    """A silent engine does not delay the end: its executions end as UNAVAILABLE."""
    async with scene(**SHORT_GRACE) as (engine, agent, registered):
        engine.hang("cache_get", times=None)
        calls = [asyncio.create_task(registered.execute("cache")) for _ in range(30)]
        await engine.wait_for(lambda: len(engine.calls_of("cache_get")) == 30, timeout=30)
        async with ends(agent, within=IN_TIME):
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {getattr(outcome, "status", None) for outcome in outcomes} == {"UNAVAILABLE"}
    assert agent.log[-1].endswith("stopped")


async def test_health_checks_during_a_drain_are_answered_or_refused() -> None:
    """Every health check during a drain gets a response or is refused."""
    async with scene() as (engine, agent, registered):
        executions = [
            asyncio.create_task(registered.execute("hold", {"number": 1})) for _ in range(20)
        ]
        await engine.wait_for(lambda: len(engine.published) == 20, timeout=30)
        leaving = asyncio.Event()
        asked: list[str | None] = []

        async def ask() -> None:
            while not leaving.is_set():
                try:
                    assert (await registered.health(timeout=5)).healthy
                    asked.append(None)
                except AgentCallError as error:
                    asked.append(error.reason)

        asking = [asyncio.create_task(ask()) for _ in range(5)]
        async with ends(agent, within=5):
            results = await asyncio.gather(*executions)
        leaving.set()
        await asyncio.gather(*asking)
    assert all(result.success for result in results)
    assert set(asked) <= {None, "unavailable"}
    assert None in asked


async def test_a_stuck_execution_costs_the_others_nothing() -> None:
    """An execution that ignores its cancellation ends as UNAVAILABLE; all others finish."""
    async with scene(**SHORT_GRACE) as (engine, agent, registered):
        stuck = asyncio.create_task(registered.execute("ignore_cancellation"))
        quick = [
            asyncio.create_task(registered.execute("hold", {"number": 0.5})) for _ in range(50)
        ]
        await engine.wait_for(lambda: len(engine.published) == 51, timeout=30)
        async with ends(agent, within=IN_TIME):
            results = await asyncio.gather(*quick)
            with pytest.raises(AgentCallError) as caught:
                await stuck
    assert all(result.success for result in results)
    assert caught.value.status == "UNAVAILABLE"
    assert any("ignores its cancellation" in line for line in agent.log)


async def test_a_blocked_loop_does_not_keep_the_process() -> None:
    """The process ends a second after the grace period even if the loop is blocked."""
    async with scene(**SHORT_GRACE) as (_, agent, registered):
        call = asyncio.create_task(registered.execute("block", {"number": 60}))
        await agent.logged("the event loop has been blocked")
        await ended_in_time(agent)
        await asyncio.gather(call, return_exceptions=True)
    assert any("ended by force" in line for line in agent.log)


async def test_a_second_signal_under_load_ends_at_once() -> None:
    """A second signal ends the process at once, whatever runs."""
    async with scene() as (engine, agent, registered):
        calls = [asyncio.create_task(registered.execute("hold", {"number": 30})) for _ in range(20)]
        await engine.wait_for(lambda: len(engine.published) == 20, timeout=30)
        async with ends(agent, within=2, status=128 + signal.SIGTERM):
            await agent.logged("stopping")
            while not all(call.done() for call in calls):
                agent.signal(signal.SIGTERM)
                await asyncio.wait(calls, timeout=0.1)
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {AgentCallError}


async def test_an_engine_that_has_died_does_not_keep_the_agent() -> None:
    """A dead engine delays neither other callers' executions nor the end."""
    async with LocalEngine() as engine, LocalEngine() as other:
        async with agent_process("worker.py", engine=engine.address, **SHORT_GRACE) as agent:
            await engine.wait_registered("worker", timeout=30)
            port = await agent.port()
            load = Load(other, lambda: port, action="gather", seconds="1")
            async with loaded(load, {"grpcio": 5}):
                await load.until_answered(20)
                await engine.stop()
                await load.until_answered(20)
                await ended_in_time(agent)
        assert any("could not deregister" in line for line in agent.log)
        assert agent.log[-1].endswith("stopped")


async def test_a_silent_engine_does_not_keep_the_agent() -> None:
    """An engine that never answers the deregistration takes no time from running calls."""
    async with scene(**SHORT_GRACE) as (engine, agent, registered):
        engine.hang("deregister_plugin", times=None)
        calls = [
            asyncio.create_task(registered.execute("hold", {"number": 0.5})) for _ in range(20)
        ]
        await engine.wait_for(lambda: len(engine.published) == 20, timeout=30)
        async with ends(agent, within=IN_TIME):
            results = await asyncio.gather(*calls)
    assert all(result.success for result in results)
    assert agent.log[-1].endswith("stopped")


async def test_a_client_that_does_not_read_does_not_keep_the_agent() -> None:
    """A response that its client does not read does not delay the end."""
    async with scene(**SHORT_GRACE) as (_, agent, registered):
        port = int(registered.address.rpartition(":")[2])
        # The answer holds it with twice the backslashes: six are more than the window takes.
        text = json.dumps({"text": '"' * 5_000})
        request = wire.ExecuteRequest(action_id="answer", params_json=text.encode())
        data = CODECS[Encoding.PROTOBUF].for_type(wire.ExecuteRequest).encode(request)
        async with await RawPeer.connect(port) as peer:
            for _ in range(6):
                peer.request(EXECUTE, frame(data))
            assert (await registered.execute("answer")).success
            await ended_in_time(agent)
    assert agent.log[-1].endswith("stopped")
