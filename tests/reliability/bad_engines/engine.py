"""An engine that sends the bytes of a test, and an agent's link to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import EngineEncoding, Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import CACHE_GET, CACHE_SET
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._wire.client.keepalive import Keepalive
from mirastack_sdk._wire.client.pool import ConnectionOptions, ReconnectBackoff
from tests.wire.http2.conformance import blocks, frames
from tests.wire.raw_peer import frame as message

# What a leak of a stream would block for ever: one call at a time.
ONE_AT_A_TIME = frames.settings((3, 1))
JSON = "application/grpc+json"
TIMEOUT = 10.0

type Response = Callable[[int], bytes]


def head(*more: tuple[str, str], content_type: str = JSON, status: str = "200") -> bytes:
    """Return the header block of a response."""
    return blocks.block((":status", status), ("content-type", content_type), *more)


def trailers(status: str = "0", *more: tuple[str, str]) -> bytes:
    """Return the trailer block of a response."""
    return blocks.block(("grpc-status", status), *more)


def good(number: int, body: bytes = b'{"success":true}') -> bytes:
    """Respond correctly."""
    return (
        frames.headers(number, head())
        + frames.data(number, message(body))
        + frames.headers(number, trailers(), end=True)
    )


def good_in_protobuf(number: int) -> bytes:
    """Respond correctly, in the other encoding."""
    return (
        frames.headers(number, head(content_type="application/grpc+proto"))
        + frames.data(number, message(b"\x08\x01"))
        + frames.headers(number, trailers(), end=True)
    )


def in_frames(number: int, body: bytes) -> bytes:
    """Return DATA frames of the default maximum size; the last one does not end the stream."""
    return b"".join(
        frames.data(number, body[start : start + 16_384]) for start in range(0, len(body), 16_384)
    )


def silent(number: int) -> bytes:
    """Send no response."""
    return b""


class HangUp(Exception):  # noqa: N818 - what an answer does, no error
    """Raised by a response to close the connection after some last bytes."""

    def __init__(self, last: bytes = b"") -> None:
        super().__init__()
        self.last = last


@dataclass(eq=False)
class ByteEngine:
    """Accepts every connection and responds to every call with bytes.

    `first_bytes` are sent at once; if they are `None` the connection is closed. `answer` returns
    the response to a call, by its stream. `deaf` engines do not answer pings. `pieces` sends
    responses one byte at a time.
    """

    first_bytes: bytes | None = ONE_AT_A_TIME
    answer: Response = good
    deaf: bool = False
    pieces: bool = False
    port: int = 0
    connections: int = 0
    calls: int = 0
    resets: list[int] = field(default_factory=list)
    pings: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        self.connections += 1
        self.open.add(writer)
        await self._changed()
        try:
            if self.first_bytes is not None:
                writer.write(self.first_bytes)
                await self._read(reader, writer)
        except HangUp as end:
            writer.write(end.last)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open.discard(writer)
            with suppress(ConnectionError):
                writer.close()
                await writer.wait_closed()
            await self._changed()

    def repair(self, answer: Response = good) -> None:
        """Respond correctly from now on, also on open connections."""
        if self.first_bytes is not None and self.first_bytes.startswith(b"\0"):
            for writer in self.open:
                writer.write(frames.settings((3, 1), (4, 65_535)))
        self.first_bytes, self.answer = ONE_AT_A_TIME, answer

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition is true; every change in this engine checks it again."""
        async with asyncio.timeout(TIMEOUT), self.changed:
            await self.changed.wait_for(condition)

    async def _changed(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(frames.PREFACE))
        while True:
            header = await reader.readexactly(9)
            payload = await reader.readexactly(int.from_bytes(header[:3]))
            kind, flags, number = header[3], header[4], int.from_bytes(header[5:9])
            await self._take(writer, kind, flags, number, payload)

    async def _take(
        self, writer: asyncio.StreamWriter, kind: int, flags: int, number: int, payload: bytes
    ) -> None:
        if not (self.first_bytes or b"").startswith(b"\0"):
            # Whoever does not speak HTTP/2 does not answer in it.
            return
        if kind == frames.RST_STREAM:
            self.resets.append(number)
        elif kind == frames.PING and not flags & frames.ACK:
            self.pings += 1
            if not self.deaf:
                writer.write(frames.ping(payload, ack=True))
        elif kind == frames.SETTINGS and not flags & frames.ACK:
            writer.write(frames.raw(frames.SETTINGS, frames.ACK, 0))
        elif kind == frames.DATA and flags & frames.END_STREAM:
            self.calls += 1
            await self._send(writer, self.answer(number))
        await self._changed()

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if not self.pieces:
            writer.write(data)
            return
        for position in range(len(data)):
            writer.write(data[position : position + 1])
            await writer.drain()
            await asyncio.sleep(0)


@asynccontextmanager
async def serving(engine: ByteEngine) -> AsyncIterator[ByteEngine]:
    """Run an engine; at the end no connection to it may be left."""
    server = await asyncio.start_server(engine.serve, "127.0.0.1", 0)
    engine.port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield engine
            await engine.until(lambda: not engine.open)
        finally:
            # The server waits for its connections, and a test that fails may have left one.
            for writer in tuple(engine.open):
                writer.transport.abort()


def link_to(
    port: int,
    *,
    encoding: EngineEncoding = "json",
    limit: int = 100_000,
    options: ConnectionOptions | None = None,
    clock: Clock | None = None,
) -> EngineLink:
    """Make an agent's link to an engine on this machine."""
    settings = Settings(
        engine_addr=Address("127.0.0.1", port),
        engine_encoding=encoding,
        max_message_bytes=limit,
    )
    return EngineLink(settings, "my_agent", options=options or options_of(), clock=clock)


def options_of(
    *,
    connect_timeout: float = 5.0,
    interval: float = 30.0,
    timeout: float = 10.0,
    hurry: float = 1.0,
) -> ConnectionOptions:
    """The options of an agent, with other timeouts; reconnect delays are multiplied by `hurry`."""
    return ConnectionOptions(
        connect_timeout=connect_timeout,
        keepalive=Keepalive(interval=interval, timeout=timeout),
        backoff=ReconnectBackoff(lambda low, high: high * hurry),
        address_source="MIRASTACK_ENGINE_ADDR",
    )


async def write(link: EngineLink, *, timeout: float = 5.0, size: int = 1) -> bool:
    """Make a call that is not repeated if the engine may have acted on it."""
    request = wire.CacheSetRequest(key="a", value=b"x" * size)
    reply = await link.call(CACHE_SET, request, timeout)
    return reply.success


async def read(link: EngineLink, *, timeout: float = 5.0) -> bool:
    """Make a call that is safe to repeat."""
    request = wire.CacheGetRequest(key="a")
    reply = await link.call(CACHE_GET, request, timeout)
    return reply.found
