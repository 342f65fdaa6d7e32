"""Writes what a connection has to send: once a loop turn, joined, and never past a full buffer."""

import asyncio

from mirastack_sdk._wire.http2.connection import Connection

_MOST_AT_ONCE = 65_536


class Flusher:
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
