"""A response that arrives whole is one event, and means what its frames mean one by one."""

from collections.abc import Iterable
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._wire.http2.codes import ErrorCode, FrameType, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    DataReceived,
    Event,
    HeadersReceived,
    ResponseReceived,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.frames import (
    HeaderWriter,
    frame,
    goaway_frame,
    header_frames,
    rst_stream_frame,
    settings_frame,
    window_update_frame,
)
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.programs import request_headers
from tests.wire.http2.short_frames import END_HEADERS, END_STREAM, PADDED, data

_LAST = END_HEADERS | END_STREAM
# A literal with incremental indexing, which changes what later blocks mean (RFC 7541 §6.2.1).
_INDEXED = b"\x40\x01a\x01b"
_CONTENT_TYPE = ("content-type", "application/grpc")
_HEADERS = (
    ((":status", "200"), _CONTENT_TYPE),
    ((":status", "200"), ("content-length", "14")),
    ((":status", "103"), _CONTENT_TYPE),
    (_CONTENT_TYPE,),
    ((":status", "200"), *(("x", "y") for _ in range(101))),
)
_TRAILERS = (
    (("grpc-status", "0"),),
    (("grpc-status", "5"), ("grpc-message", "none")),
    ((":status", "200"),),
    (),
)


class _Step(NamedTuple):
    """One thing that a server sends: `kind` says what, the others how."""

    kind: int
    headers: int
    trailers: int
    size: int
    jump: int


class _Server:
    """Sends what steps say; most of it is responses of the usual kind."""

    def __init__(self) -> None:
        self._writer = HeaderWriter()
        self._stream_id = 1

    def frames(self, step: _Step) -> bytes:
        """Return the bytes of one step."""
        number, body = self._stream_id, bytes(step.size)
        self._stream_id += step.jump
        block = self._writer.write(_HEADERS[step.headers])
        first = header_frames(number, block, 16_384, end_stream=False)
        ending = self._writer.write(_TRAILERS[step.trailers])
        last = header_frames(number, ending, 16_384, end_stream=True)
        usual, message = first + data(number, body) + last, data(number, body)
        padded = frame(FrameType.DATA, PADDED, number, b"\x02" + body + bytes(2))
        others = (
            first + message + message + last,
            first + data(number, body, ended=True),
            header_frames(number, block, 16_384, end_stream=True),
            first + data(number + 2, body) + last,
            first + padded + last,
            first + message + frame(FrameType.HEADERS, 0, number, ending),
            header_frames(number, block + _INDEXED, 16_384, end_stream=False) + message + last,
            goaway_frame(number, ErrorCode.NO_ERROR, "") + usual,
            first + message + rst_stream_frame(number, ErrorCode.CANCEL),
            window_update_frame(number, 1) + usual,
            first + message + frame(FrameType.HEADERS, _LAST, number + 2, ending),
            frame(FrameType.HEADERS, 0, number, block) + usual,
        )
        return others[step.kind] if step.kind < len(others) else usual


_STEPS = st.lists(
    st.builds(
        _Step,
        kind=st.integers(0, 40),
        headers=st.sampled_from((0,) * 12 + (1, 2, 3, 4)),
        trailers=st.sampled_from((0,) * 12 + (1, 2, 3)),
        size=st.sampled_from((14,) * 4 + (0, 1, 100, 101, 16_384, 16_385)),
        jump=st.sampled_from((2,) * 12 + (0, 1, 4)),
    ),
    max_size=20,
)


def _in_parts(events: Iterable[Event]) -> list[Event]:
    """Return what the events of a connection are that knows no whole responses."""
    parts: list[Event] = []
    for event in events:
        if isinstance(event, ResponseReceived):
            parts.append(HeadersReceived(event.stream_id, event.headers, ended=False))
            parts.append(DataReceived(event.stream_id, event.data, ended=False))
            parts.append(TrailersReceived(event.stream_id, event.trailers))
        else:
            parts.append(event)
    return parts


def _read(client: Connection, pending: bytes) -> list[Event]:
    """Return the events of one read, over as many turns as they take."""
    events = client.receive(pending, 0.0)
    while client.has_unread_frames:
        events += client.receive(b"", 0.0)
    return events


def _client(limits: Limits, *, whole_messages: bool) -> Connection:
    """Return a client that waits for the responses to 24 calls."""
    client = Connection(Role.CLIENT, limits, whole_messages=whole_messages)
    for number in range(24):
        client.request(
            request_headers(0, 0), end_stream=number % 8 != 7, is_sequence=not number % 6
        )
    return client


@given(
    steps=_STEPS,
    cut=st.integers(1, 20),
    window=st.sampled_from((0, 100, 65_535, 100_000)),
    effort=st.sampled_from((20, 2_000)),
    reset=st.integers(0, 12),
)
def test_means_the_same(steps: list[_Step], cut: int, window: int, effort: int, reset: int) -> None:
    """Both ways of reading lead to the same events, bytes, windows and streams."""
    limits = Limits(initial_window=window, max_effort_per_turn=effort)
    whole, parts = _client(limits, whole_messages=True), _client(limits, whole_messages=False)
    server = _Server()
    pending = settings_frame([])
    for first in range(0, len(steps) + 1, cut):
        pending += b"".join(map(server.frames, steps[first : first + cut]))
        assert _in_parts(_read(whole, pending)) == _read(parts, pending)
        pending = b""
        for client in (whole, parts):
            client.reset(2 * reset + 1)
        assert whole.open_streams == parts.open_streams
        assert whole.unfinished_since == parts.unfinished_since
        assert whole.data_to_send(2**20) == parts.data_to_send(2**20)


def test_is_one_event() -> None:
    """From the third response with the same headers on, at the latest, a response is one event."""
    client = Connection(Role.CLIENT, whole_messages=True)
    for _ in range(4):
        client.request(request_headers(0, 0), end_stream=True)
    server = _Server()
    client.receive(settings_frame([]), 0.0)
    responses = [server.frames(_Step(99, 0, 0, 14, 2)) for _ in range(4)]
    kinds = [[type(event) for event in client.receive(one, 0.0)] for one in responses]
    assert kinds[0] == [HeadersReceived, DataReceived, TrailersReceived]
    assert kinds[2:] == [[ResponseReceived]] * 2
