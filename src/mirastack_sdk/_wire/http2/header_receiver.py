"""The receiver of header blocks: assembles, decodes and checks them, and makes events."""

from typing import Final

from mirastack_sdk._wire.http2.codes import ErrorCode, Flag, FrameType, Role
from mirastack_sdk._wire.http2.events import (
    Event,
    Headers,
    HeadersReceived,
    RequestReceived,
    ResponseReceived,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.frames import (
    HEADER_SIZE,
    DecodedBlock,
    HeaderReader,
    header_list_size,
    require_stream,
    unpack_header,
    without_padding,
)
from mirastack_sdk._wire.http2.header_cache import HeaderCache
from mirastack_sdk._wire.http2.header_rules import (
    REQUEST,
    RESPONSE,
    TRAILERS,
    HeaderRules,
    Meaning,
    meaning_of,
)
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError, Http2StreamError
from mirastack_sdk._wire.http2.state import TOP_UP_BELOW, ConnectionState
from mirastack_sdk._wire.http2.streams import (
    RECEIVING,
    State,
    Stream,
    check_content_length,
    content_length_error,
)

_PRIORITY_SIZE = 5
# The effort of a block and of its bytes, where the effort of one new header is 1.
_EFFORT_PER_BLOCK = 8
_BYTES_PER_EFFORT = 8
# Beyond so many, headers use up a budget. Envoy refuses more than 100.
_MANY_HEADERS = 100
_HEADERS_PER_TOKEN = 16
# Plain numbers: comparing numbers with members of an enum is slower.
_DATA: Final = FrameType.DATA.value
_HEADERS: Final = FrameType.HEADERS.value
_LAST_HEADERS: Final = Flag.END_HEADERS | Flag.END_STREAM
_AWAITING_RESPONSE: Final = State.HALF_CLOSED_LOCAL.value
# Not the headers of any response.
_NONE: Headers = (("", ""),)
# The part of its window that late headers use up on a stream that we have reset.
_LATE_HEADERS = 8_192


class HeaderReceiver:
    """Processes HEADERS and CONTINUATION frames (RFC 9113 §6.2 and §6.10).

    Every block is decoded, even that of a refused stream, because all share the compression state
    (§4.3). `effort` grows with the cost, by about one for each header.
    """

    def __init__(self, state: ConnectionState, events: list[Event]) -> None:
        self._state = state
        self._events = events
        self.effort = 0
        self.began_at = 0.0
        self._max_streams = state.limits.max_concurrent_streams
        # Whether a block waits for CONTINUATION.
        self.is_open = False
        self._reader = HeaderReader(state.limits.max_header_block_size)
        # Headers that have passed the rules.
        self._passed: HeaderCache[tuple[Headers, int], Meaning] = HeaderCache()
        # Those of the last response; the headers only of one that did not say its body's length.
        self._last_headers: Headers = _NONE
        self._last_trailers: Headers = _NONE
        # The most data that any peer may send on a new stream, whatever it knows of our settings.
        self._max_data = min(state.limits.initial_window, state.limits.max_frame_size)
        self._parts: list[bytes] = []
        self._stream_id = 0
        self._ended = False

    def begin(self, flags: int, stream_id: int, payload: bytes) -> None:
        """Process HEADERS."""
        if not stream_id:
            require_stream(stream_id, "HEADERS")
        fragment = without_padding(payload, flags) if flags & Flag.PADDED else payload
        if flags & Flag.PRIORITY:
            if len(fragment) < _PRIORITY_SIZE:
                raise Http2ConnectionError(
                    ErrorCode.FRAME_SIZE_ERROR, "HEADERS is shorter than its priority fields"
                )
            fragment = fragment[_PRIORITY_SIZE:]
        ended = bool(flags & Flag.END_STREAM)
        if flags & Flag.END_HEADERS:
            self._take_block(stream_id, fragment, ended=ended)
            return
        self.is_open, self._stream_id, self._ended = True, stream_id, ended
        self._parts = [fragment]
        self.began_at = self._state.meter.now

    def take_response(self, stream_id: int, block: bytes, buffer: bytes, position: int) -> int:
        """Process a whole response, whose HEADERS frame with `block` ends at `position`.

        Returns where its trailers end, or 0, having done nothing, unless it is one DATA frame
        between the same headers and trailers as last time; `begin` processes the others.
        """
        state, start = self._state, position + HEADER_SIZE
        stream, decoded = state.streams.get(stream_id), self._reader.kept.entries.get(block)
        if (
            stream is None
            or decoded is None
            or self.is_open
            or len(buffer) < start
            or decoded.headers != self._last_headers
        ):
            return 0
        head, flags, stream_of_data = unpack_header(buffer, position)
        size, end = head >> 8, start + (head >> 8)
        if (
            flags
            or head & 0xFF != _DATA
            or stream_of_data != stream_id
            or len(buffer) < end + HEADER_SIZE
            or not 0 < size <= self._max_data
            or state.receive_window - size < TOP_UP_BELOW
            or stream.state != _AWAITING_RESPONSE
            or (stream.headers_received or stream.is_sequence)
        ):
            return 0
        if not (last := self._end_of_same_trailers(stream_id, buffer, end)):
            return 0
        state.receive_window -= size
        # As `remote_end` does; what was queued was written when we ended our side.
        stream.state = State.CLOSED
        state.late_resets += 1
        del state.streams[stream_id]
        self.effort += 2 * _EFFORT_PER_BLOCK + 1
        whole = (stream_id, decoded.headers, buffer[start:end], self._last_trailers)
        self._events.append(ResponseReceived(*whole))
        return last

    def _end_of_same_trailers(self, stream_id: int, buffer: bytes, position: int) -> int:
        """Return where the same trailers as last time end, or 0 if others begin at `position`."""
        head, flags, stream_of_trailers = unpack_header(buffer, position)
        start = position + HEADER_SIZE
        end = start + (head >> 8)
        decoded = self._reader.kept.entries.get(buffer[start:end])
        if (
            decoded is None
            or flags != _LAST_HEADERS
            or head & 0xFF != _HEADERS
            or stream_of_trailers != stream_id
            or len(buffer) < end
            or decoded.headers != self._last_trailers
        ):
            return 0
        return end

    def take_request(self, stream_id: int, block: bytes, buffer: bytes, position: int) -> int:
        """Process a whole request, whose HEADERS frame with `block` ends at `position`.

        Returns where its DATA frame ends, or 0, having done nothing, unless it is what nearly every
        unary request is: a block that has been decoded before, and one DATA frame that ends the
        stream, all within the limits. `begin` and the other methods process the others; they would
        have the same result for all.
        """
        start = position + HEADER_SIZE
        # Clients may send the headers of several requests before the data of the first.
        if len(buffer) < start or buffer[position + 3] != _DATA or self.is_open:
            return 0
        if (decoded := self._reader.kept.entries.get(block)) is None or decoded.request is None:
            return 0
        head, flags, stream_of_data = unpack_header(buffer, position)
        size, state, length = head >> 8, self._state, decoded.request.length
        end = start + size
        if (
            flags != Flag.END_STREAM
            or stream_of_data != stream_id
            or end > len(buffer)
            or size > self._max_data
            # Load generators and some proxies send a content-length; gRPC's clients do not.
            or (length is not None and length != size)
            or state.receive_window - size < TOP_UP_BELOW
            # The reserved bit makes an id larger than every last one (§4.1).
            or not (state.highest_remote < stream_id <= state.accepted_up_to and stream_id & 1)
            or len(state.streams) >= self._max_streams
        ):
            return 0
        window = state.limits.initial_window - size
        stream = Stream(stream_id, state.peer.initial_window, window, state.meter.now)
        stream.state = State.HALF_CLOSED_REMOTE
        stream.headers_received = True
        state.streams[stream_id] = stream
        state.highest_remote = stream_id
        state.receive_window -= size
        self.effort += _EFFORT_PER_BLOCK
        self._events.append(RequestReceived(stream_id, decoded.headers, buffer[start:end]))
        return end

    def resume(self, flags: int, stream_id: int, payload: bytes) -> None:
        """Process CONTINUATION."""
        if not self.is_open or stream_id != self._stream_id:
            raise Http2ConnectionError(
                ErrorCode.PROTOCOL_ERROR, "CONTINUATION does not follow HEADERS of its stream"
            )
        self._parts.append(payload)
        limits = self._state.limits
        if (
            len(self._parts) > limits.max_continuations + 1
            or sum(map(len, self._parts)) > limits.max_header_block_size
        ):
            raise Http2ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "the header block is too large")
        if flags & Flag.END_HEADERS:
            block, self._parts, self.is_open = b"".join(self._parts), [], False
            self._take_block(stream_id, block, ended=self._ended)

    def _take_block(self, stream_id: int, block: bytes, *, ended: bool) -> None:
        decoded = self._reader.kept.entries.get(block)
        self.effort += _EFFORT_PER_BLOCK
        if decoded is None:
            decoded = self._reader.read(block)
            self.effort += len(decoded.headers) + len(block) // _BYTES_PER_EFFORT
        headers = decoded.headers
        if len(headers) > _MANY_HEADERS:
            # One byte can stand for an indexed header (RFC 7541 §6.1): cheap to send, expensive to
            # process.
            self._state.budgets.many_headers.spend(len(headers) // _HEADERS_PER_TOKEN)
        stream = self._state.streams.get(stream_id)
        if stream is not None:
            self._on_open_stream(stream, headers, ended=ended)
        elif self._state.role is Role.SERVER and stream_id % 2 and self._state.is_idle(stream_id):
            self._on_request(stream_id, decoded, ended=ended)
        else:
            self._on_no_stream(stream_id, ended=ended)

    def _on_request(self, stream_id: int, decoded: DecodedBlock, *, ended: bool) -> None:
        state, headers = self._state, decoded.headers
        state.highest_remote = stream_id
        if stream_id > state.accepted_up_to:
            # §6.8: streams above the GOAWAY's last stream id are ignored.
            state.budgets.useless.spend()
            return
        if len(state.streams) >= state.limits.max_concurrent_streams:
            # §5.1.2: PROTOCOL_ERROR or REFUSED_STREAM; the latter lets the peer try again.
            raise Http2StreamError(stream_id, ErrorCode.REFUSED_STREAM, "too many streams")
        meaning = decoded.request or self._check(stream_id, headers, REQUEST)
        if len(headers) <= _MANY_HEADERS:
            decoded.request = meaning
        length, is_sequence, _ = meaning
        if ended and length:
            raise content_length_error(stream_id, length, 0)
        stream = state.open(stream_id)
        stream.is_sequence = is_sequence
        self._start(stream, headers, length, ended=ended)

    def _on_open_stream(self, stream: Stream, headers: Headers, *, ended: bool) -> None:
        stream_id = stream.stream_id
        # §5.1, "half-closed (remote)"
        if stream.state not in RECEIVING:
            raise Http2StreamError(stream_id, ErrorCode.STREAM_CLOSED, "HEADERS after the end")
        if not stream.headers_received:
            length, _, is_informational = self._check(stream_id, headers, RESPONSE)
            if not is_informational:
                if length is None and len(headers) <= _MANY_HEADERS:
                    self._last_headers = headers
                self._start(stream, headers, length, ended=ended)
                return
            # §8.1: only the final response may end the stream.
            if ended:
                raise Http2StreamError(
                    stream_id, ErrorCode.PROTOCOL_ERROR, "an informational response ends the stream"
                )
            self._state.budgets.useless.spend()
            return
        self._check(stream_id, headers, TRAILERS)
        # §8.1: after the headers, a HEADERS frame without END_STREAM is malformed.
        if not ended:
            raise Http2StreamError(
                stream_id, ErrorCode.PROTOCOL_ERROR, "trailers do not end the stream"
            )
        if stream.expected_length is not None:
            check_content_length(stream, ended=True)
        if len(headers) <= _MANY_HEADERS:
            self._last_trailers = headers
        self._state.remote_end(stream)
        self._events.append(TrailersReceived(stream_id, headers))

    def _require_size(self, stream_id: int, headers: Headers) -> None:
        """Check the size of what answers or ends a call; the server refuses requests itself."""
        if header_list_size(headers) > self._state.limits.max_header_list_size:
            raise Http2StreamError(
                stream_id, ErrorCode.ENHANCE_YOUR_CALM, "the header list is too large"
            )

    def _start(self, stream: Stream, headers: Headers, length: int | None, *, ended: bool) -> None:
        stream.headers_received = True
        stream.expected_length = length
        if ended:
            check_content_length(stream, ended=True)
            self._state.remote_end(stream)
        self._events.append(HeadersReceived(stream.stream_id, headers, ended))

    def _on_no_stream(self, stream_id: int, *, ended: bool) -> None:
        state = self._state
        # §5.1.1: the peer must not open a stream with an id of ours, and cannot answer an idle one.
        if state.is_idle(stream_id):
            raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "HEADERS on an idle stream")
        # §5.1, "closed"
        if stream_id not in state.recently_reset and stream_id <= state.accepted_up_to:
            raise Http2ConnectionError(ErrorCode.STREAM_CLOSED, "HEADERS on a closed stream")
        if not state.recently_reset.take(stream_id, 0 if ended else _LATE_HEADERS, ended=ended):
            state.budgets.useless.spend()

    def _check(self, stream_id: int, headers: Headers, rules: HeaderRules) -> Meaning:
        """Return the meaning of headers; malformed and large ones are a stream error (§8.1.1)."""
        key = (headers, id(rules))
        passed = self._passed.entries.get(key)
        if passed is not None:
            return passed
        if rules is not REQUEST:
            self._require_size(stream_id, headers)
        try:
            meaning = meaning_of(headers, rules, self._state.sequences)
        except ValueError as error:
            raise Http2StreamError(stream_id, ErrorCode.PROTOCOL_ERROR, str(error)) from error
        self._passed.keep(key, meaning, headers)
        return meaning
