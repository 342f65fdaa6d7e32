"""The state that the receiving and the sending half of a connection share."""

from collections.abc import Container
from typing import Final

from mirastack_sdk._wire.http2.budgets import Budgets, Meter
from mirastack_sdk._wire.http2.codes import (
    DEFAULT_WINDOW,
    LARGEST_WINDOW,
    NO_LAST_STREAM,
    ErrorCode,
    Role,
)
from mirastack_sdk._wire.http2.frames import rst_stream_frame
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.http2.outbox import Outbox
from mirastack_sdk._wire.http2.peer_settings import PeerSettings
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError
from mirastack_sdk._wire.http2.streams import (
    AFTER_LOCAL_END,
    AFTER_REMOTE_END,
    Progress,
    RecentlyResetStreams,
    State,
    Stream,
)

# The connection's window is kept wide open: the streams' windows limit what the peer may send.
TOP_UP_BELOW: Final = LARGEST_WINDOW // 2


class ConnectionState:
    """The open streams, the windows and the progress of both ends towards closing.

    `accepted_up_to` is the last stream id of our GOAWAY, which may be the largest there is; higher
    streams are ignored (RFC 9113 §6.8). `window_slack` is how far a stream's window may be
    overdrawn: until the peer has acknowledged our SETTINGS, it may use the default window (§6.9.2).
    `late_resets` is how many streams have ended normally whose reset by the peer may still be on
    its way. `sequences` are the paths whose requests are sequences of messages.
    """

    __slots__ = (
        "accepted_up_to",
        "budgets",
        "ended",
        "highest_local",
        "highest_remote",
        "is_draining",
        "late_resets",
        "leaving",
        "limits",
        "meter",
        "outbox",
        "peer",
        "receive_window",
        "recently_reset",
        "role",
        "sequences",
        "streams",
        "window_slack",
    )

    def __init__(
        self, role: Role, limits: Limits, now: float, sequences: Container[str] = ()
    ) -> None:
        self.role = role
        self.limits = limits
        self.sequences = sequences
        self.peer = PeerSettings()
        self.meter = Meter(now)
        self.budgets = Budgets(limits, self.meter)
        self.outbox = Outbox(
            self.peer, limits.max_control_frames_queued, self.meter, self.local_end
        )
        self.streams: dict[int, Stream] = {}
        self.recently_reset = RecentlyResetStreams()
        self.receive_window = DEFAULT_WINDOW
        self.window_slack = max(0, DEFAULT_WINDOW - limits.initial_window)
        self.highest_local = 0
        self.highest_remote = 0
        self.accepted_up_to = NO_LAST_STREAM
        self.is_draining = False
        self.late_resets = 0
        self.leaving = False
        self.ended = False

    def open(self, stream_id: int) -> Stream:
        """Add a stream that leaves the idle state (RFC 9113 §5.1)."""
        stream = Stream(
            stream_id, self.peer.initial_window, self.limits.initial_window, self.meter.now
        )
        self.streams[stream_id] = stream
        return stream

    def shift_windows(self, change: int) -> None:
        """Adjust the windows of open streams to a new initial size (RFC 9113 §6.9.2)."""
        if not change:
            return
        for stream in self.streams.values():
            stream.send_window += change
            if stream.send_window > LARGEST_WINDOW:
                raise Http2ConnectionError(
                    ErrorCode.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE makes a window too large"
                )
            self.outbox.wake(stream)

    def is_idle(self, stream_id: int) -> bool:
        """Whether the end that may open a stream has not done so yet (RFC 9113 §5.1.1)."""
        ours = (stream_id % 2 == 1) is (self.role is Role.CLIENT)
        return stream_id > (self.highest_local if ours else self.highest_remote)

    def blocked(self) -> dict[int, Progress]:
        """Return the streams whose data waits for the peer's flow-control windows."""
        shared = Progress(False, self.meter.data_frames)
        all_blocked = self.outbox.window <= 0
        return {
            stream_id: Progress(True, sum(map(len, stream.queued)))
            if stream.send_window <= 0
            else shared
            for stream_id, stream in self.streams.items()
            if stream.queued and (all_blocked or stream.send_window <= 0)
        }

    def local_end(self, stream: Stream) -> None:
        """Note that END_STREAM has been sent."""
        stream.end_queued = True
        stream.state = state = AFTER_LOCAL_END[stream.state]
        if state is State.CLOSED:
            self._close_ended(stream)

    def remote_end(self, stream: Stream) -> None:
        """Note that END_STREAM has been received."""
        stream.state = AFTER_REMOTE_END[stream.state]
        if stream.state is State.CLOSED:
            self._close_ended(stream)

    def close(self, stream: Stream) -> None:
        """Remove a stream, in whatever state it is."""
        stream.state = State.CLOSED
        if stream.queued or stream.waiting:
            self.outbox.drop(stream)
        self.streams.pop(stream.stream_id, None)

    def reset(self, stream_id: int, code: ErrorCode, *, provoked: bool = False) -> None:
        """Send RST_STREAM; frames that are still on their way are ignored (RFC 9113 §5.1)."""
        stream = self.streams.get(stream_id)
        window = self.limits.initial_window
        if stream is not None:
            window = stream.receive_window
            self.close(stream)
        self.recently_reset.add(stream_id, window + self.window_slack)
        rst_stream = rst_stream_frame(stream_id, code)
        if provoked:
            self.outbox.put_provoked(rst_stream)
        else:
            self.outbox.put(rst_stream)

    def charge_reset(self, stream: Stream) -> None:
        """Charge the reset of a request that was incomplete, or came in the same read (§10.5).

        Any other call has run. Deadlines and cancellations may end those at any rate, and running
        them costs no more than running calls that are not reset. A server only resets our requests.
        A call with a sequence of requests runs before they are complete.
        """
        is_incomplete = stream.state is State.OPEN and not stream.is_sequence
        never_ran = is_incomplete or stream.opened_at == self.meter.now
        if never_ran and self.role is Role.SERVER:
            self.budgets.resets.spend()

    def charge_late_reset(self, stream_id: int) -> None:
        """Charge a reset of a closed stream, unless it may have crossed our own end of it."""
        if self.recently_reset.discard(stream_id):
            return
        if self.late_resets:
            self.late_resets -= 1
        else:
            self.budgets.resets.spend()

    def _close_ended(self, stream: Stream) -> None:
        """Remove a stream that both ends have ended; a reset of it may be on its way."""
        self.late_resets += 1
        if stream.queued or stream.waiting:
            self.outbox.drop(stream)
        self.streams.pop(stream.stream_id, None)
