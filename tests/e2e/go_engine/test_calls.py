"""Calls between an agent and grpc-go that fail, end early or run concurrently."""

import asyncio
from collections import Counter

import pytest

from mirastack_sdk import EngineError, ExecuteRequest
from tests.e2e.agent_process import agent_process
from tests.e2e.go_engine.building import Program
from tests.e2e.go_engine.driver import Json, go_engine
from tests.e2e.go_engine.probe import registered

MEGABYTE = 2**20


async def nothing(req: ExecuteRequest) -> Json:
    return None


class Waiting:
    """An action that waits until its call is cancelled."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()
        self._cancelled = asyncio.Event()

    async def run(self, req: ExecuteRequest) -> Json:
        self._begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self._cancelled.set()
            raise
        return None

    async def started(self) -> None:
        """Return when the author's coroutine runs."""
        async with asyncio.timeout(30):
            await self._begun.wait()

    async def cancelled(self) -> None:
        """Return when the author's coroutine has been cancelled."""
        async with asyncio.timeout(30):
            await self._cancelled.wait()


async def ask_for_approval(req: ExecuteRequest) -> Json:
    approval = await req.engine_client.request_approval(req.ctx, "May I?")
    return approval.reviewer


@pytest.mark.contract("The messages: a provider's methods are UNIMPLEMENTED")
@pytest.mark.parametrize("method", ["Embed", "ChatStream", "Nonsense"])
async def test_a_method_that_agents_do_not_have(program: Program, method: str) -> None:
    """The call ends as UNIMPLEMENTED in grpc-go, and the message names the method."""
    async with registered(program, nothing) as (engine, _):
        outcome = await engine.call(method)
        assert (await engine.call("HealthCheck")).code == "OK"
    assert outcome.code == "Unimplemented"
    assert method in outcome.message


@pytest.mark.contract("Two encodings: other content-subtypes are refused")
async def test_a_content_subtype_that_agents_do_not_know(program: Program) -> None:
    """The error lists the known content-subtypes; the next call gets its response."""
    async with registered(program, nothing) as (engine, _):
        outcome = await engine.call("Info", subtype="yaml")
        assert (await engine.call("Info")).code == "OK"
    assert outcome.code == "Unknown"
    assert "'application/grpc+yaml' is not supported" in outcome.message
    assert "application/grpc+json" in outcome.message


async def test_a_compressed_request(program: Program) -> None:
    """The call ends as UNIMPLEMENTED, and the message says what to use."""
    async with registered(program, nothing) as (engine, _):
        outcome = await engine.execute("run", compress=True)
        assert (await engine.execute("run")).code == "OK"
    assert outcome.code == "Unimplemented"
    assert outcome.message == "compression gzip is not supported, use identity"


async def test_metadata_that_is_not_ascii(program: Program) -> None:
    """Bytes that grpc-go sends although gRPC forbids them do not affect other calls."""
    waiting = Waiting()
    async with registered(program, waiting.run) as (engine, _):
        beside = engine.begin_execution("run")
        await waiting.started()
        assert (await engine.call("Info", metadata={"x-note": "ü"})).code == "OK"
        assert not beside.outcome.done()
        await engine.ask("cancel", target=beside.number)
        await waiting.cancelled()


async def test_a_deadline_reaches_the_author(program: Program) -> None:
    """When grpc-go's deadline passes, the author's coroutine is cancelled."""
    waiting = Waiting()
    async with registered(program, waiting.run) as (engine, _):
        outcome = await engine.execute("run", timeout_ms=200)
        await waiting.cancelled()
    assert outcome.code == "DeadlineExceeded"


async def test_a_deadline_travels_with_the_authors_calls(program: Program) -> None:
    """An engine call's deadline is at most that of its execution."""
    async with registered(program, ask_for_approval) as (engine, _):
        assert (await engine.execute("run", timeout_ms=20_000)).result == "Åsa"
        assert 0 < (await engine.happened("called", "RequestApproval")).timeout_ms <= 20_000


async def test_a_cancellation_reaches_the_author(program: Program) -> None:
    """When grpc-go cancels a call, the author's coroutine is cancelled."""
    waiting = Waiting()
    async with registered(program, waiting.run) as (engine, _):
        call = engine.begin_execution("run")
        await waiting.started()
        await engine.ask("cancel", target=call.number)
        assert (await call.outcome).code == "Canceled"
        await waiting.cancelled()


async def test_a_cancellation_reaches_the_authors_calls(program: Program) -> None:
    """Cancelling an execution cancels its engine calls at the engine."""
    async with registered(program, ask_for_approval) as (engine, _):
        await engine.ask("hold", method="RequestApproval")
        call = engine.begin_execution("run")
        await engine.happened("called", "RequestApproval")
        await engine.ask("cancel", target=call.number)
        assert (await engine.happened("abandoned", "RequestApproval")).cause == "context canceled"


async def test_500_cancelled_calls_leave_the_connection_as_it_was(program: Program) -> None:
    """Cancelled calls give back their streams and their part of the window."""
    async with registered(program, nothing) as (engine, _):
        for _ in range(5):
            calls = [engine.begin_execution("run", padding=200_000) for _ in range(100)]
            await asyncio.gather(*(engine.ask("cancel", target=call.number) for call in calls))
            await asyncio.gather(*(call.outcome for call in calls))
        outcome = await engine.execute("run", padding=MEGABYTE, timeout_ms=20_000)
    assert outcome.code == "OK"


@pytest.mark.contract("Environment: MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES in either direction")
async def test_a_request_above_the_size_limit(program: Program) -> None:
    """The call ends as RESOURCE_EXHAUSTED with both sizes; a smaller one succeeds."""
    limit = {"MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES": str(MEGABYTE)}
    async with registered(program, nothing, **limit) as (engine, _):
        above = await engine.execute("run", padding=20 * MEGABYTE)
        below = await engine.execute("run", padding=MEGABYTE - 1000)
    assert (above.code, below.code) == ("ResourceExhausted", "OK")
    assert f"at most {MEGABYTE} are allowed" in above.message


@pytest.mark.contract("Environment: MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES in either direction")
async def test_a_result_above_the_size_limit(program: Program) -> None:
    """The agent refuses its own limit, and grpc-go ends larger responses as RESOURCE_EXHAUSTED."""

    async def write(req: ExecuteRequest) -> Json:
        return "x" * int(req.params["bytes"])

    limit = {"MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES": str(8 * MEGABYTE)}
    async with registered(program, write, **limit) as (engine, _):
        outcomes = [
            await engine.execute("run", {"bytes": megabytes * MEGABYTE}) for megabytes in (7, 5, 1)
        ]
    assert [outcome.code for outcome in outcomes] == ["OK", "ResourceExhausted", "OK"]
    assert [outcomes[index].reply["success"] for index in (0, 2)] == [False, True]
    assert f"at most {8 * MEGABYTE} can be sent" in str(outcomes[0].reply["error"])
    # Of its own accord grpc-go takes 4 MiB.
    assert "received message larger than max" in outcomes[1].message


async def test_a_callback_above_the_engines_size_limit(program: Program) -> None:
    """The author gets `resource_exhausted`, and later calls succeed."""

    async def write(req: ExecuteRequest) -> Json:
        try:
            await req.engine_client.cache_set(req.ctx, "k", "x" * 20 * MEGABYTE)
        except EngineError as error:
            reason = error.reason
        await req.engine_client.cache_set(req.ctx, "k", "x" * MEGABYTE)
        return reason

    async with registered(program, write) as (engine, _):
        assert (await engine.execute("run")).result == "resource_exhausted"


async def test_100_calls_on_one_connection(program: Program) -> None:
    """All run in the agent at once, in both encodings, and each gets its own response."""
    async with (
        go_engine(program) as engine,
        agent_process("worker.py", engine=engine.address),
    ):
        await engine.happened("registered")
        calls = [
            engine.execute("gather", {"number": 100, "call": number}, subtype=subtype)
            for number in range(50)
            for subtype in ("json", "proto")
        ]
        outcomes = await asyncio.gather(*calls)
    assert {outcome.code for outcome in outcomes} == {"OK"}
    answered = Counter(str(outcome.result) for outcome in outcomes)
    assert set(answered.values()) == {2}
    assert len(answered) == 50


async def test_more_calls_than_a_connection_may_have_open(program: Program) -> None:
    """grpc-go waits for a free stream, and every call gets its response."""
    async with (
        go_engine(program) as engine,
        agent_process("worker.py", engine=engine.address),
    ):
        await engine.happened("registered")
        outcomes = await asyncio.gather(*(engine.execute("answer") for _ in range(1500)))
    assert Counter(outcome.code for outcome in outcomes) == {"OK": 1500}


async def test_waves_of_calls_that_expire(program: Program) -> None:
    """1,000 calls expire, in five waves; five long calls on the same connection are answered."""
    release = asyncio.Event()

    async def wait(req: ExecuteRequest) -> Json:
        await release.wait()
        return "answered"

    async with registered(program, wait) as (engine, _):
        long_calls = [engine.begin_execution("run") for _ in range(5)]
        for _ in range(5):
            wave = [engine.begin_execution("run", timeout_ms=400) for _ in range(200)]
            outcomes = await asyncio.gather(*(one.outcome for one in wave))
            assert Counter(outcome.code for outcome in outcomes) == {"DeadlineExceeded": 200}
        release.set()
        async with asyncio.timeout(30):
            outcomes = await asyncio.gather(*(one.outcome for one in long_calls))
        assert [outcome.result for outcome in outcomes] == ["answered"] * 5
        assert len(engine.all_of("registered")) == 1
