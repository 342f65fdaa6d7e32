"""gRPC's length-prefixed message, put together from pieces and held to a size."""

from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk._wire.http2.events import Body
from mirastack_sdk.errors import DecodeError, MessageTooLargeError

PREFIX_SIZE = 5
# With its prefix it fills the largest frame that every peer takes.
_COPIED = 16_384 - PREFIX_SIZE


class MessageReader:
    """Reads the one message of a unary call.

    `message` is there once the last byte has come; `missing` is how many bytes are known to be
    still on their way. The size is checked before anything of the message is kept.
    """

    __slots__ = ("_head", "_limit", "_pieces", "message", "missing")

    def __init__(self, limit: int) -> None:
        self.message: bytes | None = None
        self.missing = 0
        self._limit = limit
        self._head = b""
        self._pieces: list[bytes] | None = None

    @property
    def received(self) -> int:
        """How many bytes of a message that is not whole are there."""
        return len(self._head) + sum(map(len, self._pieces or ()))

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises `MessageTooLargeError` above the limit, `CallRefused` for a compressed message and
        `DecodeError` for bytes behind the message.
        """
        if self._pieces is None and self.message is None:
            data = self._head + data if self._head else data
            if len(data) < PREFIX_SIZE:
                self._head = data
                return
            self.missing = self._size_in(data)
            self._pieces = []
            data = data[PREFIX_SIZE:]
        self.missing -= len(data)
        if self.missing < 0:
            raise DecodeError("there are bytes behind the message of a unary call")
        if self._pieces is not None:
            self._add(data, self._pieces)

    def finish(self) -> bytes | None:
        """Return the message, or `None` where none was sent; raises `DecodeError` for a part."""
        if self.message is None and (self._head or self._pieces is not None):
            what = f"{self.missing} bytes are" if self.missing else "part of its length is"
            raise DecodeError(f"the message ends early: {what} missing")
        return self.message

    def _size_in(self, prefix: bytes) -> int:
        if prefix[0]:
            raise CallRefused(
                Status.UNIMPLEMENTED, "compressed messages are not supported, use identity"
            )
        size = int.from_bytes(prefix[1:PREFIX_SIZE])
        if size > self._limit:
            raise MessageTooLargeError(size, self._limit)
        return size

    def _add(self, data: bytes, pieces: list[bytes]) -> None:
        if self.missing:
            pieces.append(data)
            return
        self.message = b"".join((*pieces, data)) if pieces else data
        self._pieces = None


def message_frame(message: bytes) -> Body:
    """Return a message behind its prefix; a large one in two pieces, so that it is not copied."""
    prefix = b"\0" + len(message).to_bytes(4)
    if len(message) <= _COPIED:
        return (prefix + message,)
    return prefix + message[:_COPIED], memoryview(message)[_COPIED:]
