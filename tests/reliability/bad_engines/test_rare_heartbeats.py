"""An engine that permits few pings, and an agent with rare heartbeats and a call that waits."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
import grpc.aio

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import (
    CACHE_GET,
    CALL_PLUGIN,
    GET_CONFIG,
    LOG_EVENT,
    REQUEST_APPROVAL,
)
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.session import Session
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.proto_message import ProtoMessage
from mirastack_sdk.testing import Encoding
from tests.reliability.bad_engines.engine import link_to, options_of
from tests.runtime.engine_access.test_session import IDENTITY

type Call = Callable[[EngineLink], Awaitable[object]]

PING_SECONDS = 0.4
# gRPC ends a connection at the third ping too many.
PINGS = 5
TIMEOUT = 30.0
_METHODS = ("RequestApproval", "CallPlugin", "CacheGet", "GetConfig", "LogEvent")


def _approval(link: EngineLink) -> Awaitable[object]:
    return link.call(REQUEST_APPROVAL, wire.RequestApprovalRequest(description="May I?"), TIMEOUT)


def _plugin(link: EngineLink) -> Awaitable[object]:
    request = wire.CallPluginRequest(target_plugin="b", action_id="wait")
    return link.call(CALL_PLUGIN, request, TIMEOUT)


def _cache(link: EngineLink) -> Awaitable[object]:
    return link.call(CACHE_GET, wire.CacheGetRequest(key="a"), TIMEOUT)


def _config(link: EngineLink) -> Awaitable[object]:
    return link.call(GET_CONFIG, wire.GetConfigRequest(), TIMEOUT)


def _event(link: EngineLink) -> Awaitable[object]:
    return link.call(LOG_EVENT, wire.LogEventRequest(), TIMEOUT)


@dataclass(frozen=True)
class Case:
    """A call that waits, and how the agent and the engine are set."""

    call: Call = _approval
    response: ProtoMessage = field(default_factory=wire.RequestApprovalResponse)
    encoding: Encoding = Encoding.PROTOBUF
    fixed_interval: float | None = 600
    engine_interval: int = 0
    heartbeats_fail: bool = False
    calls: int = 1
    cancelled: int = 0


CASES = {
    "approval": Case(),
    "json": Case(encoding=Encoding.JSON),
    "interval-of-the-engine": Case(fixed_interval=None, engine_interval=180),
    "longest-interval": Case(fixed_interval=None, engine_interval=2**31 - 1),
    "heartbeats-that-fail": Case(heartbeats_fail=True),
    "plugin": Case(call=_plugin, response=wire.CallPluginResponse()),
    "cache": Case(call=_cache, response=wire.CacheGetResponse()),
    "config": Case(call=_config, response=wire.GetConfigResponse()),
    "event": Case(call=_event, response=wire.LogEventResponse()),
    "several-calls": Case(calls=20),
    "cancelled-calls": Case(cancelled=5),
    "both-encodings-of-a-plugin": Case(
        call=_plugin, response=wire.CallPluginResponse(), encoding=Encoding.JSON, calls=2
    ),
}


@dataclass
class Engine:
    """An engine of grpcio, with gRPC's default of a ping in five minutes."""

    case: Case
    port: int = 0
    heartbeats: int = 0
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def encoded(self, response: ProtoMessage) -> bytes:
        return CODECS[self.case.encoding].for_type(type(response)).encode(response)

    async def register(self, _request: bytes, _context: object) -> bytes:
        return self.encoded(wire.RegisterPluginResponse(success=True, plugin_id="1"))

    async def heartbeat(
        self, _request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]"
    ) -> bytes:
        self.heartbeats += 1
        if self.heartbeats == PINGS:
            self.answers.set()
        if self.case.heartbeats_fail:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        interval = self.case.engine_interval
        return self.encoded(
            wire.HeartbeatResponse(acknowledged=True, heartbeat_interval_seconds=interval)
        )

    async def other(self, _request: bytes, _context: object) -> bytes:
        self.waits.set()
        await self.answers.wait()
        return self.encoded(self.case.response)


@asynccontextmanager
async def running(case: Case) -> AsyncIterator[Engine]:
    """Serve the engine."""
    engine = Engine(case)
    methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "RegisterPlugin": grpc.unary_unary_rpc_method_handler(engine.register),
        "Heartbeat": grpc.unary_unary_rpc_method_handler(engine.heartbeat),
        **{name: grpc.unary_unary_rpc_method_handler(engine.other) for name in _METHODS},
    }
    server = grpc.aio.server()
    service = "mirastack.plugin.v1.EngineService"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    engine.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield engine
    finally:
        await server.stop(None)


async def test_a_call_that_waits_outlives_the_limit_on_pings() -> None:
    """A heartbeat goes with each ping, which is no violation then; without calls there is none."""
    # All at once, because each takes as long as the pings do.
    async with asyncio.TaskGroup() as group:
        for name, case in CASES.items():
            group.create_task(_outlives_the_limit(case), name=name)


async def _outlives_the_limit(case: Case) -> None:
    async with running(case) as engine:
        options = options_of(interval=PING_SECONDS, timeout=PING_SECONDS)
        link = link_to(engine.port, encoding=case.encoding.value, options=options)
        session = Session(
            link,
            IDENTITY,
            fixed_interval=case.fixed_interval,
            clock=SystemClock(),
            uniform=lambda _, high: high,
        )
        staying = asyncio.create_task(session.run())
        given_up = [asyncio.ensure_future(case.call(link)) for _ in range(case.cancelled)]
        began = time.monotonic()
        waiting = asyncio.gather(*(case.call(link) for _ in range(case.calls)))
        await engine.waits.wait()
        for call in given_up:
            call.cancel()
        await waiting
        assert time.monotonic() - began > (PINGS - 1) * PING_SECONDS
        heartbeats = engine.heartbeats
        await asyncio.wait((staying,), timeout=2 * PING_SECONDS)
        assert engine.heartbeats <= heartbeats + 1
        staying.cancel()
        await asyncio.wait((staying, *given_up))
        link.close()
