"""A connection within one process and one event loop: two transports without a socket."""

import asyncio
from collections import deque

# What a socket's buffers would take before the writer has to wait, and when it may go on.
_HIGH_WATER = 256 * 1024
_LOW_WATER = 64 * 1024


class MemoryTransport(asyncio.Transport):
    """One end of a connection; what is written arrives at the other end in later iterations.

    As with a socket, a writer is paused while the other end does not read, `close` delivers what
    was written before, and `abort` does not.
    """

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._peer = self
        # What the other end has written and this one has not read, and whether it has closed.
        self._arrived: deque[bytes] = deque()
        self._arrived_bytes = 0
        self._has_ended = False
        self._is_reading = True
        self._is_scheduled = False
        self._is_closing = False
        self._is_lost = False
        self._writer_is_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send `data` to the other end."""
        if data and not self._is_closing:
            self._peer._arrive(bytes(data))  # noqa: SLF001 - the other end of one connection

    def get_write_buffer_size(self) -> int:
        """Return how many bytes the other end has not taken, beyond what a socket would buffer."""
        return max(0, self._peer._arrived_bytes - _HIGH_WATER)  # noqa: SLF001 - see above

    def is_closing(self) -> bool:
        """Whether this end is closed or being closed."""
        return self._is_closing

    def pause_reading(self) -> None:
        """Deliver nothing to this end until `resume_reading`."""
        self._is_reading = False

    def resume_reading(self) -> None:
        """Deliver again."""
        if not self._is_reading:
            self._is_reading = True
            self._schedule()

    def close(self) -> None:
        """Close this end; the other one first reads what was written before."""
        if self._is_closing:
            return
        self._is_closing = True
        self._loop.call_soon(self._lose, None)
        self._peer._end()  # noqa: SLF001 - see above

    def abort(self) -> None:
        """Close both ends at once."""
        if self._is_lost:
            return
        self._is_closing = True
        self._loop.call_soon(self._lose, None)
        self._peer._reset()  # noqa: SLF001 - see above

    def _arrive(self, data: bytes) -> None:
        if self._is_closing:
            return
        self._arrived.append(data)
        self._arrived_bytes += len(data)
        if self._arrived_bytes > _HIGH_WATER:
            self._peer._pause_writer()  # noqa: SLF001 - see above
        self._schedule()

    def _end(self) -> None:
        self._has_ended = True
        self._schedule()

    def _reset(self) -> None:
        self._drop()
        self._is_closing = True
        self._loop.call_soon(self._lose, ConnectionResetError("the other end has aborted"))

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        """Deliver what was written at once, and the end after it."""
        self._is_scheduled = False
        if not self._is_reading or self._is_closing:
            return
        if self._arrived:
            data = self._arrived.popleft()
            self._arrived_bytes -= len(data)
            if self._arrived_bytes <= _LOW_WATER:
                self._peer._resume_writer()  # noqa: SLF001 - see above
            self._protocol.data_received(data)
            if self._arrived or self._has_ended:
                self._schedule()
        elif self._has_ended and not self._protocol.eof_received():
            self.close()

    def _pause_writer(self) -> None:
        if not self._writer_is_paused:
            self._writer_is_paused = True
            self._protocol.pause_writing()

    def _resume_writer(self) -> None:
        if self._writer_is_paused and not self._is_closing:
            self._writer_is_paused = False
            self._protocol.resume_writing()

    def _drop(self) -> None:
        self._arrived.clear()
        self._arrived_bytes = 0

    def _lose(self, error: Exception | None) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._drop()
            self._protocol.connection_lost(error)


def connect_in_memory(client: asyncio.Protocol, server: asyncio.Protocol) -> MemoryTransport:
    """Connect two protocols of the running loop, and return the client's transport."""
    near, far = MemoryTransport(client), MemoryTransport(server)
    near._peer, far._peer = far, near  # noqa: SLF001 - each has to know the other
    server.connection_made(far)
    client.connection_made(near)
    return near
