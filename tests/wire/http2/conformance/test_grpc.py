"""HTTP/2 as gRPC uses it: the frames of a call, and frames that must not affect other calls."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import (
    DataReceived,
    Event,
    GoAwayReceived,
    HeadersReceived,
    SettingsReceived,
    StreamReset,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.conformance.blocks import (
    REQUEST,
    RESPONSE,
    TRAILERS,
    block,
    request,
)
from tests.wire.http2.conformance.cases import (
    CLIENT,
    SERVER,
    Case,
    EndsStream,
    Ignored,
    Means,
    each,
)
from tests.wire.http2.conformance.frames import (
    ACK,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    SETTINGS,
    Frame,
    data,
    goaway,
    headers,
    in_fragments,
    rst_stream,
    settings,
    unknown,
    window_update,
)
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

_EMPTY_MESSAGE = bytes(5)
_MESSAGE = b"\x00\x00\x00\x00\x03\x0a\x01x"
_TRAILERS_ONLY = (*RESPONSE, ("grpc-status", "12"), ("grpc-message", "unknown method"))
_METADATA = (
    ("x-latin", "caf\xe9"),
    ("x-utf-8", "\xc3\xa9\xe2\x82\xac"),
    ("x-bytes", "\x80\xff\x01"),
    ("trace-bin", "AAEC/w"),
    ("grpc-timeout", "100m"),
)
_REFUSED = EndsStream(ErrorCode.REFUSED_STREAM, stream_id=5, known=False)


def _opened(*more: tuple[str, str], ended: bool = False) -> HeadersReceived:
    return HeadersReceived(SUBJECT, (*REQUEST, *more), ended)


_UNARY: list[Event] = [_opened(), DataReceived(SUBJECT, _MESSAGE, True)]

CASES = [
    Case(
        "grpc-unary-request",
        "A call is HEADERS and a message, ended by the message.",
        headers(SUBJECT, request()) + data(SUBJECT, _MESSAGE, end=True),
        Means(*_UNARY),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-unary-request-with-an-end-of-its-own",
        "An empty DATA frame may carry the end.",
        headers(SUBJECT, request()) + data(SUBJECT, _MESSAGE) + data(SUBJECT, end=True),
        Means(_opened(), DataReceived(SUBJECT, _MESSAGE, False), DataReceived(SUBJECT, b"", True)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-empty-data-anywhere",
        "An empty DATA frame is legal, before, within and after a message.",
        headers(SUBJECT, request())
        + data(SUBJECT)
        + data(SUBJECT, _MESSAGE[:3])
        + data(SUBJECT)
        + data(SUBJECT, _MESSAGE[3:])
        + data(SUBJECT) * 2
        + data(SUBJECT, end=True),
        Means(
            _opened(),
            DataReceived(SUBJECT, _MESSAGE[:3], False),
            DataReceived(SUBJECT, _MESSAGE[3:], False),
            DataReceived(SUBJECT, b"", True),
        ),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-empty-message",
        "A message without content is five octets.",
        headers(SUBJECT, request()) + data(SUBJECT, _EMPTY_MESSAGE, end=True),
        Means(_opened(), DataReceived(SUBJECT, _EMPTY_MESSAGE, True)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-request-without-a-message",
        "A call may end without a message: that is the service's to judge.",
        headers(SUBJECT, request(), end=True),
        Means(_opened(ended=True)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-request-without-te",
        "A client that leaves TE out is served: proxies drop it.",
        headers(SUBJECT, request(without="te"), end=True),
        Means(HeadersReceived(SUBJECT, tuple(f for f in REQUEST if f[0] != "te"), True)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-metadata-that-is-not-ascii",
        "Metadata may hold any octet but NUL, CR and LF; each octet is one character.",
        headers(SUBJECT, request(*_METADATA), end=True),
        Means(_opened(*_METADATA, ended=True)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-metadata-that-repeats-a-name",
        "A name may come several times, and its values keep their order.",
        headers(SUBJECT, request(("x-a", "1"), ("x-b", "2"), ("x-a", "3")), end=True),
        Means(_opened(("x-a", "1"), ("x-b", "2"), ("x-a", "3"), ended=True)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-large-metadata",
        "Metadata up to the limit that is announced is taken.",
        in_fragments(SUBJECT, request(("x-large", "m" * 40_000)), 16_384, 32_768),
        Means(_opened(("x-large", "m" * 40_000))),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-stream-above-the-limit",
        "The stream that is one too many is refused, and the connection lives.",
        headers(5, request()) + data(5, _MESSAGE, end=True),
        _REFUSED,
        roles=SERVER,
        limits=Limits(max_concurrent_streams=2),
        stays=False,
    ),
    Case(
        "grpc-unknown-frames-within-a-call",
        "Frames of other types are ignored between a call's own.",
        headers(SUBJECT, request())
        + unknown(SUBJECT)
        + unknown()
        + data(SUBJECT, _MESSAGE, end=True),
        Means(*_UNARY),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-unknown-settings-within-a-call",
        "Settings that are not known change nothing: grpc's own 0xfe03 is one.",
        headers(SUBJECT, request()) + settings((0xFE03, 1)) + data(SUBJECT, _MESSAGE, end=True),
        Means(
            _UNARY[0],
            SettingsReceived(2**32 - 1),
            _UNARY[1],
            answer=[Frame(SETTINGS, ACK, 0)],
        ),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "grpc-cancelled-call",
        "RST_STREAM CANCEL ends a call.",
        rst_stream(SUBJECT, ErrorCode.CANCEL),
        Means(StreamReset(SUBJECT, ErrorCode.CANCEL, "reset by the peer", True, False)),
    ),
    Case(
        "grpc-call-reset-with-an-unknown-code",
        "A code that is not known ends a call like any other.",
        rst_stream(SUBJECT, 0xDEADBEEF),
        Means(StreamReset(SUBJECT, 0xDEADBEEF, "reset by the peer", True, False)),
    ),
    Case(
        "grpc-late-frames-of-a-cancelled-call",
        "What was on its way to a call that was cancelled harms nobody.",
        data(SUBJECT, _MESSAGE) * 5 + window_update(SUBJECT, 5) + data(SUBJECT, _MESSAGE, end=True),
        Ignored(),
        subject=Subject.RESET_BY_US,
    ),
    Case(
        "grpc-late-answer-to-a-cancelled-call",
        "An answer to a call that was cancelled is dropped, trailers and all.",
        headers(SUBJECT, block(*RESPONSE))
        + data(SUBJECT, _MESSAGE)
        + headers(SUBJECT, block(*TRAILERS), end=True),
        Ignored(),
        subject=Subject.RESET_BY_US,
        roles=CLIENT,
    ),
    Case(
        "grpc-unary-response",
        "An answer is HEADERS, a message and trailers.",
        headers(SUBJECT, block(*RESPONSE))
        + data(SUBJECT, _MESSAGE)
        + headers(SUBJECT, block(*TRAILERS), end=True),
        Means(
            HeadersReceived(SUBJECT, RESPONSE, False),
            DataReceived(SUBJECT, _MESSAGE, False),
            TrailersReceived(SUBJECT, TRAILERS),
        ),
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "grpc-trailers-only-response",
        "An answer without a message is one block, which ends the stream.",
        headers(SUBJECT, block(*_TRAILERS_ONLY), end=True),
        Means(HeadersReceived(SUBJECT, _TRAILERS_ONLY, True)),
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "grpc-answer-of-a-proxy",
        "An answer that is no gRPC is a response like any other to HTTP/2.",
        headers(SUBJECT, block((":status", "502"), ("content-length", "3")))
        + data(SUBJECT, b"bad", end=True),
        Means(
            HeadersReceived(SUBJECT, ((":status", "502"), ("content-length", "3")), False),
            DataReceived(SUBJECT, b"bad", True),
        ),
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "grpc-answer-and-no-error-reset",
        "A server that needs no more of a request may answer, then reset with NO_ERROR.",
        headers(SUBJECT, block(*_TRAILERS_ONLY), end=True) + rst_stream(SUBJECT, 0),
        Means(
            HeadersReceived(SUBJECT, _TRAILERS_ONLY, True),
            StreamReset(SUBJECT, ErrorCode.NO_ERROR, "reset by the peer", True, False),
        ),
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "grpc-goaway-of-a-server-that-limits-connection-age",
        "Calls up to the last stream go on; those above it may be sent again.",
        goaway(2**31 - 1, 0, b"max_age") + goaway(1, 0, b"max_age"),
        Means(
            GoAwayReceived(2**31 - 1, 0, "max_age"),
            StreamReset(SUBJECT, ErrorCode.REFUSED_STREAM, "GOAWAY", True, True),
            GoAwayReceived(1, 0, "max_age"),
        ),
        subject=Subject.REQUESTED,
        roles=CLIENT,
        stays=False,
    ),
    Case(
        "grpc-too-many-pings",
        "grpc's GOAWAY ENHANCE_YOUR_CALM is a GOAWAY like others: what runs may end.",
        goaway(SUBJECT, 0xB, b"too_many_pings"),
        Means(GoAwayReceived(SUBJECT, 0xB, "too_many_pings")),
        roles=CLIENT,
        stays=False,
    ),
]


@each(CASES)
def test_grpc(case: Case, role: Role) -> None:
    """What gRPC sends over HTTP/2 is understood, and does not affect other calls."""
    case.play(role)


def _kinds(frames: list[Frame]) -> list[tuple[int, int]]:
    return [(frame.kind, frame.flags) for frame in frames]


def test_grpc_our_answer_is_headers_data_and_trailers() -> None:
    """A unary response is three frames, the last of which ends the stream."""
    scene = Scene(Role.SERVER, Subject.HALF_CLOSED_REMOTE)
    scene.connection.send_headers(SUBJECT, RESPONSE)
    scene.connection.send_data(SUBJECT, _MESSAGE)
    scene.connection.send_headers(SUBJECT, TRAILERS, end_stream=True)
    assert _kinds(scene.sent()) == [
        (HEADERS, END_HEADERS),
        (DATA, 0),
        (HEADERS, END_HEADERS | END_STREAM),
    ]
    assert scene.connection.open_streams == 1


def test_grpc_our_trailers_only_answer_is_one_frame() -> None:
    """A response without a message is one HEADERS frame."""
    scene = Scene(Role.SERVER, Subject.HALF_CLOSED_REMOTE)
    scene.connection.send_headers(SUBJECT, _TRAILERS_ONLY, end_stream=True)
    assert _kinds(scene.sent()) == [(HEADERS, END_HEADERS | END_STREAM)]


def test_grpc_our_request_is_headers_and_data() -> None:
    """A unary request is two frames, the last of which ends our half of the stream."""
    scene = Scene(Role.CLIENT)
    number = scene.connection.request(REQUEST)
    scene.connection.send_data(number, _MESSAGE, end_stream=True)
    assert _kinds(scene.sent()) == [(HEADERS, END_HEADERS), (DATA, END_STREAM)]


@pytest.mark.parametrize("field", [("bad name", "v"), ("x", "a\nb"), ("te", "gzip")])
def test_grpc_a_malformed_call_harms_no_call_before_or_behind_it(field: tuple[str, str]) -> None:
    """A hundred malformed requests between valid ones fail, and the valid ones are served."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    for number in range(3, 203, 2):
        heard = scene.receive(headers(number, request(field), end=True))
        assert [frame.stream_id for frame in heard.frames] == [number]
    assert scene.receive(headers(203, request(), end=True)).events == [
        HeadersReceived(203, REQUEST, True)
    ]
    scene.neighbour_completes()
