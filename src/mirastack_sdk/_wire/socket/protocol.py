"""The asyncio protocol that connects one HTTP/2 connection, of either role, to its socket."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sized

from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.socket.shared_reads import SharedReads

_WRITE_SIZE = 65_536
# How long what one connection has to send may wait for what others have.
_LONGEST_WAIT = 0.002

type EventHandlers = Mapping[type, Callable[..., None]]


def stream_transport(transport: asyncio.BaseTransport) -> asyncio.Transport:
    """Return the transport of a stream, which is what every loop connects a `Protocol` with.

    Those of uvloop do not inherit from asyncio's classes, so that there is nothing to check.
    """
    return transport  # type: ignore[return-value] # asyncio's documentation promises it


class FairScheduler:
    """Runs one waiting callback in each iteration of the loop, in the order they were added.

    Connections that send more than one iteration may process take turns, so that none of them holds
    up the others or the agent.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def add(self, callback: Callable[[], None]) -> None:
        """Call `callback` once, when its turn has come."""
        self._waiting.append(callback)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._run_next)

    def _run_next(self) -> None:
        callback = self._waiting[0]
        try:
            callback()
        finally:
            self._waiting.popleft()
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._run_next)


class WriteCoalescer:
    """Writes an HTTP/2 connection's output to a transport, with few writes.

    Everything that is queued in one iteration of the loop is one write. The bytes are joined,
    because asyncio's `writelines` does not pause the protocol in every supported Python.
    `is_scheduled` says that `flush` will be called; a caller that will do so sets it.
    """

    __slots__ = ("_connection", "_loop", "_paused", "_transport", "_waiting", "is_scheduled")

    def __init__(self, connection: Connection, transport: asyncio.Transport) -> None:
        self._connection = connection
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._paused = False
        self.is_scheduled = False
        self._waiting: set[Callable[[], None]] = set()

    @property
    def can_write(self) -> bool:
        """Whether there is something that the transport takes now."""
        return not self._paused and self._connection.outgoing_bytes > 0

    def schedule(self) -> None:
        """Write before the loop waits again."""
        if not self.is_scheduled:
            self.is_scheduled = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write as much as the transport takes."""
        self.is_scheduled = False
        size = _WRITE_SIZE
        while size >= _WRITE_SIZE and not self._paused:
            data = self._connection.data_to_send(_WRITE_SIZE)
            size = len(data)
            if size:
                self._transport.write(data)

    def pause(self) -> None:
        """Stop writing: the transport's buffer is full."""
        self._paused = True

    def resume(self) -> None:
        """Write again: the transport's buffer has room."""
        self._paused = False
        self.flush()
        waiting, self._waiting = self._waiting, set()
        for callback in waiting:
            callback()

    def when_writable(self, callback: Callable[[], None]) -> bool:
        """Call `callback` once when writing goes on; return whether it is paused now."""
        if self._paused:
            self._waiting.add(callback)
        return self._paused

    def forget(self, callback: Callable[[], None]) -> None:
        """Do not call what `when_writable` was given."""
        self._waiting.discard(callback)


class WriteBatch:
    """Writes what several connections have to send, which were read in one iteration of the loop.

    A write wakes the peer up, often on the CPU that makes the write, and what runs after it finds
    that CPU's caches full of other code. Many connections with one call each take a quarter less
    processor time if all requests are processed first, and all responses written then.
    """

    def __init__(self) -> None:
        self._writers: deque[WriteCoalescer] = deque()
        self._since = 0.0

    def add(self, writer: WriteCoalescer, now: float) -> None:
        """Write what a connection has to send after others have been read, and soon."""
        if not self._writers:
            self._since = now
            asyncio.get_running_loop().call_soon(self._flush)
        self._writers.append(writer)
        if now - self._since > _LONGEST_WAIT:
            self._flush()

    def _flush(self) -> None:
        writers = self._writers
        try:
            while writers:
                writers.popleft().flush()
        finally:
            if writers:
                asyncio.get_running_loop().call_soon(self._flush)


def waiting_callbacks(loop: asyncio.AbstractEventLoop) -> Sized:
    """Return what a loop will call in this iteration, if it tells: uvloop does not.

    A connection can then see whether others have been read and wait to be processed. To find that
    out without asyncio's private attribute would take another iteration for each call.
    """
    waiting: Sized = getattr(loop, "_ready", ())
    return waiting


class Http2Protocol(SharedReads):
    """Passes received bytes to an HTTP/2 connection, and writes what it has to send.

    Reading is paused while the connection has frames left to process, and while `_holds_reading`.
    `_heard_at` is when the peer last sent something, by the loop's clock. Connections with the same
    `batch` write together.
    """

    def __init__(
        self, http2: Connection, scheduler: FairScheduler, batch: WriteBatch | None = None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._http2 = http2
        self._heard_at = self._loop.time()
        self._event_handlers: EventHandlers = {}
        self._scheduler = scheduler
        self._batch = batch or WriteBatch()
        self._others: Sized = () if batch is None else waiting_callbacks(self._loop)
        self._waits_for_turn = False
        self._holds_reading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the connection preface (RFC 9113 §3.4)."""
        self._transport = transport = stream_transport(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            # asyncio sets it only on sockets that were made with an explicit protocol number.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._writer = WriteCoalescer(self._http2, transport)
        self._writer.flush()

    def data_received(self, data: bytes) -> None:
        """Process bytes from the peer, and write everything they lead to."""
        self._heard_at = now = self._loop.time()
        handlers, writer = self._event_handlers, self._writer
        writer.is_scheduled = True
        try:
            for event in self._http2.receive(data, now):
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        finally:
            if self._others and self._http2.unsent_bytes < _WRITE_SIZE:
                self._batch.add(writer, now)
            else:
                writer.flush()
        if self._http2.has_unread_frames:
            self._wait_for_turn()

    def pause_writing(self) -> None:
        """Stop writing: the peer does not read."""
        self._writer.pause()

    def resume_writing(self) -> None:
        """Write again."""
        self._writer.resume()

    def _hold_reading(self, *, hold: bool) -> None:
        """Pause reading, or resume it unless frames are left to process."""
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
            self._scheduler.add(self._take_turn)

    def _take_turn(self) -> None:
        self._waits_for_turn = False
        if self._holds_reading or self._transport.is_closing():
            return
        self.data_received(b"")
        if not self._http2.has_unread_frames and not self._holds_reading:
            self._transport.resume_reading()
