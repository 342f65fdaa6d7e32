"""Servers and clients of grpcio and of our own, which send bytes unchanged."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import grpc
import grpc.aio

from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.codec.message_codec import CodecTable, MessageCodec
from mirastack_sdk._wire.codec.methods import Handler, Handlers, Method
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.testing import Encoding

SERVICE = "grpc.testing.TestService"
UNARY_CALL = f"/{SERVICE}/UnaryCall"
TIMEOUT = 30.0

type Context = grpc.aio.ServicerContext[bytes, bytes]
type Options = Sequence[tuple[str, int]]
type Rpc = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]

CODECS = {Encoding.PROTOBUF: CodecTable()}
CODECS[Encoding.PROTOBUF].add(bytes, MessageCodec(bytes, bytes))


def _method(path: str) -> Method[bytes, bytes]:
    return Method("UnaryCall", path, bytes, bytes)


async def same(data: bytes) -> bytes:
    """Respond with the request."""
    return data


async def turns(number: int) -> None:
    """Let other tasks run so many times, as slow work does."""
    for _ in range(number):
        await asyncio.sleep(0)


class TestService:
    """The unary method of gRPC's interoperability tests, implemented by a function."""

    __test__ = False

    def __init__(self, respond: Callable[[bytes], Awaitable[bytes]]) -> None:
        self._respond = respond

    def __mapping__(self) -> Handlers:
        return {UNARY_CALL: Handler(_method(UNARY_CALL), self._respond)}


def our_server(
    respond: Callable[[bytes], Awaitable[bytes]] = same, *, limit: int = 2**26
) -> Server:
    """Return a server that has not been started."""
    return Server([TestService(respond)], CODECS, max_message_bytes=limit)


@asynccontextmanager
async def serving(
    respond: Callable[[bytes], Awaitable[bytes]] = same, *, limit: int = 2**26
) -> AsyncIterator[Server]:
    """Serve with our server on a free port of this machine."""
    server = our_server(respond, limit=limit)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def succeed(server: Server, port: int) -> None:
    """Start on the port of a server that is about to stop listening."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            try:
                return await server.start(port=port)
            except OSError:
                await asyncio.sleep(0)


@asynccontextmanager
async def grpcio_channel(
    port: int, options: Options = (), compression: grpc.Compression | None = None
) -> AsyncIterator[grpc.aio.Channel]:
    """Open a channel of grpcio, with connections of its own."""
    own = (
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.max_receive_message_length", -1),
        *options,
    )
    address = f"127.0.0.1:{port}"
    async with grpc.aio.insecure_channel(address, own, compression=compression) as channel:
        yield channel


def unary_call(channel: grpc.aio.Channel, path: str = UNARY_CALL) -> Rpc:
    """Return grpcio's callable for a method, with bytes in and out."""
    return channel.unary_unary(path)


@asynccontextmanager
async def grpcio_server(
    answer: Callable[[bytes, Context], Awaitable[bytes]], options: Options = ()
) -> AsyncIterator[int]:
    """Serve with grpcio on a free port of this machine; gives the port."""
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(answer)
    server = grpc.aio.server(options=(("grpc.max_receive_message_length", -1), *options))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"UnaryCall": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)


@asynccontextmanager
async def our_channel(port: int, *, limit: int = 2**26) -> AsyncIterator[Channel]:
    """Open one of our channels."""
    channel = Channel(
        "127.0.0.1", port, CODECS, encoding=Encoding.PROTOBUF, max_message_bytes=limit
    )
    try:
        yield channel
    finally:
        channel.close()


async def ask(
    channel: Channel,
    data: bytes,
    *,
    path: str = UNARY_CALL,
    timeout: float = TIMEOUT,
    metadata: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """Make one call as a generated stub does."""
    return await channel.call(_method(path), data, metadata, timeout)
