"""RFC 9113 section 5.1.1: stream identifiers, and which frames have one."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import HeadersReceived
from mirastack_sdk._wire.http2.protocol_errors import ClosedError
from tests.wire.http2.conformance.blocks import REQUEST, RESPONSE, block
from tests.wire.http2.conformance.cases import (
    CLIENT,
    SERVER,
    Case,
    EndsConnection,
    EndsStream,
    Means,
    each,
)
from tests.wire.http2.conformance.frames import (
    ACK,
    LARGEST,
    PING,
    RST_STREAM,
    SETTINGS,
    Frame,
    continuation,
    data,
    goaway,
    headers,
    priority,
    raw,
    rst_stream,
    settings,
    window_update,
)
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

_PROTOCOL_ERROR = EndsConnection(ErrorCode.PROTOCOL_ERROR)
_REQUEST = block(*REQUEST)

_OF_A_STREAM = {
    "data": data(0, b"x"),
    "headers": headers(0, _REQUEST),
    "priority": priority(0),
    "rst-stream": rst_stream(0),
    "continuation": continuation(0, _REQUEST),
}
_OF_THE_CONNECTION = {
    "settings": raw(SETTINGS, 0, SUBJECT),
    "settings-ack": raw(SETTINGS, ACK, SUBJECT),
    "ping": raw(PING, 0, SUBJECT, bytes(8)),
    "ping-ack": raw(PING, ACK, SUBJECT, bytes(8)),
    "goaway": b"\0\0\x08\x07\0" + SUBJECT.to_bytes(4) + goaway(0)[9:],
}
_OF_OUR_OWN_STREAMS = {
    "data": data(2, b"x"),
    "rst-stream": rst_stream(2),
    "window-update": window_update(2, 1),
}

CASES = [
    *(
        Case(
            f"rfc9113-5.1.1-{name}-on-stream-0",
            "Stream 0 is the connection's: a frame of a stream on it is a PROTOCOL_ERROR.",
            sent,
            _PROTOCOL_ERROR,
        )
        for name, sent in _OF_A_STREAM.items()
    ),
    *(
        Case(
            f"rfc9113-5.1.1-{name}-on-a-stream",
            "A frame of the connection on another stream than 0 is a PROTOCOL_ERROR.",
            sent,
            _PROTOCOL_ERROR,
        )
        for name, sent in _OF_THE_CONNECTION.items()
    ),
    *(
        Case(
            f"rfc9113-5.1.1-{name}-on-an-even-stream",
            "No stream with an even identifier is ever opened, so that all of them are idle.",
            sent,
            _PROTOCOL_ERROR,
        )
        for name, sent in _OF_OUR_OWN_STREAMS.items()
    ),
    Case(
        "rfc9113-5.1.1-request-on-an-even-stream",
        "Streams that a client opens have odd identifiers.",
        headers(4, _REQUEST),
        _PROTOCOL_ERROR,
        roles=SERVER,
    ),
    Case(
        "rfc9113-5.1.1-response-on-an-even-stream",
        "A server opens streams by PUSH_PROMISE alone, which is not enabled.",
        headers(2, block(*RESPONSE)),
        _PROTOCOL_ERROR,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-5.1.1-response-on-a-stream-that-nobody-opened",
        "A server answers only streams that the client has opened.",
        headers(99, block(*RESPONSE)),
        _PROTOCOL_ERROR,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-5.1.1-data-on-a-stream-that-nobody-opened",
        "A server answers only streams that the client has opened.",
        data(99, b"x"),
        _PROTOCOL_ERROR,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-5.1.1-identifiers-may-leave-gaps",
        "Identifiers grow, by any even step.",
        headers(5, _REQUEST) + headers(77, _REQUEST),
        Means(HeadersReceived(5, REQUEST, False), HeadersReceived(77, REQUEST, False)),
        roles=SERVER,
    ),
    Case(
        "rfc9113-5.1.1-headers-below-the-highest-stream",
        "The first use of an identifier closes the idle streams below it.",
        headers(7, _REQUEST) + headers(5, _REQUEST),
        EndsConnection(
            ErrorCode.STREAM_CLOSED, last_stream=7, after=(HeadersReceived(7, REQUEST, False),)
        ),
        roles=SERVER,
    ),
    Case(
        "rfc9113-5.1.1-data-below-the-highest-stream",
        "The first use of an identifier closes the idle streams below it.",
        headers(7, _REQUEST) + data(5, b"x"),
        EndsStream(
            ErrorCode.STREAM_CLOSED,
            stream_id=5,
            known=False,
            after=(HeadersReceived(7, REQUEST, False),),
        ),
        roles=SERVER,
    ),
    Case(
        "rfc9113-5.1.1-identifiers-are-not-used-again",
        "A stream that both ends have ended is not opened again.",
        headers(SUBJECT, _REQUEST),
        EndsConnection(ErrorCode.STREAM_CLOSED),
        subject=Subject.CLOSED,
        roles=SERVER,
    ),
    Case(
        "rfc9113-5.1.1-the-largest-identifier",
        "Identifiers have 31 bits.",
        headers(LARGEST, _REQUEST),
        Means(HeadersReceived(LARGEST, REQUEST, False)),
        roles=SERVER,
        stays=False,
    ),
    Case(
        "rfc9113-5.1.1-a-stream-that-failed-has-used-its-identifier",
        "A malformed request has opened its stream, and closed those below it.",
        headers(9, block(("a", "b"))) + headers(7, _REQUEST),
        EndsConnection(
            ErrorCode.STREAM_CLOSED,
            last_stream=9,
            behind=(Frame(RST_STREAM, 0, 9, ErrorCode.PROTOCOL_ERROR.to_bytes(4)),),
        ),
        roles=SERVER,
    ),
]


@each(CASES)
def test_stream_identifiers(case: Case, role: Role) -> None:
    """Identifiers are odd, grow and are used once; stream 0 is the connection's."""
    case.play(role)


def test_rfc9113_5_1_1_a_client_of_ours_counts_odd_numbers() -> None:
    """Our streams are 1, 3, 5 and so on."""
    connection = Connection(Role.CLIENT)
    assert [connection.request(REQUEST) for _ in range(4)] == [1, 3, 5, 7]


def test_rfc9113_5_1_1_a_client_of_ours_does_not_use_an_identifier_again() -> None:
    """Identifiers of streams that have ended are not reused."""
    scene = Scene(Role.CLIENT, Subject.CLOSED)
    assert scene.connection.request(REQUEST) == SUBJECT + 2


def test_rfc9113_5_1_1_a_client_out_of_identifiers_opens_no_stream() -> None:
    """Past 2^31-1 a request fails before anything is sent: it needs a new connection."""
    connection = Connection(Role.CLIENT)
    connection._state.highest_local = LARGEST - 2  # noqa: SLF001 - 2^30 requests take too long
    connection.receive(settings(), 0.0)
    connection.data_to_send()
    assert connection.request(REQUEST) == LARGEST
    connection.data_to_send()
    assert not connection.may_open_stream
    with pytest.raises(ClosedError):
        connection.request(REQUEST)
    assert connection.data_to_send() == b""


def test_rfc9113_5_1_1_a_server_of_ours_opens_no_stream() -> None:
    """A server sends only on streams that its client has opened."""
    scene = Scene(Role.SERVER)
    assert not any(frame.stream_id for frame in scene.opening_frames)
    with pytest.raises(ClosedError):
        scene.connection.send_headers(2, RESPONSE)
