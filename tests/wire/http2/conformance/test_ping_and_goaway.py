"""RFC 9113 sections 5.4.1, 6.7 and 6.8: PING, and GOAWAY in both directions."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import (
    GoAwayReceived,
    HeadersReceived,
    PingAcknowledged,
    SettingsReceived,
    StreamReset,
)
from mirastack_sdk._wire.http2.protocol_errors import ClosedError
from tests.wire.http2.conformance.blocks import REQUEST, RESPONSE, block, inserted
from tests.wire.http2.conformance.cases import (
    BOTH,
    CLIENT,
    SERVER,
    Case,
    EndsConnection,
    Means,
    assert_over,
    each,
)
from tests.wire.http2.conformance.frames import (
    ACK,
    GOAWAY,
    LARGEST,
    PING,
    RESERVED_BIT,
    SETTINGS,
    Frame,
    data,
    goaway,
    headers,
    ping,
    raw,
    settings,
)
from tests.wire.http2.conformance.scene import NEIGHBOUR, SUBJECT, Scene, Subject

_FRAME_SIZE_ERROR = EndsConnection(ErrorCode.FRAME_SIZE_ERROR)
_REQUEST = block(*REQUEST)
_UNPROCESSED = StreamReset(SUBJECT, ErrorCode.REFUSED_STREAM, "GOAWAY", True, True)

roles = pytest.mark.parametrize("role", BOTH)


def _goaway_received(last_stream: int, code: int = 0) -> GoAwayReceived:
    return GoAwayReceived(last_stream, code, "")


CASES = [
    Case(
        "rfc9113-6.7-ping",
        "A PING is answered with the same eight octets.",
        ping(b"\x00\xff12345\n"),
        Means(answer=[Frame(PING, ACK, 0, b"\x00\xff12345\n")]),
    ),
    Case(
        "rfc9113-6.7-pings-are-answered-in-order",
        "Every PING has its answer, before anything else that waits.",
        ping(b"number 1") + ping(b"number 2") + settings(),
        Means(
            SettingsReceived(2**32 - 1),
            answer=[
                Frame(PING, ACK, 0, b"number 1"),
                Frame(PING, ACK, 0, b"number 2"),
                Frame(SETTINGS, ACK, 0),
            ],
        ),
    ),
    Case(
        "rfc9113-6.7-ping-ack",
        "An answer to a PING is not answered.",
        ping(ack=True),
        Means(PingAcknowledged(b"01234567")),
    ),
    *(
        Case(
            f"rfc9113-6.7-ping-of-{size}-octets{suffix}",
            "PING has 8 octets; another size is an error of the connection.",
            raw(PING, flags, 0, bytes(size)),
            _FRAME_SIZE_ERROR,
        )
        for size in (0, 7, 9)
        for suffix, flags in (("", 0), ("-ack", ACK))
    ),
    *(
        Case(
            f"rfc9113-6.8-goaway-of-{size}-octets",
            "GOAWAY has a stream and a code: 8 octets at least.",
            raw(GOAWAY, 0, 0, bytes(size)),
            _FRAME_SIZE_ERROR,
        )
        for size in (0, 7)
    ),
    Case(
        "rfc9113-6.8-goaway-of-a-server",
        "Streams up to the last one named go on, and no new ones are opened.",
        goaway(SUBJECT),
        Means(_goaway_received(SUBJECT)),
        roles=CLIENT,
        stays=False,
    ),
    Case(
        "rfc9113-6.8-goaway-names-the-streams-that-were-not-looked-at",
        "Streams above the last one named have not been processed, and may be tried again.",
        goaway(NEIGHBOUR),
        Means(_UNPROCESSED, _goaway_received(NEIGHBOUR)),
        roles=CLIENT,
        stays=False,
    ),
    Case(
        "rfc9113-6.8-goaway-with-an-error",
        "A GOAWAY with an error leaves the streams that it names alone, too.",
        goaway(SUBJECT, 2, b"out of order"),
        Means(GoAwayReceived(SUBJECT, 2, "out of order")),
        roles=CLIENT,
        stays=False,
    ),
    Case(
        "rfc9113-7-goaway-with-an-unknown-code",
        "A code that is not known triggers nothing special.",
        goaway(SUBJECT, 2**32 - 1),
        Means(_goaway_received(SUBJECT, 2**32 - 1)),
        roles=CLIENT,
        stays=False,
    ),
    Case(
        "rfc9113-6.8-goaway-with-the-reserved-bit",
        "The reserved bit is no part of the last stream.",
        goaway(RESERVED_BIT | SUBJECT),
        Means(_goaway_received(SUBJECT)),
        roles=CLIENT,
        stays=False,
    ),
    Case(
        "rfc9113-6.8-goaway-with-debug-data-that-is-no-text",
        "Debug data is opaque.",
        goaway(SUBJECT, 0, b"\xff\x00\xfe"),
        Means(GoAwayReceived(SUBJECT, 0, "\ufffd\x00\ufffd")),
        roles=CLIENT,
        stays=False,
    ),
    Case(
        "rfc9113-6.8-two-goaways",
        "A server that drains says first that it will, then which stream was the last.",
        goaway(LARGEST) + goaway(NEIGHBOUR),
        Means(_goaway_received(LARGEST), _UNPROCESSED, _goaway_received(NEIGHBOUR)),
        roles=CLIENT,
        stays=False,
    ),
    Case(
        "rfc9113-6.8-goaway-of-a-client",
        "A client's GOAWAY is about pushes: its own streams go on.",
        goaway(0),
        Means(_goaway_received(0)),
        roles=SERVER,
    ),
]


@each(CASES)
def test_ping_and_goaway(case: Case, role: Role) -> None:
    """PING is answered; GOAWAY ends exactly the streams above the one it names."""
    case.play(role)


def test_rfc9113_6_8_a_client_of_ours_opens_no_stream_behind_goaway() -> None:
    """A new request fails before anything is sent, because it needs a new connection."""
    scene = Scene(Role.CLIENT)
    scene.receive(goaway(LARGEST))
    assert not scene.connection.may_open_stream
    with pytest.raises(ClosedError):
        scene.connection.request(REQUEST)
    assert scene.sent() == []
    scene.neighbour_completes()


def test_rfc9113_6_8_late_frames_of_streams_above_the_last_are_harmless() -> None:
    """After GOAWAY, frames of streams that it does not accept may still arrive."""
    scene = Scene(Role.CLIENT)
    scene.receive(goaway(NEIGHBOUR))
    late = headers(SUBJECT, block(*RESPONSE)) + data(SUBJECT, b"x", end=True)
    assert scene.receive(late) == ([], [])
    scene.neighbour_completes()


def test_rfc9113_6_8_a_draining_server_loses_no_request() -> None:
    """The first GOAWAY refuses nothing; the second names the last stream that is served."""
    scene = Scene(Role.SERVER)
    scene.connection.drain()
    first, question = scene.sent()
    assert first[:3] == (GOAWAY, 0, 0)
    assert first.payload[:8] == LARGEST.to_bytes(4) + bytes(4)
    assert question[:3] == (PING, 0, 0)
    crossed = scene.receive(headers(5, _REQUEST))
    assert crossed == ([HeadersReceived(5, REQUEST, False)], [])
    (second,) = scene.receive(ping(question.payload, ack=True)).frames
    assert second.payload[:8] == (5).to_bytes(4) + bytes(4)
    scene.neighbour_completes()


def test_rfc9113_6_8_streams_behind_the_last_goaway_are_ignored() -> None:
    """All frames above the last stream are dropped, but header blocks are decoded."""
    scene = Scene(Role.SERVER)
    scene.connection.drain()
    scene.receive(ping(scene.sent()[1].payload, ack=True))
    late = headers(5, _REQUEST + inserted("x-late", "5")) + data(5, b"x") + data(5, end=True)
    assert scene.receive(late) == ([], [])
    assert scene.receive(headers(7, _REQUEST, end=True)) == ([], [])
    assert scene.connection.open_streams == 2
    scene.neighbour_completes()


def test_rfc9113_6_8_the_last_stream_never_grows() -> None:
    """A later GOAWAY names no higher stream than an earlier one."""
    scene = Scene(Role.SERVER)
    scene.connection.drain()
    _, question = scene.sent()
    scene.receive(ping(question.payload, ack=True))
    scene.receive(headers(9, _REQUEST))
    assert scene.receive(ping(question.payload, ack=True)).frames == []
    scene.connection.end(ErrorCode.NO_ERROR, "closed")
    (last,) = scene.sent()
    assert last.payload == SUBJECT.to_bytes(4) + bytes(4) + b"closed"


def test_rfc9113_6_8_another_pings_answer_is_no_answer_to_ours() -> None:
    """Only the answer to the ping after the first GOAWAY shows that it was received."""
    scene = Scene(Role.SERVER)
    scene.connection.drain()
    scene.sent()
    assert scene.receive(ping(b"01234567", ack=True)).frames == []
    assert scene.receive(headers(5, _REQUEST)).events == [HeadersReceived(5, REQUEST, False)]


@roles
def test_rfc9113_5_4_1_our_end_is_said_once(role: Role) -> None:
    """A connection that ends sends one GOAWAY with code, reason and last stream."""
    scene = Scene(role)
    scene.connection.send_data(SUBJECT, bytes(100_000))
    scene.sent()
    scene.connection.end(ErrorCode.INTERNAL_ERROR, "out of memory")
    scene.connection.end(ErrorCode.NO_ERROR, "again")
    last = SUBJECT if role is Role.SERVER else 0
    payload = last.to_bytes(4) + (2).to_bytes(4) + b"out of memory"
    assert scene.sent() == [Frame(GOAWAY, 0, 0, payload)]
    assert_over(scene.connection)


@roles
def test_rfc9113_5_4_1_frames_before_an_error_are_processed(role: Role) -> None:
    """Frames before the invalid one cause their events."""
    scene = Scene(role, Subject.OPEN)
    heard = scene.receive(
        ping(b"was fine") + ping(ack=True) + data(0, b"wrong") + ping(b"not read")
    )
    assert heard.events[0] == PingAcknowledged(b"01234567")
    assert [frame.kind for frame in heard.frames] == [PING, GOAWAY]
