"""RFC 9113 sections 5.2 and 6.9: the peer's windows limit what we send."""

import pytest

from mirastack_sdk._wire.http2.codes import Role
from tests.wire.http2.conformance.blocks import REQUEST, RESPONSE, TRAILERS, block
from tests.wire.http2.conformance.frames import (
    ACK,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PING,
    SETTINGS,
    Frame,
    headers,
    ping,
    rst_stream,
    settings,
    window_update,
)
from tests.wire.http2.conformance.scene import NEIGHBOUR, SUBJECT, Scene

_INITIAL_WINDOW = 4
_WHOLE = END_HEADERS | END_STREAM

roles = pytest.mark.parametrize("role", [Role.SERVER, Role.CLIENT])


def _octets(frames: list[Frame], stream_id: int = SUBJECT) -> int:
    return sum(len(f.payload) for f in frames if f.kind == DATA and f.stream_id == stream_id)


def _scene(role: Role, window: int) -> Scene:
    scene = Scene(role)
    scene.receive(settings((_INITIAL_WINDOW, window)))
    return scene


@roles
def test_rfc9113_6_9_1_a_streams_window_holds_our_data(role: Role) -> None:
    """First 65,535 octets are sent, then what each WINDOW_UPDATE allows."""
    scene = Scene(role)
    scene.receive(window_update(0, 1_000_000))
    scene.connection.send_data(SUBJECT, bytes(100_000))
    assert _octets(scene.sent()) == 65_535
    assert scene.receive(window_update(SUBJECT, 1)).frames == [Frame(DATA, 0, SUBJECT, b"\0")]
    assert _octets(scene.receive(window_update(SUBJECT, 20_000)).frames) == 20_000
    assert _octets(scene.receive(window_update(SUBJECT, 20_000)).frames) == 14_464


@roles
def test_rfc9113_6_9_1_the_connections_window_holds_all_our_data(role: Role) -> None:
    """The streams share the connection's window fairly."""
    scene = Scene(role)
    for number in (NEIGHBOUR, SUBJECT):
        scene.connection.send_data(number, bytes(60_000))
    first = scene.sent()
    assert _octets(first, NEIGHBOUR) + _octets(first, SUBJECT) == 65_535
    rest = scene.receive(window_update(0, 60_000)).frames
    assert _octets(first + rest, NEIGHBOUR) == _octets(first + rest, SUBJECT) == 60_000


@roles
def test_rfc9113_6_9_1_a_window_of_one_octet(role: Role) -> None:
    """Data passes the smallest window, with END_STREAM on its last octet."""
    scene = _scene(role, 1)
    scene.connection.send_data(SUBJECT, b"abc", end_stream=True)
    heard = [scene.sent()] + [scene.receive(window_update(SUBJECT, 1)).frames for _ in range(2)]
    assert heard == [
        [Frame(DATA, 0, SUBJECT, b"a")],
        [Frame(DATA, 0, SUBJECT, b"b")],
        [Frame(DATA, END_STREAM, SUBJECT, b"c")],
    ]


@roles
def test_rfc9113_6_9_1_an_end_without_data_needs_no_window(role: Role) -> None:
    """An empty DATA with END_STREAM is sent even if the window is closed."""
    scene = _scene(role, 0)
    scene.connection.send_data(SUBJECT, b"", end_stream=True)
    assert scene.sent() == [Frame(DATA, END_STREAM, SUBJECT)]


@roles
def test_rfc9113_6_9_1_an_end_behind_data_needs_no_window(role: Role) -> None:
    """An end after queued data is sent with the last octet, whatever the window."""
    scene = _scene(role, 0)
    scene.connection.send_data(SUBJECT, b"abc")
    scene.connection.send_data(SUBJECT, b"", end_stream=True)
    assert scene.sent() == []
    assert scene.receive(window_update(SUBJECT, 3)).frames == [
        Frame(DATA, END_STREAM, SUBJECT, b"abc")
    ]


@roles
def test_rfc9113_6_9_1_nothing_is_sent_for_data_that_is_empty(role: Role) -> None:
    """Empty data causes no frame, alone or after queued data."""
    scene = _scene(role, 0)
    scene.connection.send_data(SUBJECT, b"")
    assert scene.sent() == []
    scene.connection.send_data(SUBJECT, b"abc")
    scene.connection.send_data(SUBJECT, b"")
    scene.connection.send_data(SUBJECT, b"d", end_stream=True)
    sent = scene.receive(window_update(SUBJECT, 4)).frames
    assert b"".join(frame.payload for frame in sent) == b"abcd"
    assert [frame.flags for frame in sent] == [0, END_STREAM]


def test_rfc9113_5_2_1_trailers_wait_for_the_data_before_them() -> None:
    """Trailers need no window, and are sent after the last data."""
    scene = _scene(Role.SERVER, 2)
    scene.connection.send_headers(SUBJECT, RESPONSE)
    scene.connection.send_data(SUBJECT, b"abcd")
    scene.connection.send_headers(SUBJECT, TRAILERS, end_stream=True)
    assert [(f.kind, f.flags) for f in scene.sent()] == [(HEADERS, END_HEADERS), (DATA, 0)]
    rest = scene.receive(window_update(SUBJECT, 2)).frames
    assert [(f.kind, f.flags) for f in rest] == [(DATA, 0), (HEADERS, _WHOLE)]
    assert scene.connection.open_streams == 2
    assert scene.receive(headers(SUBJECT, block(), end=True)).frames == []
    assert scene.connection.open_streams == 1


def test_rfc9113_5_2_1_headers_need_no_window() -> None:
    """A response without data is sent even if the windows are closed."""
    scene = _scene(Role.SERVER, 0)
    scene.connection.send_headers(SUBJECT, RESPONSE)
    scene.connection.send_headers(SUBJECT, TRAILERS, end_stream=True)
    assert [(f.kind, f.flags) for f in scene.sent()] == [(HEADERS, END_HEADERS), (HEADERS, _WHOLE)]


@roles
def test_rfc9113_5_2_1_only_data_is_held_back(role: Role) -> None:
    """Answers to SETTINGS and PING are sent even if the windows are closed."""
    scene = _scene(role, 0)
    scene.connection.send_data(SUBJECT, bytes(10))
    assert scene.receive(ping() + settings()).frames == [
        Frame(PING, ACK, 0, b"01234567"),
        Frame(SETTINGS, ACK, 0),
    ]


@roles
def test_rfc9113_6_9_2_initial_window_size_changes_open_streams(role: Role) -> None:
    """A larger INITIAL_WINDOW_SIZE releases queued data."""
    scene = _scene(role, 3)
    scene.connection.send_data(SUBJECT, bytes(10))
    assert _octets(scene.sent()) == 3
    assert _octets(scene.receive(settings((_INITIAL_WINDOW, 8))).frames) == 5


@roles
def test_rfc9113_6_9_2_a_window_may_be_negative(role: Role) -> None:
    """A window that a smaller INITIAL_WINDOW_SIZE made negative opens only above 0."""
    scene = _scene(role, 10)
    scene.connection.send_data(SUBJECT, bytes(30))
    assert _octets(scene.sent()) == 10
    scene.receive(settings((_INITIAL_WINDOW, 4)))
    assert scene.receive(window_update(SUBJECT, 6)).frames == []
    assert _octets(scene.receive(window_update(SUBJECT, 1)).frames) == 1


@roles
def test_rfc9113_6_9_2_an_end_passes_a_negative_window(role: Role) -> None:
    """An empty DATA with END_STREAM is sent even if the window is negative."""
    scene = _scene(role, 10)
    scene.connection.send_data(SUBJECT, bytes(10))
    scene.sent()
    scene.receive(settings((_INITIAL_WINDOW, 4)))
    scene.connection.send_data(SUBJECT, b"", end_stream=True)
    assert scene.sent() == [Frame(DATA, END_STREAM, SUBJECT)]


@roles
def test_rfc9113_6_9_2_initial_window_size_is_not_the_connections(role: Role) -> None:
    """Only WINDOW_UPDATE changes the connection's window."""
    scene = _scene(role, 1_000_000)
    scene.connection.send_data(SUBJECT, bytes(100_000))
    assert _octets(scene.sent()) == 65_535
    assert scene.receive(settings((_INITIAL_WINDOW, 2_000_000))).frames == [Frame(SETTINGS, ACK, 0)]


@roles
def test_rfc9113_6_9_2_initial_window_size_holds_for_new_streams(role: Role) -> None:
    """A stream that opens later starts with the last INITIAL_WINDOW_SIZE."""
    scene = _scene(role, 5)
    number = 5
    if role is Role.SERVER:
        scene.receive(headers(number, block(*REQUEST)))
    else:
        number = scene.connection.request(REQUEST)
    scene.connection.send_data(number, bytes(9))
    assert _octets(scene.sent(), number) == 5


@roles
def test_rfc9113_5_2_a_stream_that_waits_does_not_hold_its_neighbour(role: Role) -> None:
    """A closed window of one stream does not delay another."""
    scene = Scene(role)
    scene.receive(window_update(0, 1_000_000))
    scene.connection.send_data(SUBJECT, bytes(100_000))
    assert _octets(scene.sent()) == 65_535
    scene.neighbour_completes()


@roles
def test_rfc9113_5_4_2_nothing_is_sent_on_a_stream_that_was_reset(role: Role) -> None:
    """Queued data is dropped with its stream, and uses none of the connection's window."""
    scene = _scene(role, 1_000_000)
    scene.connection.send_data(SUBJECT, bytes(70_000))
    assert _octets(scene.sent()) == 65_535
    scene.receive(rst_stream(SUBJECT))
    assert scene.receive(window_update(0, 5)).frames == []
    scene.neighbour_completes()
