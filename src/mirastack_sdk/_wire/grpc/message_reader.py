"""gRPC's length-prefixed message, put together from pieces and held to a size."""

from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk._wire.http2.events import Body
from mirastack_sdk.errors import DecodeError, MessageTooLargeError

PREFIX_SIZE = 5
# With its prefix this fills the largest frame that every peer accepts (RFC 9113 §4.2).
_COPIED = 16_384 - PREFIX_SIZE


class MessageReader:
    """Reads the one message of a unary call (gRPC over HTTP/2, "Length-Prefixed-Message").

    `message` is set when the last byte has arrived; `missing` is how many bytes are still to come.
    The size is checked before any of the message is buffered. `message` may be given if it has been
    read before.
    """

    __slots__ = ("_head", "_limit", "_pieces", "message", "missing")

    def __init__(self, limit: int, message: bytes | None = None) -> None:
        self.message = message
        self.missing = 0
        self._limit = limit
        self._head = b""
        self._pieces: list[bytes] | None = None

    @property
    def received(self) -> int:
        """How many bytes of an incomplete message have arrived."""
        return len(self._head) + sum(map(len, self._pieces or ()))

    def feed(self, data: bytes) -> None:
        """Add the next bytes.

        Raises `MessageTooLargeError` above the limit, `CallRefused` for a compressed message and
        `DecodeError` for bytes after the message.
        """
        if self._pieces is None and self.message is None:
            data = self._head + data if self._head else data
            if len(data) < PREFIX_SIZE:
                self._head = data
                return
            self.missing = size_in_prefix(data, self._limit)
            self._pieces = []
            data = data[PREFIX_SIZE:]
        self.missing -= len(data)
        if self.missing < 0:
            raise DecodeError("there are bytes after the message of a unary call")
        if self._pieces is not None:
            self._pieces.append(data)
            if not self.missing:
                # One piece, like most messages have, is not copied.
                self.message, self._pieces = b"".join(self._pieces), None

    def finish(self) -> bytes | None:
        """Return the message, or `None` if there is none; raises `DecodeError` if it is partial."""
        if self.message is None and (self._head or self._pieces is not None):
            what = f"{self.missing} bytes are" if self.missing else "part of its length is"
            raise DecodeError(f"the message ends early: {what} missing")
        return self.message


def whole_message(data: bytes, limit: int) -> bytes | None:
    """Return the message if `data` is one that `MessageReader` would return, and nothing else."""
    size = len(data) - PREFIX_SIZE
    if 0 <= size <= limit and not data[0] and int.from_bytes(data[1:PREFIX_SIZE]) == size:
        return data[PREFIX_SIZE:]
    return None


def size_in_prefix(prefix: bytes, limit: int) -> int:
    """Return the size of the message behind a prefix.

    Raises `MessageTooLargeError` above the limit, and `CallRefused` for a compressed message.
    """
    if prefix[0]:
        raise CallRefused(
            Status.UNIMPLEMENTED, "compressed messages are not supported, use identity"
        )
    size = int.from_bytes(prefix[1:PREFIX_SIZE])
    if size > limit:
        raise MessageTooLargeError(size, limit)
    return size


def message_frame(message: bytes) -> Body:
    """Return a message after its prefix; a large one in two pieces, so that it is not copied."""
    prefix = b"\0" + len(message).to_bytes(4)
    if len(message) <= _COPIED:
        return (prefix + message,)
    return prefix + message[:_COPIED], memoryview(message)[_COPIED:]
