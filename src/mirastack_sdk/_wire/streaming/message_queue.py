"""The messages that arrive on one stream, held back until somebody takes them."""

import asyncio
from collections.abc import Callable

from mirastack_sdk._wire.grpc.message_reader import PREFIX_SIZE, size_in_prefix
from mirastack_sdk.errors import DecodeError

_UNKNOWN = -1


class MessageQueue:
    """Takes in the bytes of a stream, and returns its messages one by one.

    At most `window` bytes wait here, or one message that is larger: the peer may send as much as
    has been taken, which `make_room(size)` tells it: it may send `size` more bytes. A message of
    more than `limit` bytes is refused when its turn has come, before it is buffered.
    """

    __slots__ = (
        "_buffer",
        "_chunks",
        "_error",
        "_has_ended",
        "_limit",
        "_make_room",
        "_position",
        "_size",
        "_taken",
        "_waiter",
        "_window",
        "messages",
        "received",
    )

    # The bytes that a unary call's reader has to ask for; here they are asked for by `next`.
    missing = 0

    def __init__(self, limit: int, window: int, make_room: Callable[[int], None]) -> None:
        self.messages = 0
        # The bytes that have arrived and were not taken: in the buffer behind a position, and in
        # chunks that are joined when they are needed.
        self.received = 0
        self._buffer = b""
        self._position = 0
        self._chunks: list[bytes] = []
        # The size of the next message, when its prefix has been read.
        self._size = _UNKNOWN
        self._limit = limit
        self._window = window
        self._make_room = make_room
        # The bytes that were taken since the peer was last told to send more.
        self._taken = 0
        self._has_ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_starved(self) -> bool:
        """Whether somebody waits for the rest of a message."""
        return self._waiter is not None and (self.received > 0 or self._size != _UNKNOWN)

    def feed(self, data: bytes) -> None:
        """Add the next bytes."""
        if data:
            self._chunks.append(data)
            self.received += len(data)
            self._wake()

    def end(self, error: Exception | None = None) -> None:
        """Note that nothing follows; `error` is raised when all messages have been taken."""
        if not self._has_ended:
            self._has_ended, self._error = True, error
            self._wake()

    def fail(self, error: Exception) -> None:
        """Raise `error` instead of returning the messages that are left."""
        self._drop()
        self._has_ended, self._error = True, error
        self._wake()

    async def next(self) -> bytes | None:
        """Return the next message, or `None` at the end.

        Raises `MessageTooLargeError` above the limit, `CallRefused` for a compressed message,
        `DecodeError` for a partial one at the end, the error that the stream ended with, and
        `RuntimeError` if another task waits for a message.
        """
        while (message := self.take()) is None:
            if self._has_ended:
                self._check_end()
                return None
            if self._waiter is not None:
                raise RuntimeError("another task waits for the next message of this stream")
            self._ask_for_rest()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return message

    def take(self) -> bytes | None:
        """Return the next message if it has arrived; raises what `next` raises for a message."""
        size = self._size
        if size == _UNKNOWN:
            if self.received < PREFIX_SIZE:
                return None
            size = self._size = size_in_prefix(self._cut(PREFIX_SIZE), self._limit)
        if self.received < size:
            return None
        message = self._cut(size)
        self._size = _UNKNOWN
        self.messages += 1
        if self._taken >= self._window // 2 and not self._has_ended:
            self._open(self._window - self.received)
        return message

    def _cut(self, size: int) -> bytes:
        """Remove bytes that have arrived."""
        start = self._position
        if len(self._buffer) - start < size:
            self._buffer = b"".join((self._buffer[start:], *self._chunks))
            self._chunks.clear()
            start = 0
        self._position = start + size
        self.received -= size
        self._taken += size
        return self._buffer[start : start + size]

    def _ask_for_rest(self) -> None:
        """Let the peer send the rest of a message that is larger than what it may still send."""
        size = PREFIX_SIZE if self._size == _UNKNOWN else self._size
        missing = size - self.received
        if missing > self._window - self.received - self._taken:
            self._open(max(missing, self._window - self.received))

    def _open(self, size: int) -> None:
        self._taken = 0
        self._make_room(size)

    def _check_end(self) -> None:
        if self._error is not None:
            raise self._error
        if self.received or self._size != _UNKNOWN:
            missing = self._size - self.received
            what = f"{missing} bytes are" if self._size != _UNKNOWN else "part of its length is"
            raise DecodeError(f"the message ends early: {what} missing")

    def _drop(self) -> None:
        self._chunks.clear()
        self._buffer, self._position, self.received = b"", 0, 0
        self._size = _UNKNOWN

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
