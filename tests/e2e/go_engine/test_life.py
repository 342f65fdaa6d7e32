"""Agents and grpc-go engines that start, stop and restart."""

import asyncio
import time
from collections import Counter

import pytest

from mirastack_sdk import EngineError, ExecuteRequest
from tests.e2e.agent_process import agent_process
from tests.e2e.balancer import balancer
from tests.e2e.go_engine.building import Program
from tests.e2e.go_engine.driver import GoEngine, Json, Outcome, go_engine
from tests.e2e.go_engine.probe import Probe, registered
from tests.e2e.in_process import served

QUICK_HEARTBEAT = {"MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": "0.2"}


async def ask_for_approval(req: ExecuteRequest) -> Json:
    """Return who approved, or how the call failed."""
    try:
        return (await req.engine_client.request_approval(req.ctx, "May I?")).reviewer
    except EngineError as error:
        return str(error)


async def release_after_deregistration(engine: GoEngine) -> None:
    await engine.happened("called", "DeregisterPlugin")
    await engine.ask("release", method="RequestApproval")


async def test_an_engine_that_is_killed_and_started_again(program: Program) -> None:
    """The new process gets the next heartbeat, and the agent registers again."""
    async with go_engine(program) as engine:
        address = engine.address
        async with agent_process("worker.py", engine=address, **QUICK_HEARTBEAT):
            before = await engine.happened("registered")
            await engine.kill()
            async with go_engine(program, listen=address) as again:
                after = await again.happened("registered")
                assert (await again.execute("cache")).result == "kept"
    assert after.agent["request"] == before.agent["request"]
    assert after.agent["info"] == before.agent["info"]


async def test_an_engine_that_stops_in_order_and_starts_again(program: Program) -> None:
    """Later calls reach the new engine, whatever happened to earlier ones."""
    async with registered(program, ask_for_approval) as (engine, _):
        await engine.ask("stop_gracefully")
        assert engine.all_of("goaway")[0].goaway == {"last_stream": 2**31 - 1, "code": 0}
        await engine.ask("start")
        outcomes = [await engine.execute("run") for _ in range(3)]
    assert [outcome.result for outcome in outcomes] == ["Åsa"] * 3


async def test_calls_that_run_while_the_engine_stops_in_order(program: Program) -> None:
    """GracefulStop waits for accepted calls, and the author gets each response."""
    async with registered(program, ask_for_approval) as (engine, _):
        await engine.ask("hold", method="RequestApproval")
        calls = [engine.begin_execution("run") for _ in range(20)]
        await engine.happened("called", "RequestApproval", 20)
        stop = engine.begin("stop_gracefully")
        await engine.happened("goaway")
        await engine.ask("release", method="RequestApproval")
        outcomes = [await call.outcome for call in calls]
        assert (await stop.outcome).code == "OK"
    assert Counter(str(outcome.result) for outcome in outcomes) == {"Åsa": 20}


async def test_connections_that_the_engine_ends_of_old_age(program: Program) -> None:
    """With MaxConnectionAge, calls move to a new connection, and none is lost."""

    async def call_for_two_seconds(req: ExecuteRequest) -> Json:
        failures: list[Json] = []
        ends = time.monotonic() + 2
        while time.monotonic() < ends:
            try:
                await req.engine_client.cache_set(req.ctx, "k", "v")
            except EngineError as error:
                failures.append(str(error))
        return failures

    async with (
        go_engine(program, max_connection_age="200ms") as engine,
        served(Probe(call_for_two_seconds), engine=engine.address),
    ):
        await engine.happened("registered")
        outcomes = await asyncio.gather(*(engine.execute("run") for _ in range(8)))
        connections = {call.address for call in engine.all_of("called", "CacheSet")}
    assert len(connections) > 5
    assert [outcome.result for outcome in outcomes] == [[]] * 8


async def test_connections_that_the_agent_ends_of_old_age(program: Program) -> None:
    """With MIRASTACK_PLUGIN_MAX_CONNECTION_AGE, grpc-go's calls move on, and none is lost."""

    async def wait_a_moment(req: ExecuteRequest) -> Json:
        await asyncio.sleep(0)
        return req.params["number"]

    async with (
        balancer() as shared,
        go_engine(program) as engine,
        served(
            Probe(wait_a_moment),
            engine=engine.address,
            MIRASTACK_PLUGIN_ADVERTISE_ADDR=shared.address,
            MIRASTACK_PLUGIN_MAX_CONNECTION_AGE="0.1",
        ) as port,
    ):
        shared.ports.append(port)
        await engine.happened("registered")
        outcomes: list[Outcome] = []

        async def call_until_moved(first: int) -> None:
            number = first
            while len(shared.chosen) < 5:
                outcome = await engine.execute("run", {"number": number})
                assert (outcome.code, outcome.message) == ("OK", "")
                assert outcome.result == str(number)
                outcomes.append(outcome)
                number += 8

        async with asyncio.timeout(60):
            await asyncio.gather(*map(call_until_moved, range(8)))
    assert len(outcomes) > 40


async def test_connections_that_the_engine_ends_for_idleness(program: Program) -> None:
    """The next heartbeat reconnects; the agent stays registered and logs no failure."""
    async with (
        go_engine(program, max_connection_idle="50ms") as engine,
        agent_process(
            "worker.py",
            engine=engine.address,
            MIRASTACK_PLUGIN_TENANT_SLUG="acme",
            **QUICK_HEARTBEAT,
        ) as agent,
    ):
        await engine.happened("called", "Heartbeat", 5)
        heartbeats = engine.all_of("called", "Heartbeat")
        assert (await engine.execute("cache")).result == "kept"
        assert len({call.address for call in heartbeats}) == len(heartbeats)
        assert len(engine.all_of("registered")) == 1
    assert not [line for line in agent.log if "WARNING" in line]


@pytest.mark.contract("Who calls whom: a signal deregisters first, then drains, then stops")
async def test_a_signal_while_60_calls_run(program: Program) -> None:
    """The agent deregisters, refuses new calls, and completes all that it has accepted."""
    async with (
        go_engine(program) as engine,
        agent_process("worker.py", engine=engine.address) as agent,
    ):
        await engine.happened("registered")
        calls = [engine.begin_execution("hold", {"number": 1}) for _ in range(60)]
        await engine.happened("called", "PublishResult", 60)
        agent.signal()
        await engine.happened("called", "DeregisterPlugin")
        await agent.logged("deregistered")
        late = await engine.execute("answer")
        outcomes = [await call.outcome for call in calls]
        assert await agent.ended() == 0
        gone = await engine.execute("answer")
    assert Counter(outcome.code for outcome in outcomes) == {"OK": 60}
    assert all(outcome.reply["success"] for outcome in outcomes)
    # It crosses the agent's GOAWAY: it is served, or refused as unprocessed, and never lost.
    assert late.code in {"OK", "Unavailable"}
    assert gone.code == "Unavailable"


async def test_a_call_that_waits_for_the_engine_while_the_agent_stops(program: Program) -> None:
    """Engine calls work until the last execution has ended."""
    async with go_engine(program) as engine:
        async with served(Probe(ask_for_approval), engine=engine.address):
            await engine.happened("registered")
            await engine.ask("hold", method="RequestApproval")
            call = engine.begin_execution("run")
            await engine.happened("called", "RequestApproval")
            release = asyncio.create_task(release_after_deregistration(engine))
        await release
        assert (await call.outcome).result == "Åsa"
