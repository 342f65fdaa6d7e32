"""RFC 9113 section 5.1.2: how many streams are open at once."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import HeadersReceived, SettingsReceived, StreamReset
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.http2.protocol_errors import ClosedError
from tests.wire.http2.conformance.blocks import REQUEST, RESPONSE, TRAILERS, block
from tests.wire.http2.conformance.cases import SERVER, Case, EndsStream, Ignored, Means, each
from tests.wire.http2.conformance.frames import (
    ACK,
    RST_STREAM,
    SETTINGS,
    Frame,
    data,
    headers,
    priority,
    rst_stream,
    settings,
    window_update,
)
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

_REQUEST = block(*REQUEST)
_MAX_CONCURRENT_STREAMS = 3
_TWO = Limits(max_concurrent_streams=2)
_REFUSED = EndsStream(ErrorCode.REFUSED_STREAM, stream_id=5, known=False)

CASES = [
    Case(
        "rfc9113-5.1.2-one-stream-too-many",
        "A stream above the limit that was announced is refused, and may be tried again.",
        headers(5, _REQUEST),
        _REFUSED,
        roles=SERVER,
        limits=_TWO,
        stays=False,
    ),
    Case(
        "rfc9113-5.1.2-half-closed-remote-streams-count",
        "A stream that only the peer has ended is still open.",
        headers(5, _REQUEST),
        _REFUSED,
        subject=Subject.HALF_CLOSED_REMOTE,
        roles=SERVER,
        limits=_TWO,
        stays=False,
    ),
    Case(
        "rfc9113-5.1.2-half-closed-local-streams-count",
        "A stream that only we have ended is still open.",
        headers(5, _REQUEST),
        _REFUSED,
        subject=Subject.HALF_CLOSED_LOCAL,
        roles=SERVER,
        limits=_TWO,
        stays=False,
    ),
    *(
        Case(
            f"rfc9113-5.1.2-a-stream-{how}-does-not-count",
            "A closed stream has made its place free, however it was closed.",
            headers(5, _REQUEST, end=True),
            Means(HeadersReceived(5, REQUEST, True)),
            subject=subject,
            roles=SERVER,
            limits=_TWO,
            stays=False,
        )
        for how, subject in (
            ("ended-by-both", Subject.CLOSED),
            ("reset-by-us", Subject.RESET_BY_US),
            ("reset-by-the-peer", Subject.RESET_BY_PEER),
        )
    ),
    Case(
        "rfc9113-5.1.2-idle-streams-do-not-count",
        "PRIORITY opens no stream.",
        b"".join(priority(number) for number in range(5, 25, 2)),
        Ignored(),
        roles=SERVER,
        limits=Limits(max_concurrent_streams=3),
    ),
]


def _may_request(scene: Scene) -> bool:
    return scene.connection.may_open_stream


@each(CASES)
def test_concurrency(case: Case, role: Role) -> None:
    """A server enforces the number of streams that it has announced."""
    case.play(role)


def test_rfc9113_5_1_2_the_limit_is_announced() -> None:
    """A server's SETTINGS contain its limit on streams."""
    first = Scene(Role.SERVER, limits=_TWO).opening_frames[0]
    assert bytes.fromhex("000300000002") in first.payload


def test_rfc9113_5_1_2_the_place_of_a_refused_stream_is_free_again() -> None:
    """A refused stream does not count, so the next one is accepted when another has ended."""
    scene = Scene(Role.SERVER, limits=_TWO)
    assert scene.receive(headers(5, _REQUEST)).frames == [Frame(RST_STREAM, 0, 5, (7).to_bytes(4))]
    scene.receive(rst_stream(SUBJECT))
    heard = scene.receive(headers(7, _REQUEST))
    assert heard == ([HeadersReceived(7, REQUEST, False)], [])
    assert scene.connection.open_streams == 2


def test_rfc9113_5_1_2_what_was_sent_behind_a_refused_request_is_dropped() -> None:
    """The rest of a refused request is not an error: the client had sent it before."""
    scene = Scene(Role.SERVER, limits=_TWO)
    scene.receive(headers(5, _REQUEST))
    late = data(5, bytes(16_384)) + window_update(5, 10) + data(5, b"x", end=True) + rst_stream(5)
    assert scene.receive(late) == ([], [])
    scene.neighbour_completes()


def test_rfc9113_5_1_2_a_client_of_ours_keeps_to_the_servers_limit() -> None:
    """No stream is opened above the limit until another one ends."""
    scene = Scene(Role.CLIENT)
    assert _may_request(scene)
    scene.receive(settings((_MAX_CONCURRENT_STREAMS, 2)))
    assert not _may_request(scene)
    with pytest.raises(ClosedError):
        scene.connection.request(REQUEST)
    assert scene.sent() == []
    scene.receive(rst_stream(SUBJECT))
    assert _may_request(scene)
    scene.newcomer_opens()


def test_rfc9113_5_1_2_a_limit_of_none() -> None:
    """A server may set the limit to 0; open streams go on."""
    scene = Scene(Role.CLIENT)
    allowed = (_MAX_CONCURRENT_STREAMS, 0)
    acknowledged = [Frame(SETTINGS, ACK, 0)]
    assert scene.receive(settings(allowed)) == ([SettingsReceived(0)], acknowledged)
    assert not _may_request(scene)
    scene.neighbour_completes()
    assert not _may_request(scene)
    scene.receive(settings((_MAX_CONCURRENT_STREAMS, 2)))
    assert _may_request(scene)


def test_rfc9113_5_1_2_a_limit_below_what_is_open() -> None:
    """Streams above a lowered limit go on to their end."""
    scene = Scene(Role.CLIENT)
    scene.receive(settings((_MAX_CONCURRENT_STREAMS, 1)))
    assert scene.connection.open_streams == 2
    scene.neighbour_completes()
    assert not _may_request(scene)


def test_rfc9113_5_1_2_a_refused_stream_is_safe_to_retry() -> None:
    """REFUSED_STREAM means that nothing was processed, and our event says so."""
    scene = Scene(Role.CLIENT, Subject.REQUESTED)
    heard = scene.receive(rst_stream(SUBJECT, ErrorCode.REFUSED_STREAM))
    expected = StreamReset(SUBJECT, ErrorCode.REFUSED_STREAM, "reset by the peer", True, True)
    assert heard == ([expected], [])
    scene.neighbour_completes()
    scene.newcomer_opens()


def test_rfc9113_5_1_2_every_stream_that_ends_is_forgotten() -> None:
    """Ten thousand streams, one after another, leave nothing behind."""
    scene = Scene(Role.SERVER)
    for number in range(5, 20_005, 2):
        scene.connection.receive(headers(number, _REQUEST, end=True), 0.0)
        scene.connection.send_headers(number, RESPONSE)
        scene.connection.send_headers(number, TRAILERS, end_stream=True)
        scene.connection.data_to_send()
    assert scene.connection.open_streams == 2
    scene.neighbour_completes()
