"""The channel, against grpcio's server and our own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest

from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.client.engine_errors import engine_error
from mirastack_sdk._wire.client.pool import ConnectionOptions
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import Encoding
from tests.wire.notes import ECHO_METHOD, Gate, Note, Notes, note_codecs, same

type Response = Callable[[bytes, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes]]


@asynccontextmanager
async def grpcio_server(answer: Response) -> AsyncIterator[int]:
    """Serve the notes with grpcio, bytes in and bytes out; gives the port."""
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(answer)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("test.Notes", {"Echo": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)


@asynccontextmanager
async def channel_to(
    port: int,
    encoding: Encoding = Encoding.PROTOBUF,
    limit: int = 1000,
    options: ConnectionOptions | None = None,
) -> AsyncIterator[Channel]:
    """Open a channel to a port of this machine."""
    channel = Channel(
        "127.0.0.1",
        port,
        note_codecs(),
        encoding=encoding,
        max_message_bytes=limit,
        options=options,
    )
    try:
        yield channel
    finally:
        channel.close()


async def echo(channel: Channel, text: str, *, timeout: float = 10) -> str:
    """Make one call as the engine link does, errors translated."""
    try:
        response = await channel.call(ECHO_METHOD, Note(text), timeout=timeout)
    except Exception as error:
        raise engine_error(error, method="Echo") from error
    return response.text


async def test_the_encoding_can_change_between_calls() -> None:
    """A new `encoding` applies to the calls that follow."""
    server = Server([Notes(same)], note_codecs())
    await server.start()
    try:
        async with channel_to(server.port) as channel:
            for encoding in (Encoding.JSON, Encoding.PROTOBUF, Encoding.JSON):
                channel.encoding = encoding
                assert await echo(channel, "hello") == "hello"
    finally:
        await server.close()


@pytest.mark.parametrize(
    ("code", "reason", "retryable"),
    [
        (grpc.StatusCode.UNAVAILABLE, "unavailable", True),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "deadline_exceeded", True),
        (grpc.StatusCode.PERMISSION_DENIED, "permission_denied", False),
        (grpc.StatusCode.UNAUTHENTICATED, "permission_denied", False),
        (grpc.StatusCode.INVALID_ARGUMENT, "invalid_argument", False),
        (grpc.StatusCode.NOT_FOUND, "not_found", False),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "resource_exhausted", True),
        (grpc.StatusCode.UNIMPLEMENTED, "unimplemented", False),
        (grpc.StatusCode.INTERNAL, "internal", False),
        (grpc.StatusCode.FAILED_PRECONDITION, "rejected", False),
    ],
)
async def test_a_status_becomes_an_engine_error(
    code: grpc.StatusCode, reason: str, retryable: bool
) -> None:
    """Each status of the engine has a reason, and says whether a retry may help."""

    async def answer(data: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        await context.abort(code, "told so")
        raise AssertionError("abort() raises")

    async with grpcio_server(answer) as port, channel_to(port) as channel:
        with pytest.raises(EngineError, match="told so") as caught:
            await echo(channel, "x")
    error = caught.value
    assert (error.reason, error.retryable, error.status) == (reason, retryable, code.name)


async def test_nobody_listening_is_unavailable() -> None:
    """A refused connection is `unavailable`, at once."""
    async with channel_to(1) as channel:
        with pytest.raises(EngineError) as caught:
            await echo(channel, "x")
    assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)


async def test_a_silent_peer_is_deadline_exceeded() -> None:
    """With a silent peer the call ends at its timeout."""

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, channel_to(port) as channel:
        with pytest.raises(EngineError) as caught:
            await echo(channel, "x", timeout=0.05)
    assert (caught.value.reason, caught.value.retryable) == ("deadline_exceeded", True)


@pytest.mark.contract("Environment: MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES in either direction")
@pytest.mark.parametrize(("sent", "answered"), [(2000, 1), (1, 2000)])
async def test_the_size_limit_holds_both_ways(sent: int, answered: int) -> None:
    """A request or response above the limit is `resource_exhausted`."""

    async def answer(data: bytes, context: object) -> bytes:
        return b"x" * answered

    async with grpcio_server(answer) as port, channel_to(port) as channel:
        with pytest.raises(EngineError, match="at most 1000") as caught:
            await echo(channel, "x" * sent)
    assert caught.value.reason == "resource_exhausted"


LARGE = "v" * 120_000
type Context = "grpc.aio.ServicerContext[bytes, bytes]"


async def _in_headers(context: Context) -> None:
    await context.send_initial_metadata((("x-large", LARGE),))


async def _in_trailers(context: Context) -> None:
    context.set_trailing_metadata((("x-large", LARGE),))


async def _in_a_name(context: Context) -> None:
    context.set_trailing_metadata(((LARGE, "v"),))


async def _in_bytes(context: Context) -> None:
    context.set_trailing_metadata((("x-large-bin", b"\xff" * 90_000),))


async def _in_many_parts(context: Context) -> None:
    context.set_trailing_metadata(tuple((f"x-{number}", "v") for number in range(2_500)))


async def _in_the_status_text(context: Context) -> None:
    await context.abort(grpc.StatusCode.UNKNOWN, LARGE)


@pytest.mark.parametrize(
    "enlarge",
    [_in_headers, _in_trailers, _in_a_name, _in_bytes, _in_many_parts, _in_the_status_text],
)
async def test_too_much_metadata_in_an_answer(
    enlarge: Callable[[Context], Awaitable[None]],
) -> None:
    """Its call fails; those that run on the same connection, and later ones, are answered."""
    release = asyncio.Event()

    async def answer(data: bytes, context: Context) -> bytes:
        if data == b"large":
            await enlarge(context)
        if data == b"wait":
            await release.wait()
        return data

    async with grpcio_server(answer) as port, channel_to(port) as channel:
        waiting = asyncio.create_task(echo(channel, "wait"))
        for _ in range(3):
            with pytest.raises(EngineError, match="header list is too large") as caught:
                await echo(channel, "large")
            assert caught.value.reason == "invalid_reply"
        assert await echo(channel, "next") == "next"
        release.set()
        assert await waiting == "wait"
        assert channel.pool.retirements == 0


async def test_answers_that_arrived_before_goaway_are_not_lost() -> None:
    """A server that closes right after its last responses loses none of them."""
    gate = Gate()
    server = Server([Notes(gate.respond)], note_codecs())
    await server.start()
    async with channel_to(server.port) as channel:
        calls = [asyncio.create_task(echo(channel, str(number))) for number in range(60)]
        await gate.all_entered(60)
        drained = asyncio.create_task(server.drain(10))
        gate.opened.set()
        assert await drained == 0
        await server.close()
        assert await asyncio.gather(*calls) == [str(number) for number in range(60)]
