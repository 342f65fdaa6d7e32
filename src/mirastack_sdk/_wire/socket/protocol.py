"""The asyncio protocol that drives one HTTP/2 connection at either end."""

import asyncio
import socket
import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Mapping

from mirastack_sdk._wire.http2.connection import Connection

_MOST_AT_ONCE = 65_536
_READ_SIZE = 256 * 1024


class FairScheduler:
    """Lets one of those that wait go on in each turn of the loop, in the order they came."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def wait(self, go_on: Callable[[], None]) -> None:
        """Call `go_on` when its turn has come."""
        self._waiting.append(go_on)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        go_on = self._waiting[0]
        try:
            go_on()
        finally:
            self._waiting.popleft()
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._next)


class WriteCoalescer:
    """Connects an HTTP/2 connection's output to a transport.

    Whatever is queued during one turn of the loop goes out in one write; joined bytes, because
    asyncio's `writelines` does not pause the protocol on every Python that is supported.
    """

    __slots__ = ("_connection", "_loop", "_paused", "_scheduled", "_transport")

    def __init__(self, connection: Connection, transport: asyncio.Transport) -> None:
        self._connection = connection
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._paused = False
        self._scheduled = False

    def soon(self) -> None:
        """Write before the loop waits again."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.now)

    def hold(self) -> None:
        """Let what is queued from now on wait: `now` will be called in any case."""
        self._scheduled = True

    def now(self) -> None:
        """Write as much as the transport takes."""
        self._scheduled = False
        size = _MOST_AT_ONCE
        while size >= _MOST_AT_ONCE and not self._paused:
            data = self._connection.data_to_send(_MOST_AT_ONCE)
            size = len(data)
            if size:
                self._transport.write(data)

    def pause(self) -> None:
        """Stop: the transport's buffer is full."""
        self._paused = True

    def resume(self) -> None:
        """Go on: the transport's buffer has room again."""
        self._paused = False
        self.now()


type EventHandlers = Mapping[type, Callable[..., None]]


class _ReadBuffer(threading.local):
    def __init__(self) -> None:
        self.view = memoryview(bytearray(_READ_SIZE))


_READ_BUFFER = _ReadBuffer()


class SharedReads(asyncio.BufferedProtocol, asyncio.Protocol):
    """A protocol that hears what comes as `data_received`, and has no buffer of its own.

    asyncio reads for an ordinary protocol into 256 KiB of new memory each time, and gives most of
    it back at once: for small messages that may cost more than all the rest of a read. One buffer
    is enough, since what is in it is taken out before the loop goes on.
    """

    @abstractmethod
    def data_received(self, data: bytes) -> None:
        """Take what the peer has sent."""

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where to read to."""
        return _READ_BUFFER.view

    def buffer_updated(self, nbytes: int) -> None:
        """Take out what has been read."""
        self.data_received(bytes(_READ_BUFFER.view[:nbytes]))


class Http2Protocol(SharedReads):
    """Feeds an HTTP/2 connection with what comes, and writes what it has to send.

    Nothing is read while the connection has more to do than one turn of the loop allows, nor while
    `_holds_reading` says so. `heard_at` is when the peer has sent something last, by the loop's
    clock.
    """

    def __init__(self, http2: Connection, scheduler: FairScheduler) -> None:
        self._loop = asyncio.get_running_loop()
        self._http2 = http2
        self._heard_at = self._loop.time()
        self._event_handlers: EventHandlers = {}
        self._scheduler = scheduler
        self._waits_for_turn = False
        self._holds_reading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Introduce ourselves."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio gives a Protocol
        self._transport = transport
        sock = transport.get_extra_info("socket")
        if sock is not None:
            # asyncio sets it only on sockets that name their protocol.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._writer = WriteCoalescer(self._http2, transport)
        self._writer.now()

    def data_received(self, data: bytes) -> None:
        """Take what the peer has sent, and write what that leads to at once."""
        self._heard_at = self._loop.time()
        handlers = self._event_handlers
        self._writer.hold()
        try:
            for event in self._http2.receive(data, self._heard_at):
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        finally:
            self._writer.now()
        if self._http2.has_unread_frames:
            self._wait_for_turn()

    def pause_writing(self) -> None:
        """Stop writing: the peer does not read."""
        self._writer.pause()

    def resume_writing(self) -> None:
        """Go on writing."""
        self._writer.resume()

    def _hold_reading(self, *, hold: bool) -> None:
        """Stop to read, or go on as soon as nothing else is in the way."""
        self._holds_reading = hold
        if hold:
            self._transport.pause_reading()
        elif self._http2.has_unread_frames:
            self._wait_for_turn()
        else:
            self._transport.resume_reading()

    def _wait_for_turn(self) -> None:
        if not self._waits_for_turn:
            self._waits_for_turn = True
            self._transport.pause_reading()
            self._scheduler.wait(self._take_turn)

    def _take_turn(self) -> None:
        self._waits_for_turn = False
        if self._holds_reading or self._transport.is_closing():
            return
        self.data_received(b"")
        if not self._http2.has_unread_frames and not self._holds_reading:
            self._transport.resume_reading()
