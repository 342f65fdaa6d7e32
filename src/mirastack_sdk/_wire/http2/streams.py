"""The states of a stream (RFC 9113 section 5.1) as a table."""

import enum
from collections import deque

from mirastack_sdk._wire.http2.events import Headers


class State(enum.Enum):
    """Where a stream is in its life; streams that are idle or closed are not kept."""

    OPEN = "open"
    HALF_CLOSED_LOCAL = "half-closed (local)"
    HALF_CLOSED_REMOTE = "half-closed (remote)"
    CLOSED = "closed"


# What the end of one direction makes of a state.
AFTER_LOCAL_END = {
    State.OPEN: State.HALF_CLOSED_LOCAL,
    State.HALF_CLOSED_REMOTE: State.CLOSED,
}
AFTER_REMOTE_END = {
    State.OPEN: State.HALF_CLOSED_REMOTE,
    State.HALF_CLOSED_LOCAL: State.CLOSED,
}
# States in which the peer may still send headers and data, and in which we may.
RECEIVING = frozenset({State.OPEN, State.HALF_CLOSED_LOCAL})
SENDING = frozenset({State.OPEN, State.HALF_CLOSED_REMOTE})


class Stream:
    """One stream that is not closed."""

    __slots__ = (
        "end_queued",
        "expected_length",
        "headers_received",
        "queued",
        "queued_size",
        "receive_window",
        "received",
        "send_window",
        "state",
        "stream_id",
        "trailers",
        "waiting",
    )

    def __init__(self, stream_id: int, send_window: int, receive_window: int) -> None:
        self.stream_id = stream_id
        self.state = State.OPEN
        self.send_window = send_window
        self.receive_window = receive_window
        self.headers_received = False
        # What content-length promises and what has come (section 8.1.1).
        self.expected_length: int | None = None
        self.received = 0
        # Data that waits for the peer's windows, then trailers or the bare end.
        self.queued: deque[memoryview] = deque()
        self.queued_size = 0
        self.trailers: Headers | None = None
        self.end_queued = False
        # Whether the stream stands in the connection's queue of senders.
        self.waiting = False


class ForgottenStreams:
    """The last streams that we ended early: what the peer still sends on them is no fault."""

    _KEPT = 1_000

    def __init__(self) -> None:
        self._ids: dict[int, None] = {}

    def add(self, stream_id: int) -> None:
        """Remember a stream."""
        self._ids[stream_id] = None
        if len(self._ids) > self._KEPT:
            del self._ids[next(iter(self._ids))]

    def __contains__(self, stream_id: int) -> bool:
        return stream_id in self._ids
