"""gRPC's length-prefixed messages, read against a size limit."""

from grpclib.protocol import Stream

from mirastack_sdk._wire.status import CallRefused, Status
from mirastack_sdk.errors import DecodeError, MessageTooLargeError

_PREFIX_SIZE = 5


async def read_message(stream: Stream, limit: int) -> bytes | None:
    """Read one message of at most `limit` bytes; `None` when the peer sent none.

    The size is checked before the message is waited for. Raises `DecodeError` for a message that
    ends early, `MessageTooLargeError` above the limit, `CallRefused` for a compressed one.
    """
    prefix = await _read_exactly(stream, _PREFIX_SIZE)
    if not prefix:
        return None
    if prefix[0]:
        raise CallRefused(
            Status.UNIMPLEMENTED, "compressed messages are not supported, use identity"
        )
    size = int.from_bytes(prefix[1:])
    if size > limit:
        raise MessageTooLargeError(size, limit)
    data = await _read_exactly(stream, size)
    if len(data) != size:
        raise DecodeError(f"the message ends early: expected {size} bytes")
    return data


async def _read_exactly(stream: Stream, size: int) -> bytes:
    try:
        return await stream.recv_data(size)
    except AssertionError as error:
        # grpclib's buffer asserts that a stream does not end within a read.
        raise DecodeError(f"the message ends early: expected {size} bytes") from error
