"""The receiving half of a connection: checks each frame against RFC 9113, then makes events."""

from collections.abc import Callable
from typing import Final

from mirastack_sdk._wire.http2.codes import (
    LARGEST_WINDOW,
    ErrorCode,
    Flag,
    FrameType,
    Role,
    Setting,
)
from mirastack_sdk._wire.http2.events import (
    DataReceived,
    Event,
    GoAwayReceived,
    PingAcknowledged,
    SettingsReceived,
    StreamReset,
)
from mirastack_sdk._wire.http2.frames import (
    HEADER_SIZE,
    SETTINGS_ACK,
    STREAM_ID_MASK,
    frame,
    read_goaway,
    read_increment,
    read_settings,
    read_uint32,
    require_connection,
    require_size,
    require_stream,
    unpack_header,
    window_update_frame,
    without_padding,
)
from mirastack_sdk._wire.http2.header_receiver import HeaderReceiver
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError, Http2StreamError
from mirastack_sdk._wire.http2.state import TOP_UP_BELOW, ConnectionState
from mirastack_sdk._wire.http2.streams import RECEIVING, Stream, check_content_length

# A plain number: comparing numbers with members of an enum is slower.
_HEADERS: Final = FrameType.HEADERS.value

type _Handler = Callable[[int, int, bytes], None]

# A DATA frame with fewer bytes is small. A body may have some, and more if it is large: proxies
# that forward bytes as they arrive produce them now and then, but not exclusively. A sequence may
# consist of nothing else, if each frame is as large as the prefix of a message.
_SMALL = 64
_SMALL_IN_SEQUENCE = 5
_SMALL_FRAMES = 32


class Receiver:
    """Processes the peer's frames in order, and collects `events`.

    With `whole_messages`, a request or response that arrives in one read can be one event.
    """

    def __init__(self, state: ConnectionState, *, whole_messages: bool = False) -> None:
        self.events: list[Event] = []
        # Whether frames are left because the ones before used up the effort of one turn.
        self.has_unread_frames = False
        self.settings_received = False
        self._frame_began_at = 0.0
        self._state = state
        self._headers = HeaderReceiver(state, self.events)
        self._whole_messages = whole_messages
        is_server, take = state.role is Role.SERVER, self._headers
        self._take_message = take.take_request if is_server else take.take_response
        self._rest = b""
        self._budgets = state.budgets
        self._handlers: dict[int, _Handler] = {
            FrameType.DATA: self._on_data,
            FrameType.HEADERS: self._headers.begin,
            FrameType.PRIORITY: self._on_priority,
            FrameType.RST_STREAM: self._on_rst_stream,
            FrameType.SETTINGS: self._on_settings,
            FrameType.PUSH_PROMISE: self._on_push_promise,
            FrameType.PING: self._on_ping,
            FrameType.GOAWAY: self._on_goaway,
            FrameType.WINDOW_UPDATE: self._on_window_update,
            FrameType.CONTINUATION: self._on_continuation,
        }

    def receive(self, data: bytes, now: float) -> None:
        """Process bytes from the peer; raises `Http2ConnectionError` for a connection error."""
        state, headers = self._state, self._headers
        state.meter.now = now
        headers.effort = 0
        self.has_unread_frames = False
        buffer = self._rest + data if self._rest else data
        takes_messages = self._whole_messages and self.settings_received
        position, size, max_size = 0, len(buffer), state.limits.max_frame_size
        while size - position >= HEADER_SIZE:
            head, flags, stream_id = unpack_header(buffer, position)
            length, frame_type = head >> 8, head & 0xFF
            # §4.2
            if length > max_size:
                raise Http2ConnectionError(
                    ErrorCode.FRAME_SIZE_ERROR, f"a frame of {length} bytes is too large"
                )
            start = position + HEADER_SIZE
            position = start + length
            if position > size:
                position = start - HEADER_SIZE
                break
            payload = buffer[start:position]
            if (
                frame_type == _HEADERS
                and flags == Flag.END_HEADERS
                and takes_messages
                and (end := self._take_message(stream_id, payload, buffer, position))
            ):
                position = end
            else:
                self._on_frame(frame_type, flags, stream_id & STREAM_ID_MASK, payload)
            if headers.effort > state.limits.max_effort_per_turn:
                self.has_unread_frames = position < size
                break
        if position or not self._rest:
            self._frame_began_at = now
        self._rest = buffer[position:]

    @property
    def unfinished_since(self) -> float | None:
        """When the current incomplete frame or header block began, if there is one."""
        since = self._frame_began_at if self._rest else None
        return self._headers.began_at if self._headers.is_open else since

    def _on_frame(self, frame_type: int, flags: int, stream_id: int, payload: bytes) -> None:
        # §6.10
        if self._headers.is_open and frame_type != FrameType.CONTINUATION:
            raise Http2ConnectionError(
                ErrorCode.PROTOCOL_ERROR, "a header block is interrupted by another frame"
            )
        # §3.4
        if not self.settings_received and (frame_type != FrameType.SETTINGS or flags & Flag.ACK):
            raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "the first frame is not SETTINGS")
        handler = self._handlers.get(frame_type)
        if handler is None:
            # §5.5: unknown types are ignored.
            self._budgets.useless.spend()
            return
        try:
            handler(flags, stream_id, payload)
        except Http2StreamError as failure:
            self._fail(failure)

    def _fail(self, failure: Http2StreamError) -> None:
        self._budgets.resets.spend()
        known = failure.stream_id in self._state.streams
        self._state.reset(failure.stream_id, failure.code, provoked=True)
        if known:
            self.events.append(
                StreamReset(failure.stream_id, failure.code, failure.reason, False, False)
            )

    def _on_data(self, flags: int, stream_id: int, payload: bytes) -> None:
        state, length = self._state, len(payload)
        state.receive_window -= length
        if state.receive_window < TOP_UP_BELOW:
            self._top_up_connection_window()
        stream = state.streams.get(stream_id)
        if stream is None:
            self._on_late_data(stream_id, length, ended=bool(flags & Flag.END_STREAM))
            return
        if stream.state not in RECEIVING or not stream.headers_received:
            raise _unexpected_data(stream)
        stream.receive_window -= length
        # §6.9.1; an empty frame is allowed even if a change of settings made the window negative.
        if stream.receive_window < 0 and length and stream.receive_window < -state.window_slack:
            raise Http2StreamError(
                stream_id, ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the window allows"
            )
        data = without_padding(payload, flags) if flags & Flag.PADDED else payload
        size, ended = len(data), bool(flags & Flag.END_STREAM)
        stream.received += size
        if not ended and (size < _SMALL or size != length):
            self._charge_overhead(stream, size, length - size)
            if not size:
                return
        if stream.expected_length is not None:
            check_content_length(stream, ended=ended)
        if ended:
            state.remote_end(stream)
        self.events.append(DataReceived(stream_id, data, ended))

    def _charge_overhead(self, stream: Stream, size: int, padding: int) -> None:
        """Return the window that padding has used up, and count a small frame."""
        if padding:
            # §6.1: only this layer sees it.
            stream.receive_window += padding
            self._state.outbox.put_provoked(window_update_frame(stream.stream_id, padding))
        if size >= _SMALL:
            return
        stream.small_frames += 1
        self._headers.effort += 1
        small = _SMALL_IN_SEQUENCE if stream.is_sequence else _SMALL
        if not size or stream.small_frames > _SMALL_FRAMES + stream.received // small:
            self._budgets.useless.spend()

    def _top_up_connection_window(self) -> None:
        state = self._state
        # §6.9.1
        if state.receive_window < 0:
            raise Http2ConnectionError(
                ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the connection's window allows"
            )
        state.outbox.put(window_update_frame(0, LARGEST_WINDOW - state.receive_window))
        state.receive_window = LARGEST_WINDOW

    def _on_late_data(self, stream_id: int, length: int, *, ended: bool) -> None:
        require_stream(stream_id, "DATA")
        state = self._state
        # §5.1, "idle" and "closed"
        if state.is_idle(stream_id):
            raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "DATA on an idle stream")
        if state.recently_reset.take(stream_id, length, ended=ended):
            return
        self._budgets.useless.spend()
        if stream_id not in state.recently_reset and stream_id <= state.accepted_up_to:
            raise Http2StreamError(stream_id, ErrorCode.STREAM_CLOSED, "DATA on a closed stream")

    def _on_continuation(self, flags: int, stream_id: int, payload: bytes) -> None:
        if not payload:
            self._budgets.useless.spend()
        self._headers.resume(flags, stream_id, payload)

    def _on_priority(self, flags: int, stream_id: int, payload: bytes) -> None:  # noqa: ARG002 - one signature for all frames
        require_stream(stream_id, "PRIORITY")
        self._budgets.useless.spend()
        # §6.3: a stream error; priorities themselves are deprecated and ignored (§5.3.2).
        if len(payload) == 5:
            return
        reason = "PRIORITY does not have 5 bytes"
        if self._state.is_idle(stream_id):
            # §6.4: RST_STREAM must not be sent for an idle stream.
            raise Http2ConnectionError(ErrorCode.FRAME_SIZE_ERROR, reason)
        raise Http2StreamError(stream_id, ErrorCode.FRAME_SIZE_ERROR, reason)

    def _on_rst_stream(self, flags: int, stream_id: int, payload: bytes) -> None:  # noqa: ARG002 - one signature for all frames
        require_stream(stream_id, "RST_STREAM")
        require_size(payload, 4, "RST_STREAM")
        # §6.4
        if self._state.is_idle(stream_id):
            raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "RST_STREAM on an idle stream")
        stream = self._state.streams.get(stream_id)
        if stream is None:
            self._state.charge_late_reset(stream_id)
            return
        self._state.charge_reset(stream)
        code = read_uint32(payload)
        self._state.close(stream)
        unprocessed = code == ErrorCode.REFUSED_STREAM
        self.events.append(StreamReset(stream_id, code, "reset by the peer", True, unprocessed))

    def _on_settings(self, flags: int, stream_id: int, payload: bytes) -> None:
        require_connection(stream_id, "SETTINGS")
        if flags & Flag.ACK:
            require_size(payload, 0, "a SETTINGS acknowledgement")
            self._budgets.settings.spend()
            self._state.window_slack = 0
            return
        # §6.5
        if len(payload) % 6:
            raise Http2ConnectionError(
                ErrorCode.FRAME_SIZE_ERROR, "SETTINGS does not have a multiple of 6 bytes"
            )
        self.settings_received = True
        self._budgets.settings.spend()
        settings = read_settings(payload)
        if len(settings) > self._state.limits.max_settings_per_frame:
            raise Http2ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "too many settings in a frame")
        peer = self._state.peer
        window = peer.initial_window
        for number, value in settings:
            self._apply_setting(number, value)
        # Once for each frame, because the cost grows with the number of open streams.
        self._state.shift_windows(peer.initial_window - window)
        self._state.outbox.put_provoked(SETTINGS_ACK)
        self.events.append(SettingsReceived(self._state.peer.max_concurrent_streams))

    def _apply_setting(self, number: int, value: int) -> None:
        self._state.peer.apply(number, value)
        # §6.5.2: a server must not send 1.
        if number == Setting.ENABLE_PUSH and value and self._state.role is Role.CLIENT:
            raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "a server cannot enable push")

    def _on_push_promise(self, flags: int, stream_id: int, payload: bytes) -> None:  # noqa: ARG002 - one signature for all frames
        # §8.4: we disable push, and a client cannot push.
        raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "push is not enabled")

    def _on_ping(self, flags: int, stream_id: int, payload: bytes) -> None:
        require_connection(stream_id, "PING")
        require_size(payload, 8, "PING")
        self._budgets.pings.spend()
        if flags & Flag.ACK:
            self.events.append(PingAcknowledged(payload))
        else:
            self._state.outbox.put_provoked(frame(FrameType.PING, Flag.ACK, 0, payload))

    def _on_goaway(self, flags: int, stream_id: int, payload: bytes) -> None:  # noqa: ARG002 - one signature for all frames
        require_connection(stream_id, "GOAWAY")
        if len(payload) < 8:
            raise Http2ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "GOAWAY has less than 8 bytes")
        self._budgets.useless.spend()
        last, code, reason = read_goaway(payload)
        state = self._state
        state.leaving = True
        # §6.8: streams above the last id were not processed.
        if state.role is Role.CLIENT:
            for stream in [one for number, one in state.streams.items() if number > last]:
                state.close(stream)
                state.recently_reset.add(stream.stream_id, stream.receive_window)
                self.events.append(
                    StreamReset(stream.stream_id, ErrorCode.REFUSED_STREAM, "GOAWAY", True, True)
                )
        self.events.append(GoAwayReceived(last, code, reason))

    def _on_window_update(self, flags: int, stream_id: int, payload: bytes) -> None:  # noqa: ARG002 - one signature for all frames
        require_size(payload, 4, "WINDOW_UPDATE")
        self._budgets.window_updates.spend()
        increment = read_increment(payload)
        # §6.9: an increment of 0 is an error of the connection or of the stream.
        if not stream_id:
            if not increment:
                raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE adds nothing")
            self._state.outbox.widen(increment)
            return
        if self._state.is_idle(stream_id):
            raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE on an idle stream")
        stream = self._state.streams.get(stream_id)
        if stream is None:
            return
        if not increment:
            raise Http2StreamError(
                stream_id, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE adds nothing"
            )
        self._state.outbox.widen_stream(stream, increment)


def _unexpected_data(stream: Stream) -> Http2StreamError:
    if stream.state not in RECEIVING:
        # §6.1
        return Http2StreamError(stream.stream_id, ErrorCode.STREAM_CLOSED, "DATA after the end")
    # §8.1
    return Http2StreamError(stream.stream_id, ErrorCode.PROTOCOL_ERROR, "DATA before HEADERS")
