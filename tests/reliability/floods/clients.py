"""The attackers, and their neighbour, which is a normal client."""

import asyncio
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk.testing import Encoding
from tests.reliability.floods.attacks import Flood
from tests.wire.http2.conformance.frames import RST_STREAM, read_whole
from tests.wire.notes import ECHO_METHOD, Note, note_codecs

# How long a flood lasts, and how much longer where the server has not stopped it yet.
SECONDS = 0.25
_MORE_SECONDS = 10.0
_CHUNK = 65_536


class Attacker:
    """Sends a flood from a thread, and reconnects whenever the server closes the connection."""

    def __init__(self, port: int, flood: Flood) -> None:
        self.connections = 0
        self.thread = threading.Thread(target=self._run)
        self._port = port
        self._flood = flood
        self._end = time.monotonic() + SECONDS

    @property
    def _is_over(self) -> bool:
        waits = self._flood.stopped and self.connections < 2
        return time.monotonic() > self._end + (_MORE_SECONDS if waits else 0.0)

    def _run(self) -> None:
        while not self._is_over:
            with (
                socket.create_connection(("127.0.0.1", self._port)) as connection,
                suppress(ConnectionError),
            ):
                self.connections += 1
                connection.setblocking(False)
                self._send(connection, self._flood.opening)
                while not self._is_over:
                    self._send(connection, self._flood.endless)

    def _send(self, connection: socket.socket, content: bytes) -> None:
        """Send everything, or fail when the server has closed the connection; nothing: read."""
        rest = memoryview(content)
        while not self._is_over:
            reads = [connection] if self._flood.reads else []
            readable, writable, _ = select.select(reads, [connection] if rest else [], [], 0.05)
            if readable and not connection.recv(2**20):
                raise ConnectionResetError
            if writable:
                rest = rest[connection.send(rest[:_CHUNK]) :]
            if not rest:
                return


@contextmanager
def attack(port: int, flood: Flood) -> Iterator[list[Attacker]]:
    """Run the flood's attackers, and wait until they have ended."""
    attackers = [Attacker(port, flood) for _ in range(flood.attackers)]
    for one in attackers:
        one.thread.start()
    try:
        yield attackers
    finally:
        for one in attackers:
            one.thread.join()


class Neighbour:
    """A normal client with its own connection, which makes one call after the other.

    `lack_of_cores` tells how long the two processes have waited for a core, which is not the
    server's fault.
    """

    def __init__(self, port: int, lack_of_cores: Callable[[], float]) -> None:
        self.longest = 0.0
        self.calls = 0
        self._lack_of_cores = lack_of_cores
        self._channel = Channel("127.0.0.1", port, note_codecs(), encoding=Encoding.PROTOBUF)

    async def call(self) -> None:
        """Make one call; `longest` is the longest duration so far, in seconds."""
        began = time.monotonic() - self._lack_of_cores()
        assert await self._channel.call(ECHO_METHOD, Note("hello"), timeout=30) == Note("hello")
        self.calls += 1
        self.longest = max(self.longest, time.monotonic() - self._lack_of_cores() - began)

    async def call_on(self) -> None:
        """Call until it is cancelled."""
        while True:
            await self.call()

    def close(self) -> None:
        """End the connection."""
        self._channel.close()


class SlowClient:
    """A connection that sends something, and then a little more repeatedly."""

    def __init__(self, port: int, *, reads: bool) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setblocking(False)
        self._reads = reads
        self._heard = bytearray()

    @property
    def lost_streams(self) -> int:
        """How many streams the server has reset."""
        heard, _ = read_whole(bytes(self._heard))
        return sum(frame.kind == RST_STREAM for frame in heard)

    async def say(self, content: bytes) -> None:
        """Send; errors because the server has closed the connection are ignored."""
        with suppress(ConnectionError):
            await asyncio.get_running_loop().sock_sendall(self._socket, content)

    async def is_disconnected(self, within: float) -> bool:
        """Read, if this client reads at all, for so many seconds; return whether it was closed."""
        return await asyncio.to_thread(self._read_on if self._reads else self._is_reset, within)

    def _read_on(self, within: float) -> bool:
        end = time.monotonic() + within
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        while poll.poll(max(0.0, end - time.monotonic()) * 1000):
            try:
                heard = self._socket.recv(2**20)
            except ConnectionError:
                return True
            if not heard:
                return True
            self._heard += heard
        return False

    def _is_reset(self, within: float) -> bool:
        """Whether the server has dropped the connection; reads nothing."""
        poll = select.poll()
        poll.register(self._socket, 0)
        return bool(poll.poll(within * 1000))

    def close(self) -> None:
        """End the connection."""
        self._socket.close()
