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
from tests.reliability.bad_engines.engine import (
    ByteEngine,
    Response,
    good_in_protobuf,
    head,
    link_to,
    serving,
    trailers,
)
from tests.runtime.engine_access.test_session import IDENTITY
from tests.runtime.recording_clock import RecordingClock
from tests.wire.http2.conformance import frames
from tests.wire.raw_peer import frame as message

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


def _answer(block: bytes, body: bytes | None = None, ending: bytes = b"") -> Response:
    """Respond with headers, and with a message and trailers if there is one."""
    if body is None:
        return lambda number: frames.headers(number, block, end=True)
    return lambda number: (
        frames.headers(number, block)
        + frames.data(number, message(body))
        + frames.headers(number, ending or trailers(), end=True)
    )


def _fails(status: int, text: str = "no codec for json") -> bytes:
    return head(("grpc-status", str(status)), ("grpc-message", text), content_type=GRPC)


GRPC = "application/grpc"
READ_AS_PROTOBUF = b"\x08\x01"
REFUSALS: dict[str, Response] = {
    "grpc": _answer(head(content_type=GRPC), READ_AS_PROTOBUF),
    "grpc-with-a-parameter": _answer(head(content_type=f"{GRPC};charset=utf-8"), READ_AS_PROTOBUF),
    "proto": _answer(head(content_type=f"{GRPC}+proto"), READ_AS_PROTOBUF),
    "json-that-is-none": _answer(head(), READ_AS_PROTOBUF),
    "a-list-in-json": _answer(head(), b"[]"),
    "empty-message": _answer(head(content_type=GRPC), b"{"),
    "thrift": _answer(head(content_type=f"{GRPC}+thrift"), READ_AS_PROTOBUF),
    "unimplemented": _answer(_fails(12)),
    "internal": _answer(_fails(13)),
    "invalid-argument": _answer(_fails(3)),
    "unknown": _answer(_fails(2)),
    "no-grpc": _answer(head(content_type="text/plain", status="415")),
    "bad-request": _answer(head(content_type="text/html", status="400")),
    "not-found": _answer(head(content_type="text/html", status="404")),
    "status-after-a-message": _answer(head(content_type=GRPC), READ_AS_PROTOBUF, trailers("13")),
    "reset": lambda number: frames.rst_stream(number, 2),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_an_engine_that_does_not_take_json(case: str) -> None:
    """However it says so, the agent registers in protobuf, with its next call."""
    answers = [good_in_protobuf, REFUSALS[case]]

    def answer(number: int) -> bytes:
        return answers.pop()(number)

    engine = ByteEngine(answer=answer)
    async with serving(engine):
        link, registered, clock = (
            link_to(engine.port, encoding="auto"),
            asyncio.Event(),
            RecordingClock(),
        )
        session = Session(
            link,
            IDENTITY,
            fixed_interval=None,
            clock=clock,
            uniform=lambda _, high: high,
            on_registered=registered.set,
        )
        staying = asyncio.create_task(session.run())
        async with asyncio.timeout(10):
            await registered.wait()
        assert link.encodings[0] is Encoding.PROTOBUF
        assert clock.sleeps == []
        staying.cancel()
        await asyncio.wait((staying,))
        link.close()
