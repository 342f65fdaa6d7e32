"""Engines of grpcio, which answer `application/grpc` whatever the encoding is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.session import Registration, Session
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk.testing import Encoding

type Reads = Callable[[bytes], bool]


def is_json(request: bytes) -> bool:
    """Whether a request is a JSON object."""
    return request[:1] == b"{"


READERS: dict[str, Reads] = {
    "json": is_json,
    "protobuf": lambda request: not is_json(request),
    "both": lambda _: True,
}


@asynccontextmanager
async def engine(reads: Reads, answers: Encoding) -> AsyncIterator[int]:
    """Serve an engine that registers agents whose requests it can read; gives the port."""
    codec = CODECS[answers].for_type(wire.RegisterPluginResponse)

    async def register(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        if not reads(request):
            await context.abort(grpc.StatusCode.INTERNAL, "cannot read the request")
        return codec.encode(wire.RegisterPluginResponse(success=True, plugin_id="1"))

    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(register)
    server = grpc.aio.server()
    service = "mirastack.plugin.v1.EngineService"
    methods = {"RegisterPlugin": handler}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)


@pytest.mark.contract("Two encodings: the engine's encoding is found at registration, JSON first")
@pytest.mark.parametrize(
    ("reads", "answers"),
    [
        ("json", Encoding.JSON),
        ("both", Encoding.JSON),
        ("protobuf", Encoding.PROTOBUF),
        ("both", Encoding.PROTOBUF),
    ],
)
async def test_an_engine_that_names_no_encoding(reads: str, answers: Encoding) -> None:
    """The agent registers in the encoding that the engine answers in, and stays with it."""
    registered = asyncio.Event()
    async with engine(READERS[reads], answers) as port:
        settings = Settings.from_mapping({"MIRASTACK_ENGINE_ADDR": f"127.0.0.1:{port}"})
        link = EngineLink(settings, "x")
        session = Session(
            link,
            Registration(name="x", version="1", grpc_addr="a:1", instance_id="1", tenant_id=""),
            fixed_interval=None,
            clock=SystemClock(),
            uniform=lambda _, high: high,
            on_registered=registered.set,
        )
        staying = asyncio.create_task(session.run())
        async with asyncio.timeout(10):
            await registered.wait()
        assert link.encodings[0] is answers
        staying.cancel()
        await asyncio.wait((staying,))
        link.close()
