"""RFC 9113 sections 5.2 and 6.9: the windows that limit the peer."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import DataReceived, StreamReset, TrailersReceived
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.conformance.blocks import TRAILERS, block
from tests.wire.http2.conformance.cases import Case, EndsConnection, EndsStream, Means, each
from tests.wire.http2.conformance.frames import (
    ACK,
    LARGEST,
    PREFACE,
    SETTINGS,
    WINDOW_UPDATE,
    Frame,
    data,
    headers,
    raw,
    read,
    settings,
)
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

_FULL = data(SUBJECT, bytes(16_384)) * 3 + data(SUBJECT, bytes(16_383))
_FULL_EVENTS = (
    *(DataReceived(SUBJECT, bytes(16_384), False) for _ in range(3)),
    DataReceived(SUBJECT, bytes(16_383), False),
)
_SMALL = Limits(initial_window=100)
_ACKNOWLEDGED = raw(SETTINGS, ACK, 0)

CASES = [
    Case(
        "rfc9113-6.9.1-a-full-window",
        "A stream's window may be used up to its last octet.",
        _FULL,
        Means(*_FULL_EVENTS),
    ),
    Case(
        "rfc9113-6.9.1-one-octet-over-the-window",
        "More data than the window allows is an error of the stream.",
        _FULL + data(SUBJECT, b"x"),
        EndsStream(ErrorCode.FLOW_CONTROL_ERROR, after=_FULL_EVENTS),
    ),
    Case(
        "rfc9113-6.9.1-padding-over-the-window",
        "Padding and its length count as data.",
        data(SUBJECT, bytes(16_384)) * 3 + data(SUBJECT, bytes(16_380)) + data(SUBJECT, padding=4),
        EndsStream(
            ErrorCode.FLOW_CONTROL_ERROR,
            after=(*_FULL_EVENTS[:3], DataReceived(SUBJECT, bytes(16_380), False)),
        ),
    ),
    Case(
        "rfc9113-6.9.1-padding-that-was-given-back",
        "What is given back to the window may be used, and not an octet more.",
        data(SUBJECT, bytes(16_128), padding=255)
        + data(SUBJECT, bytes(256))
        + data(SUBJECT, bytes(16_384)) * 2
        + data(SUBJECT, bytes(16_383))
        + data(SUBJECT, b"x"),
        EndsStream(
            ErrorCode.FLOW_CONTROL_ERROR,
            after=(
                DataReceived(SUBJECT, bytes(16_128), False),
                DataReceived(SUBJECT, bytes(256), False),
                *_FULL_EVENTS[1:],
            ),
            behind=(Frame(WINDOW_UPDATE, 0, SUBJECT, (256).to_bytes(4)),),
        ),
    ),
    Case(
        "rfc9113-6.9.1-empty-data-at-the-end-of-the-window",
        "A frame without data needs no window.",
        _FULL + data(SUBJECT, end=True),
        Means(*_FULL_EVENTS, DataReceived(SUBJECT, b"", True)),
    ),
    Case(
        "rfc9113-5.2.1-trailers-at-the-end-of-the-window",
        "Only DATA is subject to flow control.",
        _FULL + headers(SUBJECT, block(*TRAILERS), end=True) + data(SUBJECT, b"x"),
        EndsStream(
            ErrorCode.STREAM_CLOSED,
            after=(*_FULL_EVENTS, TrailersReceived(SUBJECT, TRAILERS)),
        ),
    ),
    Case(
        "rfc9113-6.9.2-a-smaller-window-that-the-peer-has-acknowledged",
        "What our SETTINGS allow holds once the peer has read them.",
        _ACKNOWLEDGED + data(SUBJECT, bytes(101)),
        EndsStream(ErrorCode.FLOW_CONTROL_ERROR),
        limits=_SMALL,
    ),
    Case(
        "rfc9113-6.9.2-a-smaller-window-that-the-peer-has-not-acknowledged",
        "Until the peer has read our SETTINGS, the protocol's default holds.",
        _FULL,
        Means(*_FULL_EVENTS),
        limits=_SMALL,
    ),
    Case(
        "rfc9113-6.9.2-a-larger-window",
        "What our SETTINGS allow may be more than the protocol's default.",
        _FULL + data(SUBJECT, b"x"),
        Means(*_FULL_EVENTS, DataReceived(SUBJECT, b"x", False)),
        limits=Limits(initial_window=65_536),
    ),
]


@each(CASES)
def test_receiving_window(case: Case, role: Role) -> None:
    """The peer may send as much as the windows allow."""
    case.play(role)


@pytest.mark.parametrize("role", [Role.SERVER, Role.CLIENT])
def test_rfc9113_6_9_2_the_windows_are_announced(role: Role) -> None:
    """SETTINGS set the streams' windows; a WINDOW_UPDATE opens the connection's to the maximum."""
    opening = Connection(role, Limits(initial_window=70_000)).data_to_send()
    first, second = read(opening.removeprefix(PREFACE))
    assert bytes.fromhex("0004") + (70_000).to_bytes(4) in first.payload
    assert second == Frame(WINDOW_UPDATE, 0, 0, (LARGEST - 65_535).to_bytes(4))


@pytest.mark.parametrize("role", [Role.SERVER, Role.CLIENT])
def test_rfc9113_6_9_window_that_is_returned_is_announced(role: Role) -> None:
    """A WINDOW_UPDATE fills a stream's window up to its size."""
    scene = Scene(role)
    scene.receive(data(SUBJECT, bytes(1_000)))
    scene.connection.make_room(SUBJECT, 100_000)
    assert scene.sent() == [Frame(WINDOW_UPDATE, 0, SUBJECT, (100_000 - 64_535).to_bytes(4))]
    for _ in range(6):
        assert len(scene.receive(data(SUBJECT, bytes(16_000))).events) == 1
    assert scene.receive(data(SUBJECT, bytes(4_000))).events == [
        DataReceived(SUBJECT, bytes(4_000), False)
    ]
    refused = scene.receive(data(SUBJECT, b"x")).events[0]
    assert isinstance(refused, StreamReset)
    assert refused[:2] == (SUBJECT, ErrorCode.FLOW_CONTROL_ERROR)
    scene.neighbour_completes()


def test_rfc9113_6_9_a_full_window_is_not_announced() -> None:
    """A WINDOW_UPDATE with an increment of 0 would be an error, so none is sent."""
    scene = Scene(Role.SERVER)
    scene.connection.make_room(SUBJECT, 65_535)
    scene.connection.make_room(SUBJECT, 1)
    assert scene.sent() == []


@pytest.mark.parametrize("subject", [Subject.CLOSED, Subject.RESET_BY_US, Subject.IDLE])
def test_rfc9113_6_9_no_window_update_for_streams_that_are_not_open(subject: Subject) -> None:
    """No WINDOW_UPDATE names a stream that is idle or closed."""
    scene = Scene(Role.SERVER, subject)
    scene.connection.make_room(SUBJECT, 1_000_000)
    assert scene.sent() == []


@pytest.mark.parametrize("role", [Role.SERVER, Role.CLIENT])
@pytest.mark.parametrize("subject", [Subject.RESET_BY_US, Subject.CLOSED, Subject.OPEN])
def test_rfc9113_6_9_1_the_connections_window_never_runs_dry(role: Role, subject: Subject) -> None:
    """All data is returned to the connection's window in time, even if it is dropped."""
    scene = Scene(role, subject)
    state = scene.connection._state  # noqa: SLF001 - 1 GB of data takes too long
    state.receive_window = LARGEST // 2 + 4
    assert not [
        frame for frame in scene.receive(data(SUBJECT, b"xyz")).frames if not frame.stream_id
    ]
    state.receive_window = LARGEST // 2 + 2
    given = scene.receive(data(SUBJECT, bytes(16_384))).frames[0]
    assert given[:3] == (WINDOW_UPDATE, 0, 0)
    # Exactly what has come, so that the peer's window is never past 2^31-1.
    assert int.from_bytes(given.payload) == LARGEST - (LARGEST // 2 + 2) + 16_384
    assert state.receive_window == LARGEST
    scene.neighbour_completes()


@pytest.mark.parametrize("role", [Role.SERVER, Role.CLIENT])
def test_rfc9113_6_9_1_more_than_the_connections_window(role: Role) -> None:
    """More data than the connection's window allows is a connection error."""
    scene = Scene(role)
    scene.connection._state.receive_window = 9  # noqa: SLF001 - it never gets so low by itself
    EndsConnection(ErrorCode.FLOW_CONTROL_ERROR).check(
        scene, scene.receive(data(SUBJECT, bytes(10)))
    )


def test_rfc9113_6_9_1_a_streams_failure_keeps_the_connections_window_exact() -> None:
    """Data that causes a stream error still counts for the connection's window."""
    scene = Scene(Role.SERVER)
    state = scene.connection._state  # noqa: SLF001 - the window is told to the peer only at times
    before = state.receive_window
    scene.receive(_FULL + data(SUBJECT, bytes(100)) + data(SUBJECT, bytes(11)))
    assert before - state.receive_window == 65_535 + 111
    scene.neighbour_completes()


def test_rfc9113_6_9_the_peers_settings_do_not_change_our_windows() -> None:
    """The peer's SETTINGS do not change the windows that limit the peer."""
    scene = Scene(Role.SERVER)
    scene.receive(settings((4, 1_000_000)))
    heard = scene.receive(_FULL + data(SUBJECT, b"x"))
    refused = heard.events[-1]
    assert isinstance(refused, StreamReset)
    assert refused[:2] == (SUBJECT, ErrorCode.FLOW_CONTROL_ERROR)
    scene.neighbour_completes()
