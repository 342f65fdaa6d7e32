"""Streams: their states as tables (RFC 9113 §5.1), and the memory of those that were reset."""

import enum
from collections import deque
from collections.abc import Callable

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.protocol_errors import Http2StreamError


class State(enum.IntEnum):
    """The state of a stream; idle and closed streams are not kept."""

    # An IntEnum, because members of other enums are hashed in Python at each look-up.
    OPEN = 1
    HALF_CLOSED_LOCAL = 2
    HALF_CLOSED_REMOTE = 3
    CLOSED = 4


# The next state after END_STREAM has been sent, and after it has been received.
AFTER_LOCAL_END = {
    State.OPEN: State.HALF_CLOSED_LOCAL,
    State.HALF_CLOSED_REMOTE: State.CLOSED,
}
AFTER_REMOTE_END = {
    State.OPEN: State.HALF_CLOSED_REMOTE,
    State.HALF_CLOSED_LOCAL: State.CLOSED,
}
# The states in which the peer may send headers and data, and in which we may.
RECEIVING = frozenset({State.OPEN, State.HALF_CLOSED_LOCAL})
SENDING = frozenset({State.OPEN, State.HALF_CLOSED_REMOTE})


class Stream:
    """One stream that is neither idle nor closed."""

    __slots__ = (
        "end_queued",
        "expected_length",
        "headers_received",
        "is_sequence",
        "on_sent",
        "opened_at",
        "queued",
        "receive_window",
        "received",
        "send_window",
        "small_frames",
        "state",
        "stream_id",
        "trailers",
        "waiting",
    )

    def __init__(
        self, stream_id: int, send_window: int, receive_window: int, opened_at: float
    ) -> None:
        self.stream_id = stream_id
        self.opened_at = opened_at
        self.state = State.OPEN
        self.send_window = send_window
        self.receive_window = receive_window
        self.headers_received = False
        # The content-length, and how much has been received (RFC 9113 §8.1.1).
        self.expected_length: int | None = None
        self.received = 0
        # Whether the peer's body is a sequence of messages, which may be small, instead of one.
        self.is_sequence = False
        # The number of DATA frames that carried little and did not end the stream.
        self.small_frames = 0
        # Data that waits for the peer's windows, then a block of trailers or END_STREAM.
        # Made for the first of it: most streams never have any.
        self.queued: deque[memoryview] | None = None
        self.trailers: bytes | None = None
        self.end_queued = False
        # Whether the stream is in the outbox's queue of senders.
        self.waiting = False
        # Called once, when no data is queued any more.
        self.on_sent: Callable[[], None] | None = None


def check_content_length(stream: Stream, *, ended: bool) -> None:
    """Raise `Http2StreamError` unless a body has its content-length (RFC 9113 §8.1.1)."""
    expected, received = stream.expected_length, stream.received
    if expected is not None and (received > expected or (ended and received != expected)):
        raise content_length_error(stream.stream_id, expected, received)


def content_length_error(stream_id: int, expected: int, received: int) -> Http2StreamError:
    """Return the error of a body of another length than its content-length."""
    reason = f"content-length is {expected}, but the body has {received} bytes"
    return Http2StreamError(stream_id, ErrorCode.PROTOCOL_ERROR, reason)


class Progress(NamedTuple):
    """A value that changes when the blocked data of a stream moves.

    While the stream's own window is closed, it is the size of the data. Streams that wait for the
    connection's window take turns, so they share one: the number of DATA frames sent.
    """

    is_own: bool
    mark: int


class RecentlyResetStreams:
    """The last streams that we have reset; the peer may send frames until it knows (RFC 9113 §5.1).

    Each keeps its window, which the peer may still use up, and is dropped when the peer ends it.
    """

    _KEPT = 10_000
    # The least that a frame uses up, so that a window does not allow a frame for each of its bytes.
    _LEAST = 64

    def __init__(self) -> None:
        self._windows: dict[int, int] = {}

    def add(self, stream_id: int, window: int) -> None:
        """Remember a stream."""
        self._windows[stream_id] = window
        if len(self._windows) > self._KEPT:
            del self._windows[next(iter(self._windows))]

    def discard(self, stream_id: int) -> bool:
        """Drop a stream that the peer has ended, too; return whether it was remembered."""
        return self._windows.pop(stream_id, None) is not None

    def take(self, stream_id: int, size: int, *, ended: bool) -> bool:
        """Account for late data; return whether a correct peer may have sent it."""
        window = self._windows.get(stream_id)
        if window is None:
            return False
        if ended:
            del self._windows[stream_id]
            return size <= window
        self._windows[stream_id] = window - max(size, self._LEAST)
        return 0 < size <= window

    def __contains__(self, stream_id: int) -> bool:
        return stream_id in self._windows
