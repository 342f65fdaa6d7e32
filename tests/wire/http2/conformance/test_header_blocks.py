"""RFC 9113 sections 4.3, 6.2 and 6.10: field blocks in HEADERS and CONTINUATION."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import HeadersReceived, StreamReset, TrailersReceived
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.conformance.blocks import (
    FIRST_DYNAMIC,
    REQUEST,
    RESPONSE,
    TRAILERS,
    block,
    indexed,
    inserted,
    request,
)
from tests.wire.http2.conformance.cases import (
    CLIENT,
    SERVER,
    Case,
    EndsConnection,
    Means,
    each,
)
from tests.wire.http2.conformance.frames import (
    CONTINUATION,
    END_HEADERS,
    END_STREAM,
    RST_STREAM,
    Frame,
    continuation,
    data,
    goaway,
    headers,
    in_fragments,
    ping,
    priority,
    push_promise,
    raw,
    read,
    rst_stream,
    settings,
    unknown,
    window_update,
)
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

_PROTOCOL_ERROR = EndsConnection(ErrorCode.PROTOCOL_ERROR)
_TRAILERS = block(*TRAILERS)
_REQUEST = block(*REQUEST)
_OPENED = Means(HeadersReceived(SUBJECT, REQUEST, False))
_TRAILED = Means(TrailersReceived(SUBJECT, TRAILERS))

_INTERRUPTIONS = {
    "data-of-the-same-stream": data(SUBJECT, b"x"),
    "data-of-another-stream": data(1, b"x"),
    "headers-of-the-same-stream": headers(SUBJECT, _TRAILERS, end=True),
    "headers-of-another-stream": headers(5, _REQUEST),
    "priority": priority(SUBJECT),
    "rst-stream-of-the-same-stream": rst_stream(SUBJECT),
    "rst-stream-of-another-stream": rst_stream(1),
    "settings": settings(),
    "push-promise": push_promise(SUBJECT, 2, _REQUEST),
    "ping": ping(),
    "goaway": goaway(0),
    "window-update-of-the-same-stream": window_update(SUBJECT, 1),
    "window-update-of-the-connection": window_update(0, 1),
    "an-unknown-frame": unknown(SUBJECT),
    "continuation-of-another-stream": continuation(1, _TRAILERS),
    "continuation-of-stream-0": continuation(0, _TRAILERS),
    "continuation-of-an-idle-stream": continuation(9, _TRAILERS),
}


CASES = [
    *(
        Case(
            f"rfc9113-4.3-block-interrupted-by-{name}",
            "The frames of a block come without any other frame between them, of any stream.",
            headers(SUBJECT, _TRAILERS[:4], end=True, whole=False) + interruption,
            _PROTOCOL_ERROR,
        )
        for name, interruption in _INTERRUPTIONS.items()
    ),
    Case(
        "rfc9113-6.10-block-interrupted-after-a-continuation",
        "CONTINUATION is followed by CONTINUATION until END_HEADERS.",
        headers(SUBJECT, _TRAILERS[:4], end=True, whole=False)
        + continuation(SUBJECT, _TRAILERS[4:], whole=False)
        + ping(),
        _PROTOCOL_ERROR,
    ),
    Case(
        "rfc9113-6.10-one-continuation",
        "A block is joined from its frames before it is decoded.",
        in_fragments(SUBJECT, _REQUEST, 40),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.10-many-continuations",
        "Any number of CONTINUATION frames may follow, up to the budget.",
        in_fragments(SUBJECT, _REQUEST, *range(2, 126, 2)),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.10-empty-fragments",
        "A fragment may be empty, that of HEADERS too.",
        in_fragments(SUBJECT, _TRAILERS, 0, 0, len(_TRAILERS), end=True),
        _TRAILED,
    ),
    Case(
        "rfc9113-6.10-fragments-of-one-octet",
        "A block may be cut anywhere, within a number or a string too.",
        in_fragments(SUBJECT, _TRAILERS, *range(1, len(_TRAILERS)), end=True),
        _TRAILED,
    ),
    Case(
        "rfc9113-6.10-end-stream-of-headers-holds-after-continuation",
        "END_STREAM on HEADERS ends the stream with its last CONTINUATION.",
        in_fragments(SUBJECT, _REQUEST, 30, end=True),
        Means(HeadersReceived(SUBJECT, REQUEST, True)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.10-continuation-has-no-end-stream",
        "CONTINUATION defines END_HEADERS alone: the bit that is END_STREAM elsewhere is ignored.",
        headers(SUBJECT, _REQUEST[:30], whole=False)
        + raw(CONTINUATION, END_HEADERS | END_STREAM, SUBJECT, _REQUEST[30:]),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.10-continuation-has-no-padding",
        "CONTINUATION defines END_HEADERS alone: its payload is the fragment.",
        headers(SUBJECT, _REQUEST[:30], whole=False)
        + raw(CONTINUATION, END_HEADERS | 0x28, SUBJECT, _REQUEST[30:]),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.10-response-in-continuations",
        "A client joins blocks likewise.",
        in_fragments(SUBJECT, block(*RESPONSE), 3, 9),
        Means(HeadersReceived(SUBJECT, RESPONSE, False)),
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-6.10-continuation-on-stream-0",
        "CONTINUATION belongs to a stream.",
        continuation(0, _TRAILERS),
        _PROTOCOL_ERROR,
    ),
    Case(
        "rfc9113-6.10-continuation-after-data",
        "CONTINUATION follows HEADERS or CONTINUATION without END_HEADERS, and nothing else.",
        data(1) + continuation(SUBJECT, _TRAILERS),
        _PROTOCOL_ERROR,
    ),
    Case(
        "rfc9113-6.10-continuation-after-whole-headers",
        "CONTINUATION does not follow HEADERS with END_HEADERS.",
        headers(5, _REQUEST) + continuation(5, _TRAILERS),
        EndsConnection(
            ErrorCode.PROTOCOL_ERROR, last_stream=5, after=(HeadersReceived(5, REQUEST, False),)
        ),
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.10-continuation-after-the-last-continuation",
        "CONTINUATION does not follow CONTINUATION with END_HEADERS.",
        in_fragments(5, _REQUEST, 30) + continuation(5, _TRAILERS),
        EndsConnection(
            ErrorCode.PROTOCOL_ERROR, last_stream=5, after=(HeadersReceived(5, REQUEST, False),)
        ),
        roles=SERVER,
    ),
    Case(
        "rfc9113-4.3-block-that-cannot-be-decoded",
        "A decoding error is a connection error COMPRESSION_ERROR.",
        headers(SUBJECT, b"\x80", end=True),
        EndsConnection(ErrorCode.COMPRESSION_ERROR),
    ),
    Case(
        "rfc9113-4.3-block-that-ends-within-a-field",
        "A truncated block is a decoding error, though the frames are whole.",
        in_fragments(SUBJECT, _TRAILERS[:-1], 5, end=True),
        EndsConnection(ErrorCode.COMPRESSION_ERROR),
    ),
    Case(
        "rfc9113-4.3-empty-block-of-trailers",
        "A block may be empty; as trailers that breaks no rule.",
        headers(SUBJECT, b"", end=True),
        Means(TrailersReceived(SUBJECT, ())),
    ),
    Case(
        "rfc9113-6.2-headers-on-stream-0",
        "HEADERS belongs to a stream.",
        headers(0, _REQUEST),
        _PROTOCOL_ERROR,
    ),
]


@each(CASES)
def test_header_blocks(case: Case, role: Role) -> None:
    """A block is one unit, whatever frames it comes in (sections 4.3, 6.2 and 6.10)."""
    case.play(role)


def test_rfc9113_4_3_a_refused_streams_block_is_decoded() -> None:
    """A stream above the limit is refused, but its block still changes the table."""
    scene = Scene(Role.SERVER, limits=Limits(max_concurrent_streams=2))
    refused = scene.receive(headers(5, _REQUEST + inserted("x-refused", "5")))
    assert refused == ([], [Frame(RST_STREAM, 0, 5, (7).to_bytes(4))])
    scene.receive(rst_stream(SUBJECT))
    heard = scene.receive(headers(7, _REQUEST + indexed(FIRST_DYNAMIC)))
    assert heard.events == [HeadersReceived(7, (*REQUEST, ("x-refused", "5")), False)]
    scene.neighbour_completes()


def test_rfc9113_4_3_a_malformed_streams_block_is_decoded() -> None:
    """A malformed request ends its stream, but its block has been decoded."""
    scene = Scene(Role.SERVER)
    scene.receive(headers(5, request(without=":path") + inserted("x-malformed", "5")))
    heard = scene.receive(headers(7, _REQUEST + indexed(FIRST_DYNAMIC)))
    assert heard.events == [HeadersReceived(7, (*REQUEST, ("x-malformed", "5")), False)]
    scene.neighbour_completes()


@pytest.mark.parametrize("role", [Role.SERVER, Role.CLIENT])
def test_rfc9113_4_3_a_late_block_of_a_reset_stream_is_decoded(role: Role) -> None:
    """Headers for a stream that we have reset are decoded, then dropped."""
    scene = Scene(role, Subject.RESET_BY_US)
    assert scene.receive(headers(SUBJECT, inserted("x-late", "3"), end=True)) == ([], [])
    number = 7 if role is Role.SERVER else scene.connection.request(REQUEST)
    first = REQUEST if role is Role.SERVER else RESPONSE
    heard = scene.receive(headers(number, block(*first) + indexed(FIRST_DYNAMIC)))
    assert heard.events == [HeadersReceived(number, (*first, ("x-late", "3")), False)]
    scene.neighbour_completes()


@pytest.mark.parametrize("role", [Role.SERVER, Role.CLIENT])
def test_rfc9113_4_3_a_block_behind_the_end_is_decoded(role: Role) -> None:
    """Headers after the peer's END_STREAM are a stream error, but they are decoded."""
    scene = Scene(role, Subject.HALF_CLOSED_REMOTE)
    heard = scene.receive(headers(SUBJECT, inserted("x-behind", "3"), end=True))
    assert [type(event) for event in heard.events] == [StreamReset]
    number = 7 if role is Role.SERVER else scene.connection.request(REQUEST)
    first = REQUEST if role is Role.SERVER else RESPONSE
    heard = scene.receive(headers(number, block(*first) + indexed(FIRST_DYNAMIC)))
    assert heard.events == [HeadersReceived(number, (*first, ("x-behind", "3")), False)]
    scene.neighbour_completes()


def test_rfc9113_4_3_our_blocks_are_not_interrupted() -> None:
    """A long block is sent without frames of other streams in between."""
    scene = Scene(Role.SERVER)
    scene.connection.send_data(1, bytes(30_000))
    scene.connection.send_headers(SUBJECT, (("x-long", "m" * 40_000),), end_stream=True)
    scene.connection.ping(b"01234567")
    kinds = [frame.kind for frame in read(scene.connection.data_to_send())]
    start = kinds.index(1)
    assert kinds[start : start + 3] == [1, CONTINUATION, CONTINUATION]
