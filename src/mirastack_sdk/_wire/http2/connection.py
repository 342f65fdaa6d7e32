"""One HTTP/2 connection of either role: bytes in, events out; commands in, bytes out.

Nothing here reads, writes, waits or looks at a clock. `receive()` takes what the peer has sent, and
the time, and returns events. Commands queue frames; `data_to_send()` hands them out, within the
peer's windows. A rule that the peer breaks ends a stream (RST_STREAM) or the connection (GOAWAY and
`ConnectionEnded`), as RFC 9113 says; which rule ends what stands at each check.
"""

from mirastack_sdk._wire.http2.codes import (
    LARGEST_STREAM_ID,
    LARGEST_WINDOW,
    PREFACE,
    ErrorCode,
    FrameType,
    Role,
    Setting,
)
from mirastack_sdk._wire.http2.events import Body, ConnectionEnded, Event, Headers, PingAcknowledged
from mirastack_sdk._wire.http2.frames import (
    frame,
    goaway_frame,
    settings_frame,
    window_update_frame,
)
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.http2.protocol_errors import ClosedError, Http2ConnectionError
from mirastack_sdk._wire.http2.receiver import Receiver
from mirastack_sdk._wire.http2.state import ConnectionState
from mirastack_sdk._wire.http2.streams import SENDING, Progress, Stream

_DRAIN_PING = b"draining"


class Connection:
    """One end of an HTTP/2 connection for gRPC, without server push and priorities."""

    def __init__(self, role: Role, limits: Limits | None = None, *, now: float = 0.0) -> None:
        self._state = ConnectionState(role, limits or Limits(), now)
        self._receiver = Receiver(self._state)
        self._preface = PREFACE if role is Role.SERVER else b""
        self._begin()

    @property
    def open_streams(self) -> int:
        """How many streams are not closed."""
        return len(self._state.streams)

    @property
    def ended(self) -> bool:
        """Whether nothing but what is left to send matters any more."""
        return self._state.ended

    @property
    def has_sent_last_goaway(self) -> bool:
        """Whether the peer has been told which stream is the last that is served."""
        return self._state.ended or self._state.accepted_up_to < LARGEST_STREAM_ID

    @property
    def may_open_stream(self) -> bool:
        """Whether a client may open a stream now."""
        return self.available_streams > 0

    @property
    def available_streams(self) -> int:
        """How many streams a client may open now."""
        state = self._state
        if state.ended or state.leaving or state.highest_local >= LARGEST_STREAM_ID - 1:
            return 0
        return max(0, state.peer.max_concurrent_streams - len(state.streams))

    @property
    def has_unread_frames(self) -> bool:
        """Whether `receive` has left frames for later: it wants to be called again."""
        return self._receiver.has_unread_frames and not self._state.ended

    @property
    def settings_received(self) -> bool:
        """Whether the peer has sent its first SETTINGS."""
        return self._receiver.settings_received

    @property
    def unfinished_since(self) -> float | None:
        """When the frame or header block began of which only a part has come."""
        return self._receiver.unfinished_since

    @property
    def queued_bytes(self) -> int:
        """How much data waits for the peer's windows, or for its turn."""
        return self._state.outbox.queued_bytes

    def blocked(self) -> dict[int, Progress]:
        """Return the streams whose data has no room in the peer's windows."""
        return self._state.blocked()

    def is_open(self, stream_id: int) -> bool:
        """Whether a stream is not closed; events that follow may be about to say that it is."""
        return stream_id in self._state.streams

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Take what the peer has sent at `now` (seconds of any steady clock)."""
        state, receiver = self._state, self._receiver
        if state.ended:
            return []
        try:
            if self._preface:
                data = self._take_preface(data)
            receiver.receive(data, now)
        except Http2ConnectionError as failure:
            self.end(failure.code, failure.reason)
            receiver.events.append(ConnectionEnded(failure.code, failure.reason))
        events = receiver.events.copy()
        receiver.events.clear()
        if state.is_draining and PingAcknowledged(_DRAIN_PING) in events:
            self.finish_draining()
        return events

    def data_to_send(self, limit: int = 65_536) -> bytes:
        """Hand out what may be sent now, about `limit` bytes of data at most."""
        return self._state.outbox.take(limit)

    def request(self, headers: Headers, *, end_stream: bool = False) -> int:
        """Open a stream and return its id; raises `ClosedError` where none may be opened.

        Raises `ValueError` for headers that cannot be sent, and opens nothing then.
        """
        if not self.may_open_stream:
            raise ClosedError("no stream may be opened on this connection")
        state = self._state
        block = state.outbox.block(headers)
        state.highest_local += 2 if state.highest_local else 1
        stream = state.open(state.highest_local)
        state.outbox.headers(stream, block, end_stream=end_stream)
        return stream.stream_id

    def send_headers(self, stream_id: int, headers: Headers, *, end_stream: bool = False) -> None:
        """Send headers or trailers, behind the data that still waits; raises `ClosedError`.

        Raises `ValueError` for headers that cannot be sent.
        """
        stream, outbox = self._sending(stream_id), self._state.outbox
        outbox.headers(stream, outbox.block(headers), end_stream=end_stream)

    def send_data(
        self, stream_id: int, data: bytes | memoryview, *, end_stream: bool = False
    ) -> None:
        """Send data as the peer's windows allow; raises `ClosedError`."""
        stream = self._sending(stream_id)
        self._state.outbox.data(stream, data, end_stream=end_stream)

    def send_message(self, stream_id: int, headers: Headers, body: Body, trailers: Headers) -> None:
        """Send all of an answer: headers, data and the trailers that end it, and nothing before.

        Raises as `send_headers` does.
        """
        stream, outbox = self._sending(stream_id), self._state.outbox
        first, last = outbox.block(headers), outbox.block(trailers)
        if len(body) == 1 and outbox.fits(stream, first, body[0], last):
            outbox.message(stream, first, body[0], last)
            return
        outbox.headers(stream, first, end_stream=False)
        for piece in body:
            outbox.data(stream, piece, end_stream=False)
        outbox.headers(stream, last, end_stream=True)

    def reset(self, stream_id: int, code: ErrorCode = ErrorCode.CANCEL) -> None:
        """End a stream at once; one that is closed already stays so."""
        if stream_id in self._state.streams:
            self._state.reset(stream_id, code)

    def make_room(self, stream_id: int, size: int) -> None:
        """Let the peer send `size` more bytes on a stream."""
        stream = self._state.streams.get(stream_id)
        if stream is not None and stream.receive_window < size:
            increment = size - stream.receive_window
            stream.receive_window = size
            self._state.outbox.put(window_update_frame(stream_id, increment))

    def ping(self, payload: bytes) -> None:
        """Send a PING of eight bytes; `PingAcknowledged` is the answer."""
        self._state.outbox.put(frame(FrameType.PING, 0, 0, payload))

    def drain(self) -> None:
        """Tell a client to open no more streams, without losing those that are on their way.

        The first GOAWAY refuses nothing; the peer's answer to the ping behind it shows that it has
        been read, and a second one then names the last stream that is served (section 6.8).
        """
        state = self._state
        if not state.ended and not state.is_draining:
            state.is_draining = True
            state.outbox.put(goaway_frame(LARGEST_STREAM_ID, ErrorCode.NO_ERROR, "draining"))
            self.ping(_DRAIN_PING)

    def finish_draining(self) -> None:
        """Name the last stream that is served, as the peer's answer to the ping of `leave` does."""
        state = self._state
        if state.accepted_up_to == LARGEST_STREAM_ID and not state.ended:
            state.accepted_up_to = state.highest_remote
            state.outbox.put(goaway_frame(state.highest_remote, ErrorCode.NO_ERROR, "draining"))

    def end(self, code: ErrorCode = ErrorCode.NO_ERROR, reason: str = "") -> None:
        """Say GOAWAY and forget every stream."""
        state = self._state
        if state.ended:
            return
        state.ended = True
        state.outbox.drop_all()
        state.streams.clear()
        state.outbox.put(goaway_frame(self._last_accepted(), code, reason))

    def abandon(self) -> None:
        """Forget everything: there is nobody to send it to.

        What waits may be large, and would stay until Python looks for objects that hold each other.
        """
        self.end()
        self._state.outbox.take(0)

    def _begin(self) -> None:
        state, limits = self._state, self._state.limits
        settings = {
            Setting.INITIAL_WINDOW_SIZE: limits.initial_window,
            Setting.MAX_FRAME_SIZE: limits.max_frame_size,
            Setting.MAX_HEADER_LIST_SIZE: limits.max_header_list_size,
        }
        if state.role is Role.SERVER:
            settings[Setting.MAX_CONCURRENT_STREAMS] = limits.max_concurrent_streams
        else:
            state.outbox.put(PREFACE)
            settings[Setting.ENABLE_PUSH] = 0
        state.outbox.put(settings_frame(settings.items()))
        state.outbox.put(window_update_frame(0, LARGEST_WINDOW - state.receive_window))
        state.receive_window = LARGEST_WINDOW

    def _take_preface(self, data: bytes) -> bytes:
        expected, got = self._preface[: len(data)], data[: len(self._preface)]
        if expected != got:
            raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "the peer does not speak HTTP/2")
        self._preface = self._preface[len(got) :]
        return data[len(got) :]

    def _sending(self, stream_id: int) -> Stream:
        stream = self._state.streams.get(stream_id)
        if stream is None or stream.end_queued or stream.state not in SENDING:
            raise ClosedError(f"stream {stream_id} takes nothing more")
        return stream

    def _last_accepted(self) -> int:
        return min(self._state.highest_remote, self._state.accepted_up_to)
