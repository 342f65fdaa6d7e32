"""The h2 library as a peer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    PingAckReceived,
    RequestReceived,
    ResponseReceived,
    SettingsAcknowledged,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import StreamClosedError
from h2.settings import SettingCodes

from mirastack_sdk._wire.http2.codes import PREFACE, ErrorCode, Role
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.frames import HEADER_SIZE, unpack_header
from tests.wire.http2.peers import Peer

# What `tune` may set; the rest of its choices are not settings.
TUNABLE = (
    SettingCodes.INITIAL_WINDOW_SIZE,
    SettingCodes.MAX_FRAME_SIZE,
    SettingCodes.HEADER_TABLE_SIZE,
    SettingCodes.MAX_CONCURRENT_STREAMS,
)
_LEAST = {SettingCodes.MAX_FRAME_SIZE: 16_384, SettingCodes.MAX_CONCURRENT_STREAMS: 1}
_WIDE = 2**20


@dataclass(slots=True)
class _Outgoing:
    """Data that waits for a window, since h2 does not queue it."""

    body: bytearray = field(default_factory=bytearray)
    padding: int = 0
    ended: bool = False
    trailers: Headers | None = None


class H2Peer(Peer):
    """h2 with a queue of outgoing data, which it leaves to its user."""

    def __init__(self, role: Role, settings: dict[SettingCodes | int, int], *, eager: bool) -> None:
        super().__init__(role, eager=eager)
        config = H2Configuration(
            client_side=role is Role.CLIENT,
            header_encoding=False,
            normalize_inbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.http2 = H2Connection(config)
        self.http2.initiate_connection()
        # h2 announces initial settings as if the other side knew them already. Sent as a change,
        # they hold only from the acknowledgement on.
        self.http2.data_to_send()
        self._preface = PREFACE if role is Role.CLIENT else b""
        self.http2.update_settings(settings)
        self._settings_acknowledged = False
        self._outgoing: dict[int, _Outgoing] = {}
        self._unread: dict[int, int] = {}
        self._frames = _FrameCutter(preface=role is Role.SERVER)

    def start(self, headers: Headers, *, end: bool) -> int | None:
        http2 = self.http2
        if http2.open_outbound_streams >= http2.remote_settings.max_concurrent_streams:
            return None
        stream_id = http2.get_next_available_stream_id()
        http2.send_headers(stream_id, _raw(headers), end_stream=end)
        return stream_id

    def send_headers(self, stream_id: int, headers: Headers, *, end: bool) -> None:
        outgoing = self._outgoing.get(stream_id)
        if outgoing is None:
            self.http2.send_headers(stream_id, _raw(headers), end_stream=end)
        else:
            outgoing.trailers = headers

    def send_data(self, stream_id: int, data: bytes, *, padding: int, end: bool) -> None:
        outgoing = self._outgoing.setdefault(stream_id, _Outgoing())
        outgoing.body += data
        outgoing.padding = padding
        outgoing.ended = end
        if not data and not end and not outgoing.body:
            self.http2.send_data(stream_id, b"")
        self._flush(stream_id)

    def reset(self, stream_id: int, code: ErrorCode) -> bool:
        self._outgoing.pop(stream_id, None)
        try:
            self.http2.reset_stream(stream_id, code)
        except StreamClosedError:
            return False
        return True

    def send_ping(self, payload: bytes) -> None:
        self.http2.ping(payload)

    def read(self, stream_id: int) -> None:
        size = self._unread.pop(stream_id, 0)
        if size:
            self.http2.acknowledge_received_data(size, stream_id)

    def open_wide(self, stream_id: int) -> None:
        self.read(stream_id)
        room = self.receive_window(0)
        assert room is not None
        if room < _WIDE:
            self.http2.increment_flow_control_window(_WIDE - room)
        room = self.receive_window(stream_id)
        if room is not None and room < _WIDE:
            self.http2.increment_flow_control_window(_WIDE - room, stream_id)

    def tune(self, choice: int, value: int) -> None:
        if choice < len(TUNABLE):
            # A second change before the first is acknowledged confuses h2, not its peer.
            if self._settings_acknowledged:
                setting = TUNABLE[choice]
                self._settings_acknowledged = False
                self.http2.update_settings({setting: max(value, _LEAST.get(setting, 0))})
            return
        live = [stream_id for stream_id, one in self.conversations.items() if not one.is_over]
        if choice == len(TUNABLE):
            self.http2.encoder.header_table_size = value % 4097
        elif not live:
            return
        elif self.role is Role.CLIENT:
            self.http2.prioritize(live[value % len(live)], weight=1 + value % 256)
        elif (stream_id := live[value % len(live)]) not in self._replied():
            self.http2.send_headers(stream_id, [(b":status", b"103")])

    def receive(self, data: bytes, now: float) -> None:
        for piece in self._frames.cut(data):
            for event in self.http2.receive_data(piece):
                self._note(event)
        for stream_id in list(self._outgoing):
            self._flush(stream_id)

    def take(self, limit: int) -> bytes:
        preface, self._preface = self._preface, b""
        return preface + self.http2.data_to_send()

    def send_window(self, stream_id: int) -> int | None:
        if not stream_id:
            return self.http2.outbound_flow_control_window
        stream = self.http2.streams.get(stream_id)
        return None if stream is None or stream.closed else stream.outbound_flow_control_window

    def receive_window(self, stream_id: int) -> int | None:
        if not stream_id:
            return self.http2.inbound_flow_control_window
        stream = self.http2.streams.get(stream_id)
        return None if stream is None or stream.closed else stream.inbound_flow_control_window

    @property
    def open_streams(self) -> int:
        return self.http2.open_inbound_streams + self.http2.open_outbound_streams

    @property
    def takes_late_trailers(self) -> bool:
        """A server takes them for a request, and limits those."""
        limit = self.http2.local_settings.max_concurrent_streams
        return self.role is Role.CLIENT or (self._settings_acknowledged and limit >= 100)

    def say_goodbye(self, code: ErrorCode, reason: str) -> None:
        self.http2.close_connection(code, reason.encode())

    def _replied(self) -> set[int]:
        return {number for number, one in self.conversations.items() if one.said.headers}

    def _flush(self, stream_id: int) -> None:
        outgoing = self._outgoing[stream_id]
        while outgoing.body and (room := self._room(stream_id)) > 0:
            padding = outgoing.padding if room > outgoing.padding + 1 else None
            size = min(room - (padding + 1 if padding is not None else 0), len(outgoing.body))
            data = bytes(outgoing.body[:size])
            del outgoing.body[:size]
            last = outgoing.ended and not outgoing.body and outgoing.trailers is None
            self.http2.send_data(stream_id, data, end_stream=last, pad_length=padding)
            if last:
                outgoing.ended = False
        if outgoing.body:
            return
        del self._outgoing[stream_id]
        if outgoing.trailers is not None:
            self.http2.send_headers(stream_id, _raw(outgoing.trailers), end_stream=True)
        elif outgoing.ended:
            self.http2.end_stream(stream_id)

    def _room(self, stream_id: int) -> int:
        http2 = self.http2
        return min(http2.local_flow_control_window(stream_id), http2.max_outbound_frame_size)

    def _note(self, event: Event) -> None:
        match event:
            case RequestReceived() | ResponseReceived():
                self.heard_headers(event.stream_id, _text(event.headers))
            case TrailersReceived():
                self.heard_end(event.stream_id, _text(event.headers))
            case DataReceived():
                unread = self._unread.get(event.stream_id, 0)
                self._unread[event.stream_id] = unread + event.flow_controlled_length
                self.heard_data(event.stream_id, event.data)
            case StreamEnded():
                if not self.conversations[event.stream_id].heard.ended:
                    self.heard_end(event.stream_id)
            case StreamReset(remote_reset=True):
                self._outgoing.pop(event.stream_id, None)
                self.heard_reset(event.stream_id, int(event.error_code or 0))
            case PingAckReceived():
                self.pongs.append(event.ping_data)
            case SettingsAcknowledged():
                self._settings_acknowledged = True
            case ConnectionTerminated():
                reason = (event.additional_data or b"").decode()
                self.goaways.append((event.last_stream_id or 0, int(event.error_code or 0), reason))
            case _:
                pass


class _FrameCutter:
    """Cuts received bytes at the ends of frames too.

    h2 applies a new MAX_FRAME_SIZE only between two calls of `receive_data`.
    """

    def __init__(self, *, preface: bool) -> None:
        self._left = len(PREFACE) if preface else 0
        self._head = b""

    def cut(self, data: bytes) -> Iterator[bytes]:
        while data:
            if not self._left:
                needed = HEADER_SIZE - len(self._head)
                self._head += data[:needed]
                yield data[:needed]
                data = data[needed:]
                if len(self._head) == HEADER_SIZE:
                    self._left, self._head = unpack_header(self._head, 0)[0] >> 8, b""
                continue
            piece = data[: self._left]
            self._left -= len(piece)
            data = data[len(piece) :]
            yield piece


def _raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _text(headers: Iterable[tuple[object, object]]) -> Headers:
    return tuple((_latin(name), _latin(value)) for name, value in headers)


def _latin(value: object) -> str:
    assert isinstance(value, bytes)
    return value.decode("latin-1")
