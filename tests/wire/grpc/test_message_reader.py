"""The one message of a unary call, read at once or in pieces."""

from hypothesis import example, given
from hypothesis import strategies as st

from mirastack_sdk._wire.grpc.message_reader import MessageReader, message_frame, whole_message
from mirastack_sdk._wire.grpc.status import CallRefused
from mirastack_sdk.errors import WireError

_LIMIT = 300
_NEAR_MESSAGES = st.builds(
    lambda flag, size, body: bytes([flag]) + size.to_bytes(4) + body,
    st.sampled_from((0, 0, 0, 1, 255)),
    st.sampled_from((0, 1, 2, 299, 300, 301, 2**32 - 1)),
    st.sampled_from((0, 1, 2, 299, 300, 301)).map(bytes),
)


def _read(data: bytes) -> bytes | None:
    reader = MessageReader(_LIMIT)
    try:
        reader.feed(data)
        return reader.finish()
    except (WireError, CallRefused):
        return None


@given(st.one_of(_NEAR_MESSAGES, st.binary(max_size=12)))
@example(b"")
@example(b"\0\0\0\0")
@example(b"\0\0\0\0\0")
def test_a_whole_message_is_what_the_reader_returns(data: bytes) -> None:
    """`whole_message` returns what a reader would, and nothing for what a reader refuses."""
    assert whole_message(data, _LIMIT) == _read(data)


@given(st.binary(max_size=_LIMIT))
def test_reads_what_was_written(message: bytes) -> None:
    """A message that is framed for the wire is read as it was."""
    assert whole_message(b"".join(message_frame(message)), _LIMIT) == message
