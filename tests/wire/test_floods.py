"""Floods over sockets: a server keeps its memory, answers its other clients, and keeps nothing."""

import select
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from grpclib.client import UnaryUnaryMethod

from mirastack_sdk._wire.channel import Channel
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk._wire.http2.codes import (
    LARGEST_WINDOW,
    PREFACE,
    ErrorCode,
    Flag,
    FrameType,
    Setting,
)
from mirastack_sdk._wire.http2.frames import (
    frame,
    rst_stream_frame,
    settings_frame,
    window_update_frame,
)
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.flooded_server import FloodedServer, flooded_server
from tests.wire.http2.conformance.blocks import block, literal
from tests.wire.notes import ECHO, Note, note_codecs
from tests.wire.raw_peer import PATH_HEADERS
from tests.wire.raw_peer import frame as message

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux tells a process's peak of memory"
)

# How long each flood lasts, how often it may be tried on a machine that is busy with others, what
# memory it may cost, and how long a neighbour may wait.
SECONDS = 1.0
ATTEMPTS = 3
MOST_MEMORY = 40_000_000
LONGEST_WAIT = 0.3

CHUNK = 65_536
IDLE = 400
BLOCK = block(*(PATH_HEADERS | {":path": ECHO}).items())
# What a client says first: its windows are closed, as open as they can be, or as they are.
CLOSED = PREFACE + settings_frame([(Setting.INITIAL_WINDOW_SIZE, 0)])
OPEN = (
    PREFACE
    + settings_frame([(Setting.INITIAL_WINDOW_SIZE, LARGEST_WINDOW)])
    + window_update_frame(0, LARGEST_WINDOW - 65_535)
)
PLAIN = PREFACE + settings_frame([])

STREAMS = range(1, 2 * Limits().max_concurrent_streams, 2)
# Many more than any budget allows, in frames and in streams.
MANY = 50_000
ENDLESS = range(1, 2 * MANY, 2)


@dataclass(frozen=True, slots=True)
class Flood:
    """What an attacker sends on each connection, and then again and again until that is closed.

    `stopped` says that the server has to close it.
    """

    opening: bytes
    endless: bytes = b""
    reads: bool = True
    stopped: bool = True


def headers(stream_id: int, fields: bytes = BLOCK, flags: int = Flag.END_HEADERS) -> bytes:
    """Return a request's headers."""
    return frame(FrameType.HEADERS, flags, stream_id, fields)


def data(stream_id: int, content: bytes, flags: int = 0) -> bytes:
    """Return some of a request's body."""
    return frame(FrameType.DATA, flags, stream_id, content)


def calls(text: str, streams: Iterable[int] = STREAMS) -> bytes:
    """Return whole calls."""
    body = message(text.encode())
    return b"".join(headers(number) + data(number, body, Flag.END_STREAM) for number in streams)


def flips() -> bytes:
    """Return a frame that closes and opens all windows as often as a frame may."""
    return settings_frame([(Setting.INITIAL_WINDOW_SIZE, turn % 2) for turn in range(32)])


def header_bomb() -> bytes:
    """Return an entry of the dynamic table of 4 KB, and blocks that name it a thousand times."""
    entry = b"\x40\x01a" + b"\x7f\xa1\x1e" + b"x" * 4000
    bombs = (headers(number, BLOCK + b"\xbe" * 1000) for number in range(3, 1000, 2))
    return headers(1, BLOCK + entry) + b"".join(bombs)


def many_fields() -> bytes:
    """Return blocks of as many fields as a list may have, one byte each, no two the same."""
    return b"".join(
        headers(number, BLOCK + b"\x95" * 1500 + literal("n", str(number))) for number in STREAMS
    )


def resets() -> bytes:
    """Return calls that are taken back at once."""
    body = message(b"wait")
    return b"".join(
        headers(number)
        + data(number, body, Flag.END_STREAM)
        + rst_stream_frame(number, ErrorCode.CANCEL)
        for number in range(1, 10_000, 2)
    )


def parts(size: int) -> bytes:
    """Return the next part of each of many bodies."""
    return b"".join(data(number, b"x" * size) for number in STREAMS)


FLOODS = {
    # Calls that are taken back at once (CVE-2023-44487).
    "rapid reset": Flood(PLAIN + resets()),
    # A header block without an end (CVE-2024-27316).
    "continuation": Flood(
        PLAIN + headers(1, flags=0), frame(FrameType.CONTINUATION, 0, 1, literal("a", "b")) * MANY
    ),
    # SETTINGS, each of which asks for an acknowledgement (CVE-2019-9515).
    "settings": Flood(PLAIN, settings_frame([(Setting.MAX_HEADER_LIST_SIZE, 99)]) * MANY),
    # PING, each of which asks for an answer (CVE-2019-9512).
    "pings": Flood(PLAIN, frame(FrameType.PING, 0, 0, b"flooding") * MANY),
    "pings, unread": Flood(PLAIN, frame(FrameType.PING, 0, 0, b"flooding") * MANY, reads=False),
    # DATA without data (CVE-2019-9518).
    "empty data": Flood(PLAIN + headers(1), data(1, b"") * MANY),
    # Room for one more byte, for a thousand answers in turn.
    "window updates": Flood(
        CLOSED + calls("1000"), b"".join(window_update_frame(number, 1) for number in STREAMS) * 20
    ),
    # Settings that open and close the windows of a thousand answers.
    "window flips": Flood(CLOSED + calls("10000"), flips() * 1000),
    "header bomb": Flood(PLAIN + header_bomb()),
    "many fields": Flood(PLAIN + many_fields()),
    # Answers for which there is never any room (CVE-2019-9517).
    "zero window": Flood(CLOSED + calls("20000"), stopped=False),
    # Answers that have all the room of HTTP/2, at a socket that is never read.
    "unread answers": Flood(OPEN + calls("10000", ENDLESS), reads=False, stopped=False),
    # Bodies that come bit by bit, and never to their end.
    "slow bodies": Flood(
        PLAIN
        + b"".join(
            headers(number) + data(number, message(b"x" * 100_000)[:8_000]) for number in STREAMS
        ),
        parts(1),
        stopped=False,
    ),
}


class Attacker:
    """Sends a flood from a thread, on a new connection whenever the server has closed one."""

    def __init__(self, port: int, flood: Flood) -> None:
        self.connections = 0
        self._port = port
        self._flood = flood
        self._end = time.monotonic() + SECONDS

    def run(self) -> None:
        """Attack until the time is over."""
        while time.monotonic() < self._end:
            with (
                socket.create_connection(("127.0.0.1", self._port)) as connection,
                suppress(ConnectionError),
            ):
                self.connections += 1
                connection.setblocking(False)
                self._send(connection, self._flood.opening)
                while time.monotonic() < self._end:
                    self._send(connection, self._flood.endless)

    def _send(self, connection: socket.socket, content: bytes) -> None:
        """Send everything, or fail when the server has closed the connection; nothing: read."""
        rest = memoryview(content)
        while time.monotonic() < self._end:
            reads = [connection] if self._flood.reads else []
            readable, writable, _ = select.select(reads, [connection] if rest else [], [], 0.05)
            if readable and not connection.recv(2**20):
                raise ConnectionResetError
            if writable:
                rest = rest[connection.send(rest[:CHUNK]) :]
            if not rest:
                return


class Neighbour:
    """Another client, with a connection of its own, that calls as fast as it is answered."""

    def __init__(self, port: int) -> None:
        self._channel = Channel("127.0.0.1", port, note_codecs(), encoding=Encoding.PROTOBUF)
        self._echo = UnaryUnaryMethod[Note, Note](self._channel, ECHO, Note, Note)

    async def call(self) -> float:
        """Make one call and return how long it took."""
        began = time.monotonic()
        assert await self._echo(Note("hello"), timeout=30) == Note("hello")
        return time.monotonic() - began

    async def longest_wait(self, during: threading.Thread) -> float:
        """Call while a thread runs, and return how long the slowest call took."""
        longest = 0.0
        during.start()
        while during.is_alive():
            longest = max(longest, await self.call())
        during.join()
        return longest

    def close(self) -> None:
        """End the connection."""
        self._channel.close()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FloodedServer]:
    """Start a server in a process of its own."""
    async with flooded_server() as started:
        yield started


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
async def test_a_server_withstands(server: FloodedServer, flood: Flood) -> None:
    """Memory stays, neighbours are answered, and when the flood is over nothing is left of it."""
    neighbour = Neighbour(server.port)
    await neighbour.call()
    before = await server.leftovers()
    server.forget_peak()
    memory = server.peak
    waits: list[float] = []
    while len(waits) < ATTEMPTS and min(waits, default=1.0) > LONGEST_WAIT:
        attacker = Attacker(server.port, flood)
        waits.append(await neighbour.longest_wait(threading.Thread(target=attacker.run)))
        assert not flood.stopped or attacker.connections > 1
    assert server.peak - memory < MOST_MEMORY
    assert await server.settled(before) == before
    assert min(waits) < LONGEST_WAIT
    neighbour.close()


async def test_idle_connections_cost_little(server: FloodedServer) -> None:
    """Hundreds of clients that say nothing after their first words leave room for others."""
    neighbour = Neighbour(server.port)
    await neighbour.call()
    before = await server.leftovers()
    server.forget_peak()
    memory = server.peak
    idle = []
    longest = 0.0
    for _ in range(IDLE):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(PLAIN)
        idle.append(connection)
        longest = max(longest, await neighbour.call())
    assert (await server.leftovers()).connections == IDLE + 1
    assert server.peak - memory < MOST_MEMORY
    assert longest < LONGEST_WAIT
    for connection in idle:
        connection.close()
    assert await server.settled(before) == before
    neighbour.close()
