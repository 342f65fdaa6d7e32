"""A service with a method of each kind, whose messages are bytes, and clients and servers of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.codec.methods import (
    Handlers,
    Method,
    StreamStreamHandler,
    StreamUnaryHandler,
    UnaryStreamHandler,
)
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.server.server_state import DEFAULT_CAPACITY, Capacity
from mirastack_sdk.testing import Encoding
from tests.wire.interop.peers import CODECS
from tests.wire.streaming.probes import until

SERVICE = "test.Streams"
TIMEOUT = 30.0

SPLIT = Method("Split", f"/{SERVICE}/Split", bytes, bytes, server_streaming=True)
JOIN = Method("Join", f"/{SERVICE}/Join", bytes, bytes, client_streaming=True)
TALK = Method(
    "Talk", f"/{SERVICE}/Talk", bytes, bytes, client_streaming=True, server_streaming=True
)

type Split = Callable[[bytes], AsyncIterator[bytes]]
type Join = Callable[[AsyncIterator[bytes]], Awaitable[bytes]]
type Talk = Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]


async def letters(word: bytes) -> AsyncIterator[bytes]:
    """Respond with each byte."""
    for letter in word:
        yield bytes([letter])


async def joined(parts: AsyncIterator[bytes]) -> bytes:
    """Respond with all requests in one."""
    return b"".join([part async for part in parts])


async def echo(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Respond to each request with it."""
    async for part in parts:
        yield part


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The service, made of three functions."""

    split: Split = letters
    join: Join = joined
    talk: Talk = echo

    def __mapping__(self) -> Handlers:
        return {
            SPLIT.path: UnaryStreamHandler(SPLIT, self.split),
            JOIN.path: StreamUnaryHandler(JOIN, self.join),
            TALK.path: StreamStreamHandler(TALK, self.talk),
        }


@asynccontextmanager
async def serving(
    service: Streams | None = None,
    *,
    limit: int = 2**22,
    capacity: Capacity = DEFAULT_CAPACITY,
    timeouts: ClientTimeouts | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Server]:
    """Serve on a free port of this machine."""
    server = Server(
        [service or Streams()],
        CODECS,
        max_message_bytes=limit,
        capacity=capacity,
        timeouts=timeouts,
        limits=limits,
    )
    await server.start()
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def calling(port: int, *, limit: int = 2**22) -> AsyncIterator[Channel]:
    """Open a channel of our own."""
    channel = Channel(
        "127.0.0.1", port, CODECS, encoding=Encoding.PROTOBUF, max_message_bytes=limit
    )
    try:
        yield channel
    finally:
        channel.close()


@asynccontextmanager
async def pair(
    service: Streams | None = None, *, limit: int = 2**22, streaming_calls: int = 1_000
) -> AsyncIterator[tuple[Server, Channel]]:
    """Serve, and call; in the end no task is left."""
    before = asyncio.all_tasks()
    capacity = Capacity(streaming_calls=streaming_calls)
    async with (
        asyncio.timeout(60),
        serving(service, limit=limit, capacity=capacity) as server,
        calling(server.port, limit=limit) as channel,
    ):
        yield server, channel
        channel.close()
        assert await server.drain(10) == 0
        await until(lambda: asyncio.all_tasks() == before)


async def taken(responses: AsyncIterator[bytes], count: int) -> list[bytes]:
    """Return the first responses."""
    return [await anext(responses) for _ in range(count)]


async def rest(responses: AsyncIterator[bytes]) -> list[bytes]:
    """Return all responses."""
    return [response async for response in responses]
