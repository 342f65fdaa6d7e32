"""An engine that permits few pings, and an agent with rare heartbeats and a call that waits."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
import grpc.aio

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import REQUEST_APPROVAL
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.session import Registration, Session
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.keepalive import Keepalive
from mirastack_sdk._wire.client.pool import ConnectionOptions
from mirastack_sdk.testing import Encoding

PING_SECONDS = 0.4
# gRPC ends a connection at the third ping too many.
PINGS = 5
TIMEOUT = 30.0
TABLE = CODECS[Encoding.PROTOBUF]


@dataclass
class Engine:
    """An engine of grpcio, with gRPC's default of a ping in five minutes."""

    port: int = 0
    heartbeats: int = 0
    approve: asyncio.Event = field(default_factory=asyncio.Event)

    async def register(self, _request: bytes, _context: object) -> bytes:
        response = wire.RegisterPluginResponse(success=True, plugin_id="1")
        return TABLE.for_type(wire.RegisterPluginResponse).encode(response)

    async def heartbeat(self, _request: bytes, _context: object) -> bytes:
        self.heartbeats += 1
        if self.heartbeats == PINGS:
            self.approve.set()
        response = wire.HeartbeatResponse(acknowledged=True)
        return TABLE.for_type(wire.HeartbeatResponse).encode(response)

    async def approval(self, _request: bytes, _context: object) -> bytes:
        await self.approve.wait()
        response = wire.RequestApprovalResponse(approved=True)
        return TABLE.for_type(wire.RequestApprovalResponse).encode(response)


@asynccontextmanager
async def running() -> AsyncIterator[Engine]:
    """Serve the engine."""
    engine = Engine()
    methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "RegisterPlugin": grpc.unary_unary_rpc_method_handler(engine.register),
        "Heartbeat": grpc.unary_unary_rpc_method_handler(engine.heartbeat),
        "RequestApproval": grpc.unary_unary_rpc_method_handler(engine.approval),
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
    async with running() as engine:
        settings = Settings.from_mapping(
            {
                "MIRASTACK_ENGINE_ADDR": f"127.0.0.1:{engine.port}",
                "MIRASTACK_ENGINE_ENCODING": "proto",
            }
        )
        options = ConnectionOptions(
            keepalive=Keepalive(interval=PING_SECONDS, timeout=PING_SECONDS)
        )
        link = EngineLink(settings, "rare", options=options)
        registration = Registration(
            name="rare", version="1.0.0", grpc_addr="127.0.0.1:1", instance_id="1", tenant_id=""
        )
        session = Session(
            link,
            registration,
            fixed_interval=600,
            clock=SystemClock(),
            uniform=lambda _, high: high,
        )
        staying = asyncio.create_task(session.run())
        request = wire.RequestApprovalRequest(description="May I?")
        began = time.monotonic()
        approval = await link.call(REQUEST_APPROVAL, request, TIMEOUT)
        assert approval.approved
        assert time.monotonic() - began > (PINGS - 1) * PING_SECONDS
        heartbeats = engine.heartbeats
        await asyncio.wait((staying,), timeout=2 * PING_SECONDS)
        assert engine.heartbeats <= heartbeats + 1
        staying.cancel()
        await asyncio.wait((staying,))
        link.close()
