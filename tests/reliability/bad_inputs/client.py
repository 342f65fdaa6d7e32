"""A client that sends any bytes and reports what came back."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from h2.errors import ErrorCodes as ErrorCode
from hpack import Decoder

from tests.wire.http2.conformance.frames import (
    DATA,
    END_STREAM,
    GOAWAY,
    HEADERS,
    RST_STREAM,
    Frame,
    read_whole,
)

SECONDS = 10


@dataclass(slots=True)
class Reply:
    """What came back on a stream, up to its end."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    ended: bool = False
    reset: int | None = None

    @property
    def message(self) -> str:
        """The sentence of gRPC's status."""
        return unquote(self.headers.get("grpc-message", ""))


class Client:
    """One connection; `async with await Client.connect(port)`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.replies: dict[int, Reply] = {}
        self.goaway: tuple[ErrorCode, str] | None = None
        self.closed = False
        self._reader, self._writer = reader, writer
        self._decoder = Decoder()
        self._rest = b""

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Connect to a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def send(self, content: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(content)

    def end(self) -> None:
        """Close the sending direction, and go on reading."""
        self._writer.write_eof()

    def leave(self) -> None:
        """Close the connection."""
        self._writer.close()

    def vanish(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()

    async def reply(self, stream_id: int) -> Reply:
        """Wait for the end of a stream; raises `ConnectionError` if the connection ends first."""
        async with asyncio.timeout(SECONDS):
            while True:
                reply = self.replies.get(stream_id, Reply())
                if reply.ended:
                    return reply
                if self.closed:
                    raise ConnectionError(f"the agent closed the connection: {self.goaway}")
                await self._read()

    async def has_replies(self, stream_ids: Iterable[int], within: float) -> bool:
        """Read for this many seconds at most; return whether all these streams have ended."""
        try:
            async with asyncio.timeout(within):
                for stream_id in stream_ids:
                    await self.reply(stream_id)
        except TimeoutError:
            return False
        return True

    async def until_closed(self) -> None:
        """Wait for the end of the connection."""
        async with asyncio.timeout(SECONDS):
            while not self.closed:
                await self._read()

    async def _read(self) -> None:
        try:
            content = await self._reader.read(65_536)
        except ConnectionError:
            content = b""
        self.closed = not content
        frames, self._rest = read_whole(self._rest + content)
        for frame in frames:
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        frame_type, flags, stream_id, payload = frame
        if frame_type == GOAWAY:
            self.goaway = (ErrorCode(int.from_bytes(payload[4:8])), payload[8:].decode())
        if not stream_id:
            return
        reply = self.replies.setdefault(stream_id, Reply())
        if frame_type == HEADERS:
            reply.headers |= {
                str(name): str(value) for name, value in self._decoder.decode(payload)
            }
            reply.ended |= bool(flags & END_STREAM)
        elif frame_type == DATA:
            reply.data += payload
        elif frame_type == RST_STREAM and not reply.ended:
            reply.ended, reply.reset = True, int.from_bytes(payload)
