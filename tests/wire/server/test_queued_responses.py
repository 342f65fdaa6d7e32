"""A client that does not read gets few responses made, however large its windows are."""

import asyncio
import socket
from dataclasses import dataclass

import pytest
from hpack import Encoder

from mirastack_sdk._wire.http2.codes import (
    LARGEST_MAX_FRAME_SIZE,
    LARGEST_WINDOW,
    PREFACE,
    Flag,
    FrameType,
    Setting,
)
from mirastack_sdk._wire.http2.frames import frame as http2_frame
from mirastack_sdk._wire.http2.frames import header_frames, settings_frame, window_update_frame
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.notes import ECHO, Note
from tests.wire.raw_peer import frame
from tests.wire.server.test_grpc_server import serving
from tests.wire.server.test_server_connection import headers_to

LIMITS = Limits(max_queued_bytes=1_000_000)
SIZE, CALLS = 200_000, 200
# What is queued, and what the sockets of the system take.
MOST_BYTES = 12_000_000
WHOLE = frame(b"x")
JSON = b'{"text":"x"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """What a client allows, and when."""

    frame_size: int = LARGEST_MAX_FRAME_SIZE
    stream: int = LARGEST_WINDOW
    connection: int = 2**30
    is_late: bool = False
    each: int = 0
    body: bytes = WHOLE
    content_type: str = "application/grpc"

    def opening(self) -> bytes:
        """The settings and the update of the connection's window."""
        settings = [
            (Setting.INITIAL_WINDOW_SIZE, self.stream),
            (Setting.MAX_FRAME_SIZE, self.frame_size),
        ]
        return settings_frame(settings) + window_update_frame(0, self.connection)

    def calls(self) -> bytes:
        """All calls at once, perhaps each with an update of its own window."""
        fields = dict(headers_to(ECHO)) | {"content-type": self.content_type}
        block = Encoder().encode(list(fields.items()))
        sent = b""
        for number in range(1, 2 * CALLS, 2):
            sent += header_frames(number, block, 16_384, end_stream=False)
            sent += window_update_frame(number, self.each) if self.each else b""
            sent += http2_frame(FrameType.DATA, Flag.END_STREAM, number, self.body)
        return sent

    def everything(self) -> bytes:
        """What the client sends, in order."""
        calls, opening = self.calls(), self.opening()
        first = settings_frame([]) + calls + opening if self.is_late else opening + calls
        return PREFACE + first


WINDOWS = {
    "usual frames": Windows(frame_size=2**14),
    "frames of 1 MB": Windows(frame_size=2**20),
    "largest frames": Windows(),
    "opened late": Windows(is_late=True),
    "opened late with usual frames": Windows(is_late=True, frame_size=2**14),
    "streams that fit one response": Windows(stream=SIZE + 100),
    "streams that fit half of one": Windows(stream=SIZE // 2),
    "each stream alone": Windows(stream=2**16, each=2**20),
    "a connection that fits half": Windows(connection=SIZE * CALLS // 2),
    "usual connection": Windows(connection=1),
    "usual streams": Windows(stream=2**16 - 1),
    "json": Windows(body=frame(JSON), content_type="application/grpc+json"),
}


@pytest.mark.parametrize("windows", WINDOWS.values(), ids=WINDOWS)
async def test_few_responses_are_made_ahead(windows: Windows) -> None:
    """The bytes that wait are counted, also those that every window would let through."""
    made = 0

    async def large(_: Note) -> Note:
        nonlocal made
        made += 1
        return Note("x" * SIZE)

    async with asyncio.timeout(20), serving(large, limit=2**20, limits=LIMITS) as server:
        with socket.socket() as client:
            await _call_without_reading(client, server.port, windows)
            before = -1
            while before != made or not made:
                before = made
                await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.05)
        assert made * SIZE < MOST_BYTES


async def _call_without_reading(client: socket.socket, port: int, windows: Windows) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", port))
    await loop.sock_sendall(client, windows.everything())
