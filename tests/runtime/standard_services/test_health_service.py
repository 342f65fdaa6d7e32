"""`grpc.health.v1`, asked by grpcio's own client."""

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1.health_pb2 import (  # type: ignore[attr-defined] # its types lack it
    DESCRIPTOR,
    HealthCheckRequest,
    HealthCheckResponse,
    HealthListRequest,
)
from grpc_health.v1.health_pb2_grpc import HealthStub

from codegen.protoc import compile_protos
from mirastack_sdk import serve_async
from mirastack_sdk.testing import LocalEngine, ManualClock
from tests.e2e.in_process import served
from tests.golden.google import REPOSITORY
from tests.runtime.standard_services.agents import AGENT, NAMES, TIMEOUT, Patient, channel_to

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
LIVENESS, READINESS = "liveness", "readiness"
FOLLOWS = {"MIRASTACK_PLUGIN_HEALTH_FOLLOWS_AGENT": "true"}
TOKEN = "correct-horse-battery-staple"


def stub_of(channel: grpc.aio.Channel) -> Any:  # noqa: ANN401 - its types lack the methods
    """Return grpcio's own client."""
    return HealthStub(channel)


async def status_of(channel: grpc.aio.Channel, service: str = "") -> int:
    """Ask as a kubelet does."""
    request = HealthCheckRequest(service=service)
    response = await stub_of(channel).Check(request, timeout=TIMEOUT)
    return int(response.status)


async def failure_of(channel: grpc.aio.Channel, service: str = "") -> grpc.StatusCode:
    """Return the status of a check that is refused."""
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await status_of(channel, service)
    return error.value.code()


@pytest.mark.parametrize("service", ["", LIVENESS, READINESS, *NAMES])
async def test_an_agent_without_an_engine_serves_at_once(service: str) -> None:
    """It is SERVING from listening on, as a whole and for each of its services."""
    async with served(Patient()) as port, channel_to(port) as channel:
        assert await status_of(channel, service) == SERVING


async def test_a_service_that_is_not_there_is_not_found() -> None:
    """Names are compared exactly."""
    async with served(Patient()) as port, channel_to(port) as channel:
        for name in ("x", AGENT.lower(), f"/{AGENT}", f"{AGENT}/Execute"):
            assert await failure_of(channel, name) is grpc.StatusCode.NOT_FOUND


async def test_all_services_are_listed() -> None:
    """List returns the status of each, and of the whole agent under the empty name."""
    async with served(Patient()) as port, channel_to(port) as channel:
        response = await stub_of(channel).List(HealthListRequest(), timeout=TIMEOUT)
    assert {name: one.status for name, one in response.statuses.items()} == dict.fromkeys(
        ["", LIVENESS, READINESS, *NAMES], SERVING
    )


async def test_an_agent_serves_from_its_first_registration_until_it_stops() -> None:
    """Watch sends NOT_SERVING, SERVING and NOT_SERVING, and then ends with UNAVAILABLE."""
    stop = asyncio.Event()
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    seen: list[int] = []
    clock = ManualClock()
    async with (
        asyncio.timeout(60),
        LocalEngine(clock=clock) as engine,
        asyncio.TaskGroup() as tasks,
    ):
        engine.delay("register_plugin", 5.0)
        environ = {
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            "MIRASTACK_PLUGIN_TENANT_ID": "t-1",
        }
        tasks.create_task(
            serve_async(Patient(), environ=environ, stop=stop, on_listening=listening.set_result)
        )
        async with channel_to(await listening) as channel:
            assert await status_of(channel, AGENT) == NOT_SERVING
            assert await status_of(channel, LIVENESS) == SERVING, "a restart would not help"
            assert await status_of(channel, READINESS) == SERVING, "the engine dials it first"
            watching = stub_of(channel).Watch(HealthCheckRequest(service=AGENT))
            seen.append((await watching.read()).status)
            await clock.wait_for_sleepers()
            clock.advance(6.0)
            seen.append((await watching.read()).status)
            stop.set()
            seen.append((await watching.read()).status)
            assert await watching.code() is grpc.StatusCode.UNAVAILABLE
    assert seen == [NOT_SERVING, SERVING, NOT_SERVING]


async def test_a_watched_agent_stops_at_once() -> None:
    """Open watches do not use up the grace period, which would delay each rolling restart."""
    async with (
        asyncio.timeout(30),
        served(Patient(), MIRASTACK_PLUGIN_SHUTDOWN_GRACE="600") as port,
        channel_to(port) as channel,
    ):
        watching = [stub_of(channel).Watch(HealthCheckRequest()) for _ in range(20)]
        for one in watching:
            assert (await one.read()).status == SERVING


@pytest.mark.parametrize(
    ("service", "expected"),
    [(READINESS, [SERVING, NOT_SERVING]), (LIVENESS, [SERVING])],
    ids=[READINESS, LIVENESS],
)
async def test_an_agent_that_stops_is_alive_but_not_ready(
    service: str, expected: list[int]
) -> None:
    """Nobody should send it new calls, and nobody should kill it while it drains."""
    seen: list[int] = []
    async with asyncio.timeout(30), AsyncExitStack() as agent, asyncio.TaskGroup() as tasks:
        port = await agent.enter_async_context(served(Patient()))
        async with channel_to(port) as channel:
            watching = stub_of(channel).Watch(HealthCheckRequest(service=service))
            seen.append((await watching.read()).status)
            tasks.create_task(agent.aclose())
            seen += [(await watching.read()).status for _ in expected[1:]]
            with pytest.raises(grpc.aio.AioRpcError, match="shutting down"):
                await watching.read()
    assert seen == expected


async def test_an_unknown_service_is_watched_without_an_end() -> None:
    """Watch says SERVICE_UNKNOWN, and does not end before the agent does."""
    async with served(Patient()) as port, channel_to(port) as channel:
        watching = stub_of(channel).Watch(HealthCheckRequest(service="x"))
        assert (await watching.read()).status == HealthCheckResponse.SERVICE_UNKNOWN
        assert await status_of(channel) == SERVING
        assert not watching.done()


async def test_watches_are_limited_as_executions_are() -> None:
    """One too many is refused, and checks go on."""
    async with (
        served(Patient(), MIRASTACK_PLUGIN_MAX_EXECUTIONS="3") as port,
        channel_to(port) as channel,
    ):
        watching = [stub_of(channel).Watch(HealthCheckRequest()) for _ in range(3)]
        for one in watching:
            await one.read()
        refused = stub_of(channel).Watch(HealthCheckRequest())
        assert await refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert await status_of(channel) == SERVING


async def test_the_health_of_the_backend_does_not_count_by_default() -> None:
    """An agent whose backend is away must not be restarted for that."""
    patient = Patient()
    patient.illness = ValueError("away")
    async with served(patient) as port, channel_to(port) as channel:
        assert await status_of(channel) == SERVING
    assert patient.checks == 0


async def test_the_health_of_the_backend_counts_if_an_operator_says_so() -> None:
    """NOT_SERVING while the author's health check fails; it runs at most once a second."""
    patient = Patient()
    patient.illness = ValueError("away")
    async with served(patient, **FOLLOWS) as port, channel_to(port) as channel:
        assert [await status_of(channel) for _ in range(20)] == [NOT_SERVING] * 20
        assert patient.checks < 10
        assert await status_of(channel, READINESS) == NOT_SERVING
        assert await status_of(channel, LIVENESS) == SERVING, "a restart would not help"
        patient.illness = None
        async with asyncio.timeout(20):
            while await status_of(channel) == NOT_SERVING:
                pass


async def test_a_probe_needs_the_token_by_default() -> None:
    """Health checking is protected like all other calls."""
    async with served(Patient(), MIRASTACK_AUTH_TOKEN=TOKEN) as port, channel_to(port) as channel:
        assert await failure_of(channel) is grpc.StatusCode.UNAUTHENTICATED
        header = (("authorization", f"Bearer {TOKEN}"),)
        stub = stub_of(channel)
        await stub.Check(HealthCheckRequest(), timeout=TIMEOUT, metadata=header)


async def test_a_probe_may_come_without_the_token_if_an_operator_says_so() -> None:
    """Nothing else may: neither the agent's methods, nor reflection, nor unknown ones."""
    environ = {"MIRASTACK_AUTH_TOKEN": TOKEN, "MIRASTACK_PLUGIN_HEALTH_WITHOUT_TOKEN": "true"}
    async with served(Patient(), **environ) as port, channel_to(port) as channel:
        assert await status_of(channel) == SERVING
        for path in (
            f"/{AGENT}/Info",
            f"/{AGENT}/Execute",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "/grpc.health.v1.Health/Nonsense",
            "/grpc.health.v1.Health/check",
        ):
            call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(path)
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await call(b"", timeout=TIMEOUT)
            assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED, path


async def test_a_watch_that_is_cancelled_leaves_nothing() -> None:
    """A thousand watches that come and go do not use up the places."""
    async with (
        served(Patient(), MIRASTACK_PLUGIN_MAX_EXECUTIONS="50") as port,
        channel_to(port) as channel,
    ):
        for _ in range(20):
            watching = [stub_of(channel).Watch(HealthCheckRequest()) for _ in range(25)]
            for one in watching:
                await one.read()
                one.cancel()
        assert await status_of(channel) == SERVING


def test_the_proto_is_that_of_grpc() -> None:
    """Names, numbers, types and streams are those of grpcio's own package."""
    (ours,) = compile_protos(REPOSITORY / "proto", [Path("grpc/health/v1/health.proto")]).file
    theirs = type(ours)()
    DESCRIPTOR.CopyToProto(theirs)
    assert described(ours) == described(theirs)


def described(file: object) -> tuple[str, ...]:
    """Return messages, enums and services of a file, as text; only protoc adds JSON names."""
    parts = ("message_type", "enum_type", "service")
    return tuple(
        re.sub(r' *json_name: "\w+"\n', "", str(list(getattr(file, part)))) for part in parts
    )
