"""One HTTP/2 connection of either role: bytes in, events out; commands in, bytes out.

`receive()` processes what the peer has sent and returns events. Commands queue frames, and
`data_to_send()` returns them, within the peer's windows. A peer that breaks a rule causes a stream
error (RST_STREAM) or a connection error (GOAWAY and `ConnectionEnded`), as RFC 9113 requires.
"""

from collections.abc import Callable, Container

from mirastack_sdk._wire.http2.codes import (
    LARGEST_STREAM_ID,
    LARGEST_WINDOW,
    LAST_CLIENT_STREAM_ID,
    NO_LAST_STREAM,
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

# RFC 9113 §6.7: a PING carries eight bytes.
_DRAIN_PING = b"draining"


class Connection:
    """One end of an HTTP/2 connection for gRPC, without server push and priorities.

    A server is told the paths of `sequences`, whose requests consist of many messages. They may
    come in small frames, and may be cancelled before they are complete. With `whole_messages`, a
    request or response that arrives in one read can be one event, `RequestReceived` or
    `ResponseReceived`, in place of one for each frame.
    """

    def __init__(
        self,
        role: Role,
        limits: Limits | None = None,
        *,
        now: float = 0.0,
        sequences: Container[str] = (),
        whole_messages: bool = False,
    ) -> None:
        self._state = ConnectionState(role, limits or Limits(), now, sequences)
        self._receiver = Receiver(self._state, whole_messages=whole_messages)
        # Whether a stream is not closed; an event that says so may still follow.
        self.is_open: Callable[[int], bool] = self._state.streams.__contains__
        # Returns what may be sent now, at most about `limit` bytes of data.
        self.data_to_send = self._state.outbox.take
        self._preface = PREFACE if role is Role.SERVER else b""
        self._queue_preface()

    @property
    def open_streams(self) -> int:
        """How many streams are open or half-closed."""
        return len(self._state.streams)

    @property
    def ended(self) -> bool:
        """Whether the connection is over, except for bytes that are left to send."""
        return self._state.ended

    @property
    def has_sent_last_goaway(self) -> bool:
        """Whether a GOAWAY has been sent that names the last stream to be served."""
        return self._state.ended or self._state.accepted_up_to < NO_LAST_STREAM

    @property
    def may_open_stream(self) -> bool:
        """Whether a client may open a stream now (RFC 9113 §5.1.2)."""
        state = self._state
        return (
            len(state.streams) < state.peer.max_concurrent_streams
            and state.highest_local < LAST_CLIENT_STREAM_ID
            and not (state.ended or state.leaving)
        )

    @property
    def available_streams(self) -> int:
        """How many streams a client may open now (RFC 9113 §5.1.2)."""
        state = self._state
        if state.ended or state.leaving or state.highest_local >= LAST_CLIENT_STREAM_ID:
            return 0
        return max(0, state.peer.max_concurrent_streams - len(state.streams))

    @property
    def has_unread_frames(self) -> bool:
        """Whether `receive` has left frames for the next call, which needs no new bytes."""
        return self._receiver.has_unread_frames and not self._state.ended

    @property
    def initial_window(self) -> int:
        """How much the peer may send on a new stream."""
        return self._state.limits.initial_window

    @property
    def settings_received(self) -> bool:
        """Whether the peer has sent its first SETTINGS."""
        return self._receiver.settings_received

    @property
    def unfinished_since(self) -> float | None:
        """When the current incomplete frame or header block began, if there is one."""
        return self._receiver.unfinished_since

    @property
    def queued_bytes(self) -> int:
        """How much data waits for the peer's windows or for its turn."""
        return self._state.outbox.queued_bytes

    @property
    def outgoing_bytes(self) -> int:
        """How much can be sent now."""
        return self._state.outbox.outgoing_bytes

    @property
    def unsent_bytes(self) -> int:
        """How much waits for the peer's windows, for its turn, or only to be sent."""
        outbox = self._state.outbox
        return outbox.queued_bytes + outbox.outgoing_bytes

    def blocked(self) -> dict[int, Progress]:
        """Return the streams whose data waits for the peer's flow-control windows."""
        return self._state.blocked()

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Process bytes that arrived at `now`, in seconds of any monotonic clock."""
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

    def request(
        self, headers: Headers, *, end_stream: bool = False, is_sequence: bool = False
    ) -> int:
        """Open a stream and return its id; raises `ClosedError` if none may be opened.

        `is_sequence` says that the response consists of many messages. Raises `ValueError` for
        headers that cannot be sent, without opening a stream.
        """
        self._require_room()
        return self._begin(self._state.outbox.header_writer.write(headers), end_stream, is_sequence)

    def request_sequence(self, block: bytes) -> int:
        """Open a stream for encoded headers, as `request` does for a sequence of messages."""
        self._require_room()
        block = self._state.outbox.header_writer.announce(block)
        return self._begin(block, end_stream=False, is_sequence=True)

    def send_request(self, block: bytes, body: Body) -> int:
        """Open a stream, send a whole request with encoded headers, and return the id.

        Raises `ClosedError` if no stream may be opened.
        """
        state, outbox, last = self._state, self._state.outbox, body[-1]
        if not self.may_open_stream:
            raise _no_room()
        if outbox.header_writer.is_first:
            block = outbox.header_writer.announce(block)
        # As in `_begin`, without a step for each part: nearly every call is sent by this.
        state.highest_local += 2 if state.highest_local else 1
        stream = state.open(state.highest_local)
        if len(body) == 1 and outbox.fits(stream, block, last):
            outbox.request(stream, block, last)
            return stream.stream_id
        outbox.headers(stream, block, end_stream=False)
        for piece in body[:-1]:
            outbox.data(stream, piece, end_stream=False)
        outbox.data(stream, last, end_stream=True)
        return stream.stream_id

    def send_headers(self, stream_id: int, headers: Headers, *, end_stream: bool = False) -> None:
        """Send headers, or trailers after the queued data; raises `ClosedError`.

        Raises `ValueError` for headers that cannot be sent.
        """
        stream, outbox = self._sending(stream_id), self._state.outbox
        outbox.headers(stream, outbox.header_writer.write(headers), end_stream=end_stream)

    def send_data(
        self, stream_id: int, data: bytes | memoryview, *, end_stream: bool = False
    ) -> None:
        """Send data, as soon as the peer's windows allow; raises `ClosedError`."""
        stream = self._sending(stream_id)
        self._state.outbox.data(stream, data, end_stream=end_stream)

    def send_message(self, stream_id: int, headers: Headers, body: Body, trailers: Headers) -> None:
        """Send a whole response: headers, data and the trailers that end it.

        Raises what `send_headers` raises, and sends nothing then.
        """
        stream = self._state.streams.get(stream_id)
        if stream is None or stream.end_queued or stream.state not in SENDING:
            raise _closed_error(stream_id)
        outbox = self._state.outbox
        writer = outbox.header_writer
        first, last = writer.write(headers), writer.write(trailers)
        if len(body) == 1 and outbox.message(stream, first, body[0], last):
            return
        outbox.headers(stream, first, end_stream=False)
        for piece in body:
            outbox.data(stream, piece, end_stream=False)
        outbox.headers(stream, last, end_stream=True)

    def when_sent(self, stream_id: int, callback: Callable[[], None]) -> bool:
        """Call `callback` once when no data of a stream waits; return whether some waits now."""
        stream = self._state.streams.get(stream_id)
        if stream is None or not stream.queued:
            return False
        stream.on_sent = callback
        return True

    def reset(self, stream_id: int, code: ErrorCode = ErrorCode.CANCEL) -> None:
        """Send RST_STREAM, unless the stream is closed already (RFC 9113 §6.4)."""
        if stream_id in self._state.streams:
            self._state.reset(stream_id, code)

    def make_room(self, stream_id: int, size: int) -> None:
        """Let the peer send `size` more bytes on a stream (RFC 9113 §6.9)."""
        stream = self._state.streams.get(stream_id)
        if stream is not None and stream.receive_window < size:
            increment = size - stream.receive_window
            stream.receive_window = size
            self._state.outbox.put(window_update_frame(stream_id, increment))

    def ping(self, payload: bytes) -> None:
        """Send a PING of eight bytes; `PingAcknowledged` follows (RFC 9113 §6.7)."""
        self._state.outbox.put(frame(FrameType.PING, 0, 0, payload))

    def drain(self) -> None:
        """Ask a client to open no more streams, without losing those that are on their way.

        The first GOAWAY refuses nothing. The peer's answer to the PING behind it shows that it has
        read it; then a second GOAWAY names the last stream to be served (RFC 9113 §6.8).
        """
        state = self._state
        if not state.ended and not state.is_draining:
            state.is_draining = True
            state.outbox.put(goaway_frame(LARGEST_STREAM_ID, ErrorCode.NO_ERROR, "draining"))
            self.ping(_DRAIN_PING)

    def finish_draining(self) -> None:
        """Send the second GOAWAY of `drain`, with or without the peer's answer to the PING."""
        state = self._state
        if state.accepted_up_to == NO_LAST_STREAM and not state.ended:
            state.accepted_up_to = state.highest_remote
            state.outbox.put(goaway_frame(state.highest_remote, ErrorCode.NO_ERROR, "draining"))

    def end(self, code: ErrorCode = ErrorCode.NO_ERROR, reason: str = "") -> None:
        """Send GOAWAY and discard every stream (RFC 9113 §5.4.1)."""
        state = self._state
        if state.ended:
            return
        state.ended = True
        state.outbox.drop_all()
        state.streams.clear()
        state.outbox.put(goaway_frame(self._last_accepted(), code, reason))

    def abandon(self) -> None:
        """Discard everything: there is nobody to send it to.

        The queued data may be large, and would otherwise stay until the garbage collector runs.
        """
        self.end()
        self._state.outbox.take(0)

    def _queue_preface(self) -> None:
        """Queue the connection preface (RFC 9113 §3.4) and open the connection's window."""
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

    def _require_room(self) -> None:
        if not self.may_open_stream:
            raise _no_room()

    def _begin(self, block: bytes, end_stream: bool, is_sequence: bool) -> int:
        state = self._state
        # RFC 9113 §5.1.1: a client's streams have odd, increasing ids.
        state.highest_local += 2 if state.highest_local else 1
        stream = state.open(state.highest_local)
        stream.is_sequence = is_sequence
        state.outbox.headers(stream, block, end_stream=end_stream)
        return stream.stream_id

    def _sending(self, stream_id: int) -> Stream:
        stream = self._state.streams.get(stream_id)
        if stream is None or stream.end_queued or stream.state not in SENDING:
            raise _closed_error(stream_id)
        return stream

    def _last_accepted(self) -> int:
        return min(self._state.highest_remote, self._state.accepted_up_to)


def _no_room() -> ClosedError:
    return ClosedError("no stream may be opened on this connection")


def _closed_error(stream_id: int) -> ClosedError:
    return ClosedError(f"stream {stream_id} accepts no more frames")
