"""A request that arrives whole is one event, and means what its frames mean one by one."""

import itertools
from collections.abc import Iterable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._wire.http2.codes import (
    LARGEST_WINDOW,
    PREFACE,
    ErrorCode,
    FrameType,
    Role,
)
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    DataReceived,
    Event,
    HeadersReceived,
    RequestReceived,
)
from mirastack_sdk._wire.http2.frames import (
    HeaderWriter,
    frame,
    header_frames,
    rst_stream_frame,
    settings_frame,
    window_update_frame,
)
from mirastack_sdk._wire.http2.limits import Limits, Rate
from mirastack_sdk._wire.http2.state import TOP_UP_BELOW
from tests.wire.http2.peers import counts_of, inside
from tests.wire.http2.programs import request_headers
from tests.wire.http2.short_frames import END_HEADERS, END_STREAM, PADDED, data

_SEQUENCE = "/mirastack.plugin.v1.PluginService/Method2"
# A literal with incremental indexing, which changes what later blocks mean (RFC 7541 §6.2.1).
_INDEXED = b"\x40\x01a\x01b"
_ANSWER = ((":status", "200"),)
_TRAILERS = (("grpc-status", "0"),)


class _Step(NamedTuple):
    """One thing that a client sends: `kind` says what, the others how."""

    kind: int
    jump: int
    headers: int
    size: int


class _Client:
    """Sends what steps say; most of it is requests of the usual kind."""

    def __init__(self) -> None:
        self._writer = HeaderWriter()
        self._stream_id = 101

    def frames(self, step: _Step) -> bytes:
        """Return the bytes of one step."""
        number, body = self._stream_id, bytes(step.size)
        self._stream_id += step.jump
        headers = self._headers(number, step)
        match step.kind:
            case 0:
                return headers + data(number, body)
            case 1:
                ending = frame(FrameType.HEADERS, END_HEADERS | END_STREAM, number, b"")
                return headers + data(number, body) + ending
            case 2:
                return headers + data(number + 2, body, ended=True)
            case 3:
                padded = b"\x02" + body + bytes(2)
                return headers + frame(FrameType.DATA, PADDED | END_STREAM, number, padded)
            case _:
                return self._more_frames(number, step, headers + data(number, body, ended=True))

    def _more_frames(self, number: int, step: _Step, request: bytes) -> bytes:
        match step.kind:
            case 4:
                return window_update_frame(number, 1 + step.size) + request
            case 5:
                block = self._block(step) + _INDEXED
                opening = header_frames(number, block, 16_384, end_stream=False)
                return opening + data(number, bytes(step.size), ended=True)
            case 6:
                return frame(FrameType.HEADERS, 0, number, self._block(step))
            case 7:
                return request + rst_stream_frame(number, ErrorCode.CANCEL)
            case _:
                return request

    def _headers(self, number: int, step: _Step) -> bytes:
        return header_frames(number, self._block(step), 16_384, end_stream=False)

    def _block(self, step: _Step) -> bytes:
        length = (("content-length", str(step.headers)),) if step.headers > 12 else ()
        return self._writer.write((*request_headers(step.headers, step.headers), *length))


_STEPS = st.lists(
    st.builds(
        _Step,
        kind=st.integers(0, 30),
        jump=st.sampled_from((2,) * 12 + (0, 1, 4, -2)),
        headers=st.sampled_from((0,) * 8 + (1, 2, 5, 6, 14, 14)),
        size=st.sampled_from((0, 1, 5, 14, 100, 101, 16_384, 16_385, 65_535)),
    ),
    max_size=20,
)
_LIMITS = st.builds(
    Limits,
    max_concurrent_streams=st.sampled_from((2, 100)),
    initial_window=st.sampled_from((0, 100, 65_535, 100_000)),
    max_effort_per_turn=st.sampled_from((20, 2_000)),
)


def _in_parts(events: Iterable[Event]) -> list[Event]:
    """Return what the events of a connection are that knows no whole requests."""
    parts: list[Event] = []
    for event in events:
        if isinstance(event, RequestReceived):
            parts.append(HeadersReceived(event.stream_id, event.headers, ended=False))
            parts.append(DataReceived(event.stream_id, event.data, ended=True))
        else:
            parts.append(event)
    return parts


def _answer(server: Connection, events: list[Event]) -> bytes:
    """Answer every request that is complete, and return what the server sends."""
    for event in events:
        if isinstance(event, DataReceived) and event.ended and server.is_open(event.stream_id):
            server.send_message(event.stream_id, _ANSWER, (event.data + b"!",), _TRAILERS)
    return server.data_to_send(65_536)


def _read(server: Connection, pending: bytes, now: float) -> list[Event]:
    """Return the events of one read, over as many turns as they take."""
    events = server.receive(pending, now)
    while server.has_unread_frames:
        events += server.receive(b"", now)
    return events


def _compare(
    steps: list[_Step],
    limits: Limits,
    *,
    cut: int,
    at: int = 0,
    acknowledged: bool,
    answered: bool,
    last: int,
) -> None:
    """Let both kinds of connection read `cut` steps at a time, and drain after the `last` one.

    They come in two reads, of which the first ends with the byte `at`, counted as in slices.
    """
    whole = Connection(Role.SERVER, limits, sequences={_SEQUENCE}, whole_messages=True)
    parts = Connection(Role.SERVER, limits, sequences={_SEQUENCE})
    client = _Client()
    acknowledgement = frame(FrameType.SETTINGS, 1, 0, b"") if acknowledged else b""
    pending = PREFACE + settings_frame([]) + acknowledgement
    for number in range(0, len(steps) + cut, cut):
        pending += b"".join(map(client.frames, steps[number : number + cut]))
        if number >= last:
            whole.finish_draining()
            parts.finish_draining()
        events: list[Event] = []
        for read in (pending[:at], pending[at:]):
            came = _in_parts(_read(whole, read, float(number)))
            assert came == _read(parts, read, float(number))
            events += came
        pending = b""
        if answered:
            assert _answer(whole, events) == _answer(parts, events)
        assert counts_of(whole) == counts_of(parts)
        assert whole.unfinished_since == parts.unfinished_since
    assert whole.data_to_send(2**20) == parts.data_to_send(2**20)


@given(
    steps=_STEPS,
    limits=_LIMITS,
    cut=st.integers(1, 40),
    at=st.integers(-150, 150),
    acknowledged=st.booleans(),
    answered=st.booleans(),
    last=st.integers(0, 30),
)
def test_means_the_same(
    steps: list[_Step],
    limits: Limits,
    cut: int,
    at: int,
    acknowledged: bool,
    answered: bool,
    last: int,
) -> None:
    """Both ways of reading lead to the same events, bytes, windows and budgets."""
    _compare(steps, limits, cut=cut, at=at, acknowledged=acknowledged, answered=answered, last=last)


def test_means_the_same_wherever_a_read_ends() -> None:
    """A request may be cut behind each of its bytes."""
    steps = [_Step(9, 2, 0, 13)] * 4
    for at in range(len(_Client().frames(steps[0]))):
        _compare(steps, Limits(), cut=1, at=-at, acknowledged=True, answered=True, last=30)


def test_the_window_of_the_connection_is_kept_open() -> None:
    """It is widened before it is half used up, by whole requests alone (RFC 9113 §6.9.1)."""
    server = Connection(Role.SERVER, whole_messages=True)
    server.receive(PREFACE + settings_frame([]), 0.0)
    server.data_to_send(2**20)
    state, client = inside(server), _Client()
    state.receive_window = TOP_UP_BELOW + 299
    for _ in range(3):
        server.receive(client.frames(_Step(9, 2, 0, 100)), 0.0)
    assert state.receive_window == LARGEST_WINDOW
    widened = LARGEST_WINDOW - TOP_UP_BELOW + 1
    assert server.data_to_send(2**20) == window_update_frame(0, widened)


@pytest.mark.parametrize("whole_messages", [True, False], ids=["whole", "in parts"])
def test_many_headers_use_up_a_budget(*, whole_messages: bool) -> None:
    """Indexed headers are cheap to send, so requests with many of them end the connection."""
    limits = Limits(many_headers=Rate(burst=30, per_second=0, per_data_frame=0))
    server = Connection(Role.SERVER, limits, whole_messages=whole_messages)
    server.receive(PREFACE + settings_frame([]), 0.0)
    block = HeaderWriter().write((*request_headers(0, 0), *(("a", "b"),) * 150))
    ended = [_is_ended_by(server, number, block) for number in range(1, 21, 2)]
    # Each takes 9 of 30.
    assert ended == [False] * 3 + [True] * 7


def _is_ended_by(server: Connection, number: int, block: bytes) -> bool:
    opening = header_frames(number, block, 16_384, end_stream=False)
    server.receive(opening + data(number, b"", ended=True), 0.0)
    return server.ended


def test_many_in_one_read_take_turns() -> None:
    """A read full of them does not keep other connections waiting."""
    server = Connection(Role.SERVER, Limits(max_effort_per_turn=80), whole_messages=True)
    client = _Client()
    usual = _Step(9, 2, 0, 100)
    server.receive(PREFACE + settings_frame([]), 0.0)
    for _ in range(2):
        server.receive(client.frames(usual), 0.0)
    turns = [len(server.receive(b"".join(client.frames(usual) for _ in range(30)), 0.0))]
    while server.has_unread_frames:
        turns.append(len(server.receive(b"", 0.0)))
    # Each takes an effort of 8.
    assert turns == [11, 11, 8]


@pytest.mark.parametrize("kind", range(10))
@pytest.mark.parametrize("last", [2, 30])
def test_means_the_same_after_known_headers(kind: int, last: int) -> None:
    """The same holds for each kind of request whose headers the server has seen before."""
    for headers, size, jump in itertools.product((0, 2, 13), (13, 101, 16_385), (0, 1, 2)):
        usual = _Step(9, 2, headers, 13)
        odd = [_Step(9, jump, headers, 13), _Step(kind, 2, headers, size)]
        for cut in (1, 2, 10):
            steps = [usual, usual, *odd, usual]
            for limits in (Limits(), Limits(max_concurrent_streams=3, initial_window=100)):
                _compare(steps, limits, cut=cut, acknowledged=True, answered=True, last=last)


@pytest.mark.parametrize(("headers", "size"), [(0, 100), (14, 14)], ids=["usual", "with length"])
def test_is_one_event(headers: int, size: int) -> None:
    """From the second request with the same headers on, a whole request is one event."""
    server = Connection(Role.SERVER, whole_messages=True)
    server.receive(PREFACE + settings_frame([]), 0.0)
    client = _Client()
    requests = [client.frames(_Step(9, 2, headers, size)) for _ in range(4)]
    kinds = [[type(event) for event in server.receive(request, 0.0)] for request in requests]
    assert kinds[0] == [HeadersReceived, DataReceived]
    assert kinds[2:] == [[RequestReceived]] * 2
