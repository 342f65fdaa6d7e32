"""Floods: each ends with ENHANCE_YOUR_CALM, after little work, and leaves nothing behind."""

import itertools
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from mirastack_sdk._wire.http2.codes import LARGEST_WINDOW, ErrorCode, FrameType, Role, Setting
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.frames import (
    SETTINGS_ACK,
    frame,
    goaway_frame,
    rst_stream_frame,
    settings_frame,
    window_update_frame,
)
from tests.wire.http2.flooding import (
    END_HEADERS,
    PADDED,
    REQUEST,
    Attack,
    data,
    introduced,
    request,
    withstand,
)
from tests.wire.http2.programs import request_headers

type Pieces = Callable[[], Iterator[bytes]]

_MEGABYTE = 2**20
_LONGEST = 0.1
# Twice the burst of the budget in question: what time has earned comes on top.
_RESETS = _USELESS = _PINGS = 2_100


def _forever(piece: bytes) -> Iterator[bytes]:
    return itertools.repeat(piece)


def _streams(*frames: Callable[[int], bytes]) -> Iterator[bytes]:
    """One piece for each new stream, of these frames."""
    for stream_id in itertools.count(1, 2):
        yield b"".join(make(stream_id) for make in frames)


def _behind(first: bytes, then: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from then


_cancel = partial(rst_stream_frame, code=ErrorCode.CANCEL)
_ended_request = partial(request, ended=True)
_PING = frame(FrameType.PING, 0, 0, b"12345678")
_PING_ACK = frame(FrameType.PING, 0x1, 0, b"12345678")
_PRIORITY = frame(FrameType.PRIORITY, 0, 1, b"\0\0\0\0\x10")
_BARE_HEADERS = frame(FrameType.HEADERS, 0, 1, REQUEST)
_PADDED_BYTE = frame(FrameType.DATA, PADDED, 1, b"\xff" + b"x" + bytes(255))
_THOUSAND_FIELDS = REQUEST + b"\x90" * 1_000
_HUNDREDS_OF_LITERALS = REQUEST + b"\0\x01a\0" * 1_900
# Fills the dynamic table with one value, then names it over and over.
_LONG_FIELD = b"\x40\x01a" + b"\x7f\xa1\x1e" + b"v" * 4_000
_BOMB = _LONG_FIELD + b"\xbe" * 12_000


def _one_byte_each() -> Iterator[bytes]:
    """A hundred streams in turn: none has many small frames, all have too many."""
    for start in itertools.count(0):
        numbers = range(1 + start * 200, 201 + start * 200, 2)
        yield b"".join(map(request, numbers))
        for _ in range(1_000):
            yield b"".join(data(number, b"x") for number in numbers)


# Each with how many pieces may be taken before it ends.
_ON_A_SERVER: dict[str, tuple[Pieces, int]] = {
    "rapid reset": (lambda: _streams(request, _cancel), _RESETS),
    "reset of closed": (
        lambda: _behind(request(1) + _cancel(1), _forever(_cancel(1))),
        _RESETS,
    ),
    "too many streams": (lambda: _streams(request), 1_000 + _RESETS),
    "empty CONTINUATION": (
        lambda: _behind(_BARE_HEADERS, _forever(frame(FrameType.CONTINUATION, 0, 1, b""))),
        66,
    ),
    "short CONTINUATION": (
        lambda: _behind(_BARE_HEADERS, _forever(frame(FrameType.CONTINUATION, 0, 1, b"\x90"))),
        66,
    ),
    "long CONTINUATION": (
        lambda: _behind(
            _BARE_HEADERS, _forever(frame(FrameType.CONTINUATION, 0, 1, bytes(16_384)))
        ),
        6,
    ),
    "empty DATA": (lambda: _behind(request(1), _forever(data(1, b""))), _USELESS),
    "DATA of one byte": (lambda: _behind(request(1), _forever(data(1, b"x"))), _USELESS),
    "DATA of one byte, many streams": (_one_byte_each, 60),
    "padded byte": (lambda: _behind(request(1), _forever(_PADDED_BYTE)), _USELESS),
    "DATA on closed": (
        lambda: _behind(request(1) + _cancel(1), _forever(data(1, b"x"))),
        _RESETS,
    ),
    "PRIORITY": (lambda: _forever(_PRIORITY), _USELESS),
    "window of a stream": (
        lambda: _behind(request(1), _forever(window_update_frame(1, 1))),
        21_000,
    ),
    "window of closed": (
        lambda: _behind(request(1) + _cancel(1), _forever(window_update_frame(1, 1))),
        21_000,
    ),
    "header bomb": (lambda: _streams(partial(request, block=_BOMB)), 1),
    "thousand fields": (lambda: _streams(partial(request, block=_THOUSAND_FIELDS)), 40),
    "literals": (lambda: _streams(partial(request, block=_HUNDREDS_OF_LITERALS)), 20),
    # What makes us send RST_STREAM ("made you reset").
    "zero WINDOW_UPDATE": (
        lambda: _streams(request, partial(window_update_frame, increment=0)),
        _RESETS,
    ),
    "window overflow": (
        lambda: _streams(request, partial(window_update_frame, increment=LARGEST_WINDOW)),
        _RESETS,
    ),
    "DATA behind the end": (
        lambda: _streams(_ended_request, partial(data, content=b"x")),
        _RESETS,
    ),
    "malformed request": (lambda: _streams(partial(request, block=b"\x83")), _RESETS),
    "PRIORITY of a wrong size": (
        lambda: _streams(request, lambda number: frame(FrameType.PRIORITY, 0, number, b"")),
        _RESETS,
    ),
    "trailers without an end": (lambda: _streams(request, partial(request, block=b"")), _RESETS),
}

_ON_BOTH: dict[str, tuple[Pieces, int]] = {
    "SETTINGS": (lambda: _forever(settings_frame(())), 220),
    "SETTINGS acknowledgement": (lambda: _forever(SETTINGS_ACK), 220),
    "settings of a frame": (
        lambda: _forever(settings_frame([(Setting.INITIAL_WINDOW_SIZE, 1)] * 2_730)),
        1,
    ),
    "PING": (lambda: _forever(_PING), _PINGS),
    "PING acknowledgement": (lambda: _forever(_PING_ACK), _PINGS),
    "unknown frames": (lambda: _forever(frame(0xBB, 0, 0, b"")), _USELESS),
    "window of the connection": (lambda: _forever(window_update_frame(0, 1)), 21_000),
    "GOAWAY": (lambda: _forever(goaway_frame(1, ErrorCode.NO_ERROR, "")), _USELESS),
}


def _end(server: Connection, stream_id: int) -> None:
    """Answer where the request has ended, as a rejection or a quick call is answered."""
    if stream_id % 4 == 1 and server.is_open(stream_id):
        server.send_headers(stream_id, ((":status", "200"),), end_stream=True)


def _check(attack: Callable[[], Attack], most: int, *, longest: float = _LONGEST) -> None:
    outcome = withstand(attack, most=most)
    assert outcome.code is ErrorCode.ENHANCE_YOUR_CALM
    assert outcome.longest < longest
    assert outcome.memory < 40 * _MEGABYTE


@pytest.mark.parametrize("name", _ON_A_SERVER)
def test_a_server_stops_a_flood(name: str) -> None:
    """Over budget a client is told to calm down: soon, in little time, and with little memory."""
    pieces, most = _ON_A_SERVER[name]
    _check(lambda: Attack(introduced(Role.SERVER), pieces(), answer=_end), most)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", _ON_BOTH)
def test_either_role_stops_a_flood(name: str, role: Role) -> None:
    """What needs no stream is held back in both directions."""
    pieces, most = _ON_BOTH[name]
    _check(lambda: Attack(introduced(role), pieces()), most)


@pytest.mark.parametrize("name", ["PING", "padded byte", "malformed request"])
def test_a_peer_that_does_not_read_is_stopped_at_a_thousand_answers(name: str) -> None:
    """Answers that nobody takes must not pile up: the bound of control frames ends it first."""
    pieces, _ = {**_ON_A_SERVER, **_ON_BOTH}[name]
    _check(lambda: Attack(introduced(Role.SERVER), pieces(), reads=False), 1_010)


def test_a_server_stops_flips_of_the_window_with_a_thousand_open_streams() -> None:
    """INITIAL_WINDOW_SIZE costs in the number of streams: each frame once, and few frames."""
    reply = bytes(70_000)
    flips = [
        settings_frame([(Setting.INITIAL_WINDOW_SIZE, size) for size in (1 - last, last)] * 16)
        for last in (0, 1)
    ]

    def attack() -> Attack:
        server = introduced(Role.SERVER)
        for number in range(1, 2_001, 2):
            server.receive(request(number, ended=True), 0.0)
            server.send_headers(number, ((":status", "200"),))
            server.send_data(number, reply, end_stream=True)
        assert server.open_streams == 1_000
        return Attack(server, itertools.cycle(flips))

    _check(attack, 220, longest=0.1)


def test_a_server_stops_headers_on_a_stream_that_it_has_reset() -> None:
    """What crosses a reset is in order, but no more than could have been on its way."""

    def attack() -> Attack:
        server = introduced(Role.SERVER)
        server.receive(request(1), 0.0)
        server.reset(1)
        return Attack(server, _forever(request(1)))

    _check(attack, _USELESS)


def test_a_server_stops_requests_behind_its_goaway() -> None:
    """Requests that a leaving server ignores are no way to keep it busy."""

    def attack() -> Attack:
        server = introduced(Role.SERVER)
        server.leave()
        server.receive(frame(FrameType.PING, 0x1, 0, b"draining"), 0.0)
        return Attack(server, _streams(_ended_request))

    _check(attack, _USELESS)


def test_a_client_stops_endless_informational_responses() -> None:
    """A response may be announced, but not for ever."""

    def attack() -> Attack:
        client = introduced(Role.CLIENT)
        client.request(request_headers(0, 0))
        early = frame(FrameType.HEADERS, END_HEADERS, 1, b"\x08\x03103")
        return Attack(client, _forever(early))

    _check(attack, _USELESS)


def test_replies_behind_a_closed_window_are_bounded_by_the_streams() -> None:
    """Queued replies are as many as streams are open, and more requests are refused, then ended."""

    def reply(server: Connection, stream_id: int) -> None:
        if server.is_open(stream_id):
            server.send_headers(stream_id, ((":status", "200"),))
            server.send_data(stream_id, bytes(10_000), end_stream=True)

    def attack() -> Attack:
        server = introduced(Role.SERVER)
        server.receive(settings_frame([(Setting.INITIAL_WINDOW_SIZE, 0)]), 0.0)
        return Attack(server, _streams(_ended_request), answer=reply)

    _check(attack, 1_000 + _RESETS)


def test_large_headers_are_forgotten_with_their_requests() -> None:
    """Blocks of a few bytes that name four kilobytes again and again leave nothing behind."""
    server = introduced(Role.SERVER)
    tracemalloc.start()
    try:
        for number in range(500):
            own = b"\0\x01b" + bytes([2, 0x41 + number % 26, 0x41 + number // 26])
            block = REQUEST + (_LONG_FIELD if not number else b"") + b"\xbe" * 14 + own
            server.receive(request(1 + 2 * number, block=block, ended=True), 0.0)
            server.reset(1 + 2 * number)
            server.data_to_send()
        assert tracemalloc.get_traced_memory()[0] < _MEGABYTE
    finally:
        tracemalloc.stop()
