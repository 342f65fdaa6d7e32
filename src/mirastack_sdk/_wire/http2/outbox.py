"""The outbox: control frames leave at once, data within the peer's windows (RFC 9113 §5.2)."""

from collections import deque
from collections.abc import Callable

from mirastack_sdk._wire.http2.budgets import Meter
from mirastack_sdk._wire.http2.codes import (
    DEFAULT_WINDOW,
    LARGEST_WINDOW,
    ErrorCode,
    Flag,
    FrameType,
)
from mirastack_sdk._wire.http2.frames import HEADER_SIZE, HeaderWriter, header_frames, pack_header
from mirastack_sdk._wire.http2.peer_settings import PeerSettings
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError, Http2StreamError
from mirastack_sdk._wire.http2.streams import State, Stream

# Few, so that small responses overtake large ones; more than one, so that large ones finish one
# after the other.
_FRAMES_PER_TURN = 4
_END = Flag.END_HEADERS | Flag.END_STREAM


class Outbox:
    """The frames of one connection that have not been sent yet.

    Streams with queued data take turns, a few frames each; only those that may send are visited.
    `on_end` is called for each stream whose END_STREAM has been written; `meter` counts the DATA
    frames. `queued_bytes` is how much data waits for a window or for its turn, `outgoing_bytes` how
    much has been written and not been taken yet. `header_writer` encodes headers.
    """

    def __init__(
        self,
        peer: PeerSettings,
        max_control_frames: int,
        meter: Meter,
        on_end: Callable[[Stream], None],
    ) -> None:
        self.window = DEFAULT_WINDOW
        self.queued_bytes = 0
        self.outgoing_bytes = 0
        self._peer = peer
        self.header_writer = HeaderWriter()
        self._max_control_frames = max_control_frames
        self._meter = meter
        self._on_end = on_end
        self._out: list[bytes | memoryview] = []
        self._control_frames = 0
        self._senders: deque[Stream] = deque()

    def put(self, data: bytes) -> None:
        """Queue frames that are not subject to flow control."""
        self._out.append(data)
        self.outgoing_bytes += len(data)

    def put_provoked(self, data: bytes) -> None:
        """Queue a frame that the peer has provoked; too many unread ones end the connection."""
        self._control_frames += 1
        if self._control_frames > self._max_control_frames:
            raise Http2ConnectionError(
                ErrorCode.ENHANCE_YOUR_CALM, "the peer does not read the frames that it provokes"
            )
        self.put(data)

    def headers(self, stream: Stream, block: bytes, *, end_stream: bool) -> None:
        """Queue a header block; trailers wait behind queued data."""
        if stream.queued:
            stream.trailers = block
            stream.end_queued = True
            return
        self.put(
            header_frames(stream.stream_id, block, self._peer.max_frame_size, end_stream=end_stream)
        )
        if end_stream:
            self._on_end(stream)

    def data(self, stream: Stream, data: bytes | memoryview, *, end_stream: bool) -> None:
        """Queue data, and write it at once where the windows allow (§6.9.1)."""
        size = len(data)
        room = min(stream.send_window, self.window, self._peer.max_frame_size)
        if not stream.queued and (size <= room or not size):
            # An empty frame needs no window (§6.9.1); without END_STREAM it is not sent at all.
            if size or end_stream:
                self._write_frame(stream, data, size, last=end_stream)
            return
        stream.end_queued = end_stream
        # END_STREAM leaves with the data before it, not in a frame of its own.
        if size:
            if stream.queued is None:
                stream.queued = deque()
            stream.queued.append(memoryview(data))
            self.queued_bytes += size
            self.wake(stream)

    def fits(self, stream: Stream, block: bytes, data: bytes | memoryview) -> bool:
        """Whether headers and data fit into one frame each and the windows."""
        most = self._peer.max_frame_size
        return 0 < len(data) <= min(stream.send_window, self.window, most) and len(block) <= most

    def message(self, stream: Stream, first: bytes, data: bytes | memoryview, last: bytes) -> bool:
        """Write headers, data and trailers, if they fit into one frame each and the windows.

        Nearly all responses do, and this takes a fraction of the steps. Returns whether they did.
        """
        number, size, most = stream.stream_id, len(data), self._peer.max_frame_size
        if (
            not 0 < size <= stream.send_window
            or size > self.window
            or size > most
            or len(first) > most
            or len(last) > most
        ):
            return False
        self._out += (
            pack_header(len(first) << 8 | FrameType.HEADERS, Flag.END_HEADERS, number),
            first,
            pack_header(size << 8 | FrameType.DATA, 0, number),
            data,
            pack_header(len(last) << 8 | FrameType.HEADERS, _END, number),
            last,
        )
        self.outgoing_bytes += 3 * HEADER_SIZE + len(first) + size + len(last)
        self._meter.data_frames += 1
        stream.send_window -= size
        self.window -= size
        self._on_end(stream)
        return True

    def request(self, stream: Stream, block: bytes, data: bytes | memoryview) -> None:
        """Write a request that fits, as nearly all do, too; its stream has just been opened."""
        number, size = stream.stream_id, len(data)
        head = pack_header(len(block) << 8 | FrameType.HEADERS, Flag.END_HEADERS, number)
        request = b"".join(
            (head, block, pack_header(size << 8 | FrameType.DATA, Flag.END_STREAM, number), data)
        )
        self._out.append(request)
        self.outgoing_bytes += len(request)
        self._meter.data_frames += 1
        stream.send_window -= size
        self.window -= size
        stream.end_queued = True
        stream.state = State.HALF_CLOSED_LOCAL

    def wake(self, stream: Stream) -> None:
        """Queue a stream to send, if it has data and its window is open."""
        if not stream.waiting and stream.queued and stream.send_window > 0:
            stream.waiting = True
            self._senders.append(stream)

    def drop(self, stream: Stream) -> None:
        """Discard what a stream has queued."""
        if stream.queued:
            self.queued_bytes -= sum(map(len, stream.queued))
            stream.queued.clear()
        stream.trailers = None
        if stream.waiting:
            # While the connection's window is closed, nothing else would remove it from the queue.
            stream.waiting = False
            self._senders.remove(stream)

    def drop_all(self) -> None:
        """Discard all queued data."""
        self._senders.clear()
        self.queued_bytes = 0

    def widen(self, increment: int) -> None:
        """Apply WINDOW_UPDATE for the connection (§6.9.1)."""
        self.window += increment
        if self.window > LARGEST_WINDOW:
            raise Http2ConnectionError(
                ErrorCode.FLOW_CONTROL_ERROR, "the connection's window exceeds 2^31-1"
            )

    def widen_stream(self, stream: Stream, increment: int) -> None:
        """Apply WINDOW_UPDATE for a stream (§6.9.1)."""
        stream.send_window += increment
        if stream.send_window > LARGEST_WINDOW:
            raise Http2StreamError(
                stream.stream_id, ErrorCode.FLOW_CONTROL_ERROR, "the window exceeds 2^31-1"
            )
        self.wake(stream)

    def take(self, limit: int = 65_536) -> bytes:
        """Return what may be sent now, at most about `limit` bytes of data."""
        while self._senders and self.window > 0 and self.outgoing_bytes < limit:
            stream = self._senders.popleft()
            stream.waiting = False
            if stream.queued and stream.send_window > 0:
                self._write_turn(stream)
                self.wake(stream)
        if not self._out:
            return b""
        data = b"".join(self._out)
        self._out.clear()
        self.outgoing_bytes = self._control_frames = 0
        return data

    def _write_turn(self, stream: Stream) -> None:
        for _ in range(_FRAMES_PER_TURN):
            if stream.send_window > 0 and self.window > 0:
                self._write_next(stream)

    def _write_next(self, stream: Stream) -> None:
        queued = stream.queued
        if not queued:
            return
        chunk = queued[0]
        size = min(len(chunk), stream.send_window, self.window, self._peer.max_frame_size)
        self.queued_bytes -= size
        if size < len(chunk):
            queued[0] = chunk[size:]
        else:
            queued.popleft()
        bare_end = not queued and stream.end_queued and stream.trailers is None
        self._write_frame(stream, chunk[:size], size, last=bare_end)
        if not queued:
            self._after_data(stream)

    def _after_data(self, stream: Stream) -> None:
        if stream.trailers is not None:
            trailers, stream.trailers = stream.trailers, None
            self.headers(stream, trailers, end_stream=True)
        if stream.on_sent is not None:
            on_sent, stream.on_sent = stream.on_sent, None
            on_sent()

    def _write_frame(
        self, stream: Stream, data: bytes | memoryview, size: int, *, last: bool
    ) -> None:
        flags = Flag.END_STREAM if last else 0
        # Not joined here, so that a large message is copied only once.
        self._out += (pack_header(size << 8 | FrameType.DATA, flags, stream.stream_id), data)
        self.outgoing_bytes += HEADER_SIZE + size
        self._count(stream, size)
        if last:
            self._on_end(stream)

    def _count(self, stream: Stream, size: int) -> None:
        self._meter.data_frames += 1
        stream.send_window -= size
        self.window -= size
