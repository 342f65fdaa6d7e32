"""RFC 9113 sections 5.4.2, 6.4 and 7: RST_STREAM, and error codes of streams."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import HeadersReceived, StreamReset
from mirastack_sdk._wire.http2.limits import Limits, Rate
from mirastack_sdk._wire.http2.protocol_errors import ClosedError
from tests.wire.http2.conformance.blocks import REQUEST, RESPONSE, TRAILERS, block
from tests.wire.http2.conformance.cases import BOTH, Case, EndsConnection, Ignored, Means, each
from tests.wire.http2.conformance.frames import (
    RST_STREAM,
    Frame,
    data,
    headers,
    raw,
    rst_stream,
    settings,
    window_update,
)
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

# RFC 9113 section 7, as it is printed.
_CODES = {
    "NO_ERROR": 0x0,
    "PROTOCOL_ERROR": 0x1,
    "INTERNAL_ERROR": 0x2,
    "FLOW_CONTROL_ERROR": 0x3,
    "SETTINGS_TIMEOUT": 0x4,
    "STREAM_CLOSED": 0x5,
    "FRAME_SIZE_ERROR": 0x6,
    "REFUSED_STREAM": 0x7,
    "CANCEL": 0x8,
    "COMPRESSION_ERROR": 0x9,
    "CONNECT_ERROR": 0xA,
    "ENHANCE_YOUR_CALM": 0xB,
    "INADEQUATE_SECURITY": 0xC,
    "HTTP_1_1_REQUIRED": 0xD,
}
_UNKNOWN_CODES = {"14": 14, "2-31": 2**31, "2-32-1": 2**32 - 1}
_LATE = (
    (data(SUBJECT, bytes(100)) * 3)
    + window_update(SUBJECT, 1)
    + headers(SUBJECT, block(*TRAILERS), end=True)
)

roles = pytest.mark.parametrize("role", BOTH)


def _reset(code: int) -> Means:
    unprocessed = code == ErrorCode.REFUSED_STREAM
    return Means(StreamReset(SUBJECT, code, "reset by the peer", True, unprocessed))


CASES = [
    *(
        Case(
            f"rfc9113-7-rst-stream-with-{name.lower().replace('_', '-')}",
            "Every error code ends its stream, and is told as it came.",
            rst_stream(SUBJECT, code),
            _reset(code),
        )
        for name, code in _CODES.items()
    ),
    *(
        Case(
            f"rfc9113-7-rst-stream-with-the-unknown-code-{name}",
            "A code that is not known triggers nothing special.",
            rst_stream(SUBJECT, code),
            _reset(code),
        )
        for name, code in _UNKNOWN_CODES.items()
    ),
    *(
        Case(
            f"rfc9113-6.4-rst-stream-of-{size}-octets",
            "RST_STREAM has 4 octets; another size is an error of the connection.",
            raw(RST_STREAM, 0, SUBJECT, bytes(size)),
            EndsConnection(ErrorCode.FRAME_SIZE_ERROR),
        )
        for size in (0, 3, 5)
    ),
    Case(
        "rfc9113-6.4-rst-stream-of-an-idle-stream",
        "A stream that nobody has opened cannot be reset.",
        rst_stream(9_999),
        EndsConnection(ErrorCode.PROTOCOL_ERROR),
    ),
    Case(
        "rfc9113-6.4-two-resets-of-one-stream",
        "The first RST_STREAM ends the stream, the second one nothing, and neither is answered.",
        rst_stream(SUBJECT) + rst_stream(SUBJECT),
        _reset(ErrorCode.CANCEL),
    ),
    Case(
        "rfc9113-5.4.2-a-reset-is-not-answered-with-a-reset",
        "RST_STREAM is never sent in response to RST_STREAM.",
        rst_stream(SUBJECT, 2),
        Ignored(),
        subject=Subject.CLOSED,
    ),
]


@each(CASES)
def test_rst_stream(case: Case, role: Role) -> None:
    """RST_STREAM with any code ends its stream, and no other."""
    case.play(role)


def test_rfc9113_7_error_codes_have_the_numbers_of_the_rfc() -> None:
    """Our codes are those that section 7 defines."""
    assert {code.name: code.value for code in ErrorCode} == _CODES


@roles
@pytest.mark.parametrize(
    "subject", [Subject.OPEN, Subject.HALF_CLOSED_LOCAL, Subject.HALF_CLOSED_REMOTE]
)
def test_rfc9113_6_4_our_reset_ends_a_stream_at_once(role: Role, subject: Subject) -> None:
    """A reset discards queued data, and frees the stream."""
    scene = Scene(role, subject)
    scene.receive(window_update(SUBJECT, 100_000))
    if subject is not Subject.HALF_CLOSED_LOCAL:
        scene.connection.send_data(SUBJECT, bytes(100_000))
        scene.sent()
    scene.connection.reset(SUBJECT, ErrorCode.CANCEL)
    assert scene.connection.open_streams == 1
    assert scene.sent() == [Frame(RST_STREAM, 0, SUBJECT, (8).to_bytes(4))]
    assert scene.receive(window_update(0, 100_000)).frames == []
    scene.neighbour_completes()
    scene.newcomer_opens()


@roles
@pytest.mark.parametrize(
    "subject", [Subject.IDLE, Subject.CLOSED, Subject.RESET_BY_US, Subject.RESET_BY_PEER]
)
def test_rfc9113_6_4_a_stream_that_is_not_open_is_not_reset(role: Role, subject: Subject) -> None:
    """No RST_STREAM is sent for idle or closed streams."""
    scene = Scene(role, subject)
    scene.connection.reset(SUBJECT, ErrorCode.CANCEL)
    assert scene.sent() == []
    scene.neighbour_completes()


@roles
def test_rfc9113_5_1_nothing_is_sent_on_a_closed_stream(role: Role) -> None:
    """Writing to a stream that has ended is refused, and sends no frame."""
    scene = Scene(role, Subject.RESET_BY_PEER)
    with pytest.raises(ClosedError):
        scene.connection.send_data(SUBJECT, b"x")
    with pytest.raises(ClosedError):
        scene.connection.send_headers(SUBJECT, TRAILERS, end_stream=True)
    assert scene.sent() == []
    scene.neighbour_completes()


@roles
def test_rfc9113_5_1_nothing_is_sent_behind_our_own_end(role: Role) -> None:
    """Nothing follows END_STREAM, even if it is queued behind a closed window."""
    scene = Scene(role)
    scene.connection.send_data(SUBJECT, bytes(70_000), end_stream=True)
    with pytest.raises(ClosedError):
        scene.connection.send_data(SUBJECT, b"x")
    with pytest.raises(ClosedError):
        scene.connection.send_headers(SUBJECT, TRAILERS, end_stream=True)


def test_rfc9113_5_1_many_calls_cancelled_at_once() -> None:
    """A client may reset thousands of streams: late frames of the server are not errors."""
    connection = Connection(Role.CLIENT)
    connection.receive(settings(), 0.0)
    numbers = [connection.request(REQUEST, end_stream=True) for _ in range(3_000)]
    *cancelled, neighbour = numbers
    for number in cancelled:
        connection.reset(number)
    connection.data_to_send()
    response = block(*RESPONSE)
    for number in cancelled:
        late = headers(number, response) + _LATE.replace(SUBJECT.to_bytes(4), number.to_bytes(4))
        assert connection.receive(late, 0.0) == []
    assert connection.data_to_send() == b""
    answer = headers(neighbour, response, end=True)
    assert connection.receive(answer, 0.0) == [HeadersReceived(neighbour, RESPONSE, True)]


def test_rfc9113_5_1_many_calls_refused_at_once() -> None:
    """A server may refuse any number of streams; the others go on."""
    connection = Connection(Role.CLIENT)
    connection.receive(settings(), 0.0)
    *refused, neighbour = [connection.request(REQUEST, end_stream=True) for _ in range(3_000)]
    heard = connection.receive(b"".join(rst_stream(number, 7) for number in refused), 0.0)
    assert len(heard) == len(refused)
    assert all(isinstance(event, StreamReset) and event.unprocessed for event in heard)
    answer = headers(neighbour, block(*RESPONSE), end=True)
    assert connection.receive(answer, 0.0) == [HeadersReceived(neighbour, RESPONSE, True)]


@roles
def test_rfc9113_6_9_1_late_data_keeps_to_the_window_it_had(role: Role) -> None:
    """Late data within its stream's window is free; empty or excess data spends a budget."""
    scene = Scene(role, Subject.RESET_BY_US, Limits(useless_frames=Rate(burst=2, per_second=0)))
    within = data(SUBJECT, bytes(16_384)) * 3 + data(SUBJECT, b"x" * 1_023) * 16
    assert scene.receive(within) == ([], [])
    beyond = data(SUBJECT, bytes(16)) + data(SUBJECT)
    assert scene.receive(beyond) == ([], [])
    EndsConnection(ErrorCode.ENHANCE_YOUR_CALM).check(scene, scene.receive(data(SUBJECT)))


@roles
def test_rfc9113_5_1_behind_the_late_end_nothing_is_in_order(role: Role) -> None:
    """After a late END_STREAM on a stream that we have reset, further frames are errors."""
    scene = Scene(role, Subject.RESET_BY_US)
    assert scene.receive(data(SUBJECT, b"x", end=True)) == ([], [])
    heard = scene.receive(data(SUBJECT, b"x"))
    assert heard == ([], [Frame(RST_STREAM, 0, SUBJECT, ErrorCode.STREAM_CLOSED.to_bytes(4))])
    scene.neighbour_completes()
