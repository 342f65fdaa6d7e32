"""RFC 9113 sections 4.1, 4.2 and 5.5: the frame's header, its size, extensions."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import (
    DataReceived,
    HeadersReceived,
    PingAcknowledged,
    SettingsReceived,
)
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.conformance.blocks import REQUEST, block
from tests.wire.http2.conformance.cases import (
    SERVER,
    Case,
    EndsConnection,
    Ignored,
    Means,
    each,
)
from tests.wire.http2.conformance.frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    GOAWAY,
    HEADERS,
    PING,
    PRIORITY,
    PUSH_PROMISE,
    RESERVED_BIT,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Frame,
    data,
    headers,
    ping,
    raw,
    unknown,
)
from tests.wire.http2.conformance.scene import NEWCOMER, SUBJECT, Scene, Subject

_UNLIMITED = 2**32 - 1
_TOO_LARGE = EndsConnection(ErrorCode.FRAME_SIZE_ERROR)
_KINDS = {
    "data": (DATA, SUBJECT),
    "headers": (HEADERS, SUBJECT),
    "priority": (PRIORITY, SUBJECT),
    "rst-stream": (RST_STREAM, SUBJECT),
    "settings": (SETTINGS, 0),
    "push-promise": (PUSH_PROMISE, SUBJECT),
    "ping": (PING, 0),
    "goaway": (GOAWAY, 0),
    "window-update": (WINDOW_UPDATE, 0),
    "continuation": (CONTINUATION, SUBJECT),
    "unknown": (0xFA, SUBJECT),
}

_OVER_THE_LIMIT = [
    Case(
        f"rfc9113-4.2-{name}-over-the-largest-size",
        "A frame longer than MAX_FRAME_SIZE ends the connection, before its payload has come.",
        raw(kind, 0, stream_id, length=16_385),
        _TOO_LARGE,
    )
    for name, (kind, stream_id) in _KINDS.items()
]

CASES = [
    *_OVER_THE_LIMIT,
    Case(
        "rfc9113-4.2-data-of-2-24-1-octets",
        "The largest size that a header can name is one that we have not allowed.",
        raw(DATA, 0, SUBJECT, length=2**24 - 1),
        _TOO_LARGE,
    ),
    Case(
        "rfc9113-4.2-data-of-the-largest-size",
        "Frames up to 16,384 octets must be taken.",
        data(SUBJECT, bytes(16_384)),
        Means(DataReceived(SUBJECT, bytes(16_384), False)),
    ),
    Case(
        "rfc9113-4.2-settings-of-the-largest-size-allowed",
        "A SETTINGS frame may be as long as any other, up to its budget.",
        raw(SETTINGS, 0, 0, bytes.fromhex("0bad00000001") * 32),
        Means(SettingsReceived(_UNLIMITED), answer=[Frame(SETTINGS, ACK, 0)]),
    ),
    Case(
        "rfc9113-4.2-a-larger-size-that-we-have-announced",
        "A frame may be as long as our SETTINGS say.",
        data(SUBJECT, bytes(20_000)),
        Means(DataReceived(SUBJECT, bytes(20_000), False)),
        limits=Limits(max_frame_size=20_000),
    ),
    Case(
        "rfc9113-4.2-more-than-the-larger-size-that-we-have-announced",
        "A frame may be as long as our SETTINGS say, and no longer.",
        raw(DATA, 0, SUBJECT, length=20_001),
        _TOO_LARGE,
        limits=Limits(max_frame_size=20_000),
    ),
    Case(
        "rfc9113-4.1-undefined-flags-of-data",
        "Flags that a frame does not define are ignored.",
        raw(DATA, 0xF6 & ~0x8, SUBJECT, b"x"),
        Means(DataReceived(SUBJECT, b"x", False)),
    ),
    Case(
        "rfc9113-4.1-undefined-flags-of-headers",
        "Flags that a frame does not define are ignored.",
        headers(SUBJECT, block(*REQUEST), flags=0xD2),
        Means(HeadersReceived(SUBJECT, REQUEST, False)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-4.1-undefined-flags-of-settings",
        "Flags that a frame does not define are ignored.",
        raw(SETTINGS, 0xFE, 0),
        Means(SettingsReceived(_UNLIMITED), answer=[Frame(SETTINGS, ACK, 0)]),
    ),
    Case(
        "rfc9113-4.1-undefined-flags-of-ping",
        "Flags that a frame does not define are ignored.",
        raw(PING, 0xFE, 0, b"01234567"),
        Means(answer=[Frame(PING, ACK, 0, b"01234567")]),
    ),
    Case(
        "rfc9113-4.1-undefined-flags-of-window-update",
        "Flags that a frame does not define are ignored, be they another frame's END_STREAM.",
        raw(WINDOW_UPDATE, 0xFF, SUBJECT, (1).to_bytes(4)),
        Ignored(),
    ),
    Case(
        "rfc9113-4.1-undefined-flags-of-priority",
        "Flags that a frame does not define are ignored.",
        raw(PRIORITY, 0xFF, SUBJECT, bytes(5)),
        Ignored(),
    ),
    Case(
        "rfc9113-4.1-reserved-bit-of-data",
        "The bit before the stream's identifier is ignored.",
        data(RESERVED_BIT | SUBJECT, b"x"),
        Means(DataReceived(SUBJECT, b"x", False)),
    ),
    Case(
        "rfc9113-4.1-reserved-bit-of-headers",
        "The bit before the stream's identifier is ignored.",
        headers(RESERVED_BIT | SUBJECT, block(*REQUEST)),
        Means(HeadersReceived(SUBJECT, REQUEST, False)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-4.1-reserved-bit-of-ping",
        "The bit before the stream's identifier is ignored.",
        raw(PING, 0, RESERVED_BIT, b"01234567"),
        Means(answer=[Frame(PING, ACK, 0, b"01234567")]),
    ),
    Case(
        "rfc9113-5.5-unknown-frame-of-the-connection",
        "Frames of unknown types are ignored.",
        unknown(),
        Ignored(),
    ),
    Case(
        "rfc9113-5.5-unknown-frame-of-an-open-stream",
        "Frames of unknown types are ignored.",
        unknown(SUBJECT),
        Ignored(),
    ),
    Case(
        "rfc9113-5.5-unknown-frame-of-an-idle-stream",
        "Frames of unknown types are ignored, and open nothing.",
        unknown(NEWCOMER - 2),
        Ignored(),
    ),
    Case(
        "rfc9113-5.5-unknown-frame-of-a-closed-stream",
        "Frames of unknown types are ignored.",
        unknown(SUBJECT),
        Ignored(),
        subject=Subject.CLOSED,
    ),
    Case(
        "rfc9113-5.5-unknown-frame-that-is-empty",
        "Frames of unknown types are ignored.",
        unknown(payload=b""),
        Ignored(),
    ),
    Case(
        "rfc9113-5.5-unknown-frame-that-is-large",
        "Frames of unknown types are ignored, up to the largest size.",
        unknown(payload=bytes(16_384)),
        Ignored(),
    ),
    Case(
        "rfc9113-5.5-unknown-frames-of-every-type",
        "Frames of unknown types are ignored: no type beyond CONTINUATION has a meaning here.",
        b"".join(raw(kind, 0x25, SUBJECT, b"?") for kind in range(CONTINUATION + 1, 256)),
        Ignored(),
    ),
]


@each(CASES)
def test_frame_format(case: Case, role: Role) -> None:
    """Length, type, flags and stream identifier mean what sections 4.1, 4.2 and 5.5 say."""
    case.play(role)


def test_rfc9113_4_2_the_largest_size_is_announced() -> None:
    """Our SETTINGS contain the MAX_FRAME_SIZE that we enforce."""
    first = Scene(Role.SERVER, limits=Limits(max_frame_size=20_000)).opening_frames[0]
    assert bytes.fromhex("0005") + (20_000).to_bytes(4) in first.payload


@pytest.mark.parametrize("size", [16_384, 20_000])
def test_rfc9113_4_2_our_data_keeps_to_the_peers_largest_size(size: int) -> None:
    """Our DATA is as large as the peer's MAX_FRAME_SIZE allows, and no larger."""
    scene = Scene(Role.SERVER)
    scene.receive(raw(SETTINGS, 0, 0, bytes.fromhex("0005") + size.to_bytes(4)))
    scene.connection.send_data(SUBJECT, bytes(40_000))
    assert [len(frame.payload) for frame in scene.sent()] == [
        size,
        min(size, 40_000 - size),
        *([40_000 - 2 * size] if size < 20_000 else []),
    ]


def test_rfc9113_4_2_our_headers_keep_to_the_peers_largest_size() -> None:
    """A longer block continues in CONTINUATION, and END_STREAM is on HEADERS."""
    scene = Scene(Role.SERVER)
    long = (("grpc-status", "0"), ("grpc-message", "m" * 40_000))
    scene.connection.send_headers(SUBJECT, long, end_stream=True)
    assert [(frame.kind, frame.flags, len(frame.payload) > 16_384) for frame in scene.sent()] == [
        (HEADERS, 0x1, False),
        (CONTINUATION, 0, False),
        (CONTINUATION, END_HEADERS, False),
    ]


def test_rfc9113_4_2_a_size_of_the_peer_holds_for_data_that_waits() -> None:
    """A lower MAX_FRAME_SIZE applies to data that is already queued."""
    scene = Scene(Role.SERVER)
    scene.receive(raw(SETTINGS, 0, 0, bytes.fromhex("0005") + (30_000).to_bytes(4)))
    scene.connection.send_data(SUBJECT, bytes(60_000))
    scene.connection.receive(raw(SETTINGS, 0, 0, bytes.fromhex("0005") + (16_384).to_bytes(4)), 0.0)
    sizes = [len(frame.payload) for frame in scene.sent() if frame.kind == DATA]
    assert max(sizes) == 16_384
    assert sum(sizes) == 60_000


def test_rfc9113_4_1_frames_of_all_kinds_in_one_piece_keep_their_order() -> None:
    """Events come in the order of the frames."""
    scene = Scene(Role.SERVER)
    heard = scene.receive(data(SUBJECT, b"1") + ping(ack=True) + data(SUBJECT, b"2"))
    assert heard.events == [
        DataReceived(SUBJECT, b"1", False),
        PingAcknowledged(b"01234567"),
        DataReceived(SUBJECT, b"2", False),
    ]
