"""A response that arrives whole is one event, and means what its frames mean one by one."""

import itertools
from collections.abc import Iterable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._wire.http2.codes import LARGEST_WINDOW, ErrorCode, FrameType, Role
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
from mirastack_sdk._wire.http2.state import TOP_UP_BELOW
from tests.wire.http2.peers import counts_of, inside
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
    # Its block begins as that of the usual trailers.
    (("grpc-status", "0"), ("x", "y")),
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
            first + usual,
            usual + rst_stream_frame(number, ErrorCode.CANCEL),
        )
        return others[step.kind] if step.kind < len(others) else usual


_STEPS = st.lists(
    st.builds(
        _Step,
        kind=st.integers(0, 40),
        headers=st.sampled_from((0,) * 12 + (1, 2, 3, 4)),
        trailers=st.sampled_from((0,) * 12 + (1, 2, 3, 4)),
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


def _compare(steps: list[_Step], limits: Limits, *, cut: int, at: int, reset: int) -> None:
    """Let both kinds of connection read `cut` steps at a time, and reset a call after each time.

    They come in two reads, of which the first ends with the byte `at`, counted as in slices.
    """
    whole, parts = _client(limits, whole_messages=True), _client(limits, whole_messages=False)
    server = _Server()
    pending = settings_frame([])
    for first in range(0, len(steps) + 1, cut):
        pending += b"".join(map(server.frames, steps[first : first + cut]))
        for read in (pending[:at], pending[at:]):
            assert _in_parts(_read(whole, read)) == _read(parts, read)
        pending = b""
        for client in (whole, parts):
            client.reset(2 * reset + 1)
        assert counts_of(whole) == counts_of(parts)
        assert whole.unfinished_since == parts.unfinished_since
        assert whole.data_to_send(2**20) == parts.data_to_send(2**20)


@given(
    steps=_STEPS,
    cut=st.integers(1, 20),
    at=st.integers(-150, 150),
    window=st.sampled_from((0, 100, 65_535, 100_000)),
    effort=st.sampled_from((20, 2_000)),
    reset=st.integers(0, 12),
)
def test_means_the_same(
    steps: list[_Step], cut: int, at: int, window: int, effort: int, reset: int
) -> None:
    """Both ways of reading lead to the same events, bytes, windows and streams."""
    limits = Limits(initial_window=window, max_effort_per_turn=effort)
    _compare(steps, limits, cut=cut, at=at, reset=reset)


@pytest.mark.parametrize("kind", range(15))
def test_means_the_same_after_known_headers(kind: int) -> None:
    """The same holds for each kind of response whose headers the client has seen before.

    Each comes to every call: to one whose request goes on, and to one with many responses, too.
    """
    usual = _Step(99, 0, 0, 14, 2)
    for headers, trailers, before in itertools.product((0, 1, 2), (0, 1, 3, 4), range(2, 9)):
        odd = _Step(kind, headers, trailers, 14, 2)
        steps = [*[usual] * before, odd, usual]
        for cut in (1, 20):
            _compare(steps, Limits(), cut=cut, at=0, reset=23)


@pytest.mark.parametrize("trailers", [0, 4])
def test_means_the_same_wherever_a_read_ends(trailers: int) -> None:
    """A response may be cut behind each of its bytes."""
    usual, last = _Step(99, 0, 0, 14, 2), _Step(99, 0, trailers, 14, 2)
    for at in range(len(_Server().frames(last))):
        _compare([usual, usual, usual, last], Limits(), cut=1, at=-at, reset=23)


def test_many_in_one_read_take_turns() -> None:
    """A read full of them does not keep other connections waiting."""
    client = Connection(Role.CLIENT, Limits(max_effort_per_turn=80), whole_messages=True)
    for _ in range(17):
        client.request(request_headers(0, 0), end_stream=True)
    server, usual = _Server(), _Step(99, 0, 0, 14, 2)
    client.receive(settings_frame([]), 0.0)
    for _ in range(2):
        client.receive(server.frames(usual), 0.0)
    turns = [len(client.receive(b"".join(server.frames(usual) for _ in range(15)), 0.0))]
    while client.has_unread_frames:
        turns.append(len(client.receive(b"", 0.0)))
    # Each takes an effort of 17.
    assert turns == [5, 5, 5]


def test_the_window_of_the_connection_is_kept_open() -> None:
    """It is widened before it is half used up, by whole responses alone (RFC 9113 §6.9.1)."""
    client, server = _client(Limits(), whole_messages=True), _Server()
    client.receive(settings_frame([]) + server.frames(_Step(99, 0, 0, 14, 2)), 0.0)
    client.data_to_send(2**20)
    state = inside(client)
    state.receive_window = TOP_UP_BELOW + 199
    for _ in range(2):
        client.receive(server.frames(_Step(99, 0, 0, 100, 2)), 0.0)
    assert state.receive_window == LARGEST_WINDOW
    widened = LARGEST_WINDOW - TOP_UP_BELOW + 1
    assert client.data_to_send(2**20) == window_update_frame(0, widened)
