"""The sender of a stream's messages, which suspends tasks that are faster than the peer."""

import asyncio

from mirastack_sdk._wire.grpc.message_reader import message_frame
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.socket.protocol import WriteCoalescer

# After so many messages or bytes, others have a turn, and what was sent is written.
_MESSAGES_PER_TURN = 64
_BYTES_PER_TURN = 65_536


class MessageSender:
    """Sends messages on one stream of a connection.

    A message is queued even if the peer's window is closed; then the sender is suspended until all
    of it could be sent. So at most one message waits for each stream.
    """

    __slots__ = ("_http2", "_sent", "_stream_id", "_waiter", "_writer")

    def __init__(self, http2: Connection, writer: WriteCoalescer, stream_id: int) -> None:
        self._http2 = http2
        self._writer = writer
        self._stream_id = stream_id
        self._sent = 0
        self._waiter: asyncio.Future[None] | None = None

    async def send(self, message: bytes) -> None:
        """Send one message; returns when another one may be sent.

        Raises `ClosedError` if the stream is closed. If it is closed while the task is suspended,
        the owner of the task cancels it.
        """
        http2 = self._http2
        for piece in message_frame(message):
            http2.send_data(self._stream_id, piece)
        self._writer.schedule()
        self._sent += 1
        if (
            self._sent >= _MESSAGES_PER_TURN
            or http2.outgoing_bytes >= _BYTES_PER_TURN
            or http2.when_sent(self._stream_id, self._wake)
        ):
            self._sent = 0
            # The write that has been scheduled comes first.
            await asyncio.sleep(0)
            await self._until_sent()

    def make_room(self, size: int) -> None:
        """Let the peer send `size` more bytes, if the stream is still open."""
        self._http2.make_room(self._stream_id, size)
        self._writer.schedule()

    async def _until_sent(self) -> None:
        wake = self._wake
        try:
            while self._http2.when_sent(self._stream_id, wake) or self._writer.when_writable(wake):
                self._waiter = asyncio.get_running_loop().create_future()
                await self._waiter
        finally:
            self._waiter = None
            self._writer.forget(wake)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
