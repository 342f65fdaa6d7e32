"""RFC 9113 sections 5.3, 6.1, 6.2, 6.3 and 6.6: padding, priorities and push."""

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import DataReceived, HeadersReceived
from tests.wire.http2.conformance.blocks import REQUEST, TRAILERS, block
from tests.wire.http2.conformance.cases import (
    CLIENT,
    SERVER,
    Case,
    EndsConnection,
    EndsStream,
    Ignored,
    Means,
    each,
)
from tests.wire.http2.conformance.frames import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HAS_PRIORITY,
    HEADERS,
    PADDED,
    PRIORITY,
    WINDOW_UPDATE,
    Frame,
    continuation,
    data,
    headers,
    priority,
    push_promise,
    raw,
)
from tests.wire.http2.conformance.scene import NEIGHBOUR, NEWCOMER, SUBJECT, Subject

_PROTOCOL_ERROR = EndsConnection(ErrorCode.PROTOCOL_ERROR)
_FRAME_SIZE_ERROR = EndsConnection(ErrorCode.FRAME_SIZE_ERROR)
_REQUEST = block(*REQUEST)
_TRAILERS = block(*TRAILERS)
_OPENED = Means(HeadersReceived(SUBJECT, REQUEST, False))
_WHOLE = END_HEADERS | END_STREAM
_DEPENDENCY = NEIGHBOUR.to_bytes(4) + b"\x0f"
_ON_ITSELF = SUBJECT.to_bytes(4) + b"\x0f"


def _credit(octets: int) -> Frame:
    """The window that the connection returns for padding, which the application never sees."""
    return Frame(WINDOW_UPDATE, 0, SUBJECT, octets.to_bytes(4))


CASES = [
    Case(
        "rfc9113-6.1-padded-data",
        "Padding is no part of the data, and it is given back to the window with its length.",
        data(SUBJECT, b"x", padding=10),
        Means(DataReceived(SUBJECT, b"x", False), answer=[_credit(11)]),
    ),
    Case(
        "rfc9113-6.1-data-padded-with-nothing",
        "A pad length of 0 costs one octet.",
        data(SUBJECT, b"x", padding=0),
        Means(DataReceived(SUBJECT, b"x", False), answer=[_credit(1)]),
    ),
    Case(
        "rfc9113-6.1-data-padded-with-255-octets",
        "The largest pad length is 255.",
        data(SUBJECT, b"x", padding=255),
        Means(DataReceived(SUBJECT, b"x", False), answer=[_credit(256)]),
    ),
    Case(
        "rfc9113-6.1-data-that-is-all-padding",
        "DATA may hold padding alone.",
        data(SUBJECT, padding=20),
        Means(answer=[_credit(21)]),
    ),
    Case(
        "rfc9113-6.1-padding-that-is-not-zero",
        "A receiver need not look at the padding.",
        raw(DATA, PADDED, SUBJECT, b"\x03x" + b"\xff\xff\xff"),
        Means(DataReceived(SUBJECT, b"x", False), answer=[_credit(4)]),
    ),
    Case(
        "rfc9113-6.1-data-padding-as-long-as-the-payload",
        "Padding that leaves no room for its own length is a PROTOCOL_ERROR.",
        raw(DATA, PADDED, SUBJECT, b"\x05" + bytes(4)),
        _PROTOCOL_ERROR,
    ),
    Case(
        "rfc9113-6.1-data-padding-longer-than-the-payload",
        "Padding that is longer than its frame is a PROTOCOL_ERROR.",
        raw(DATA, PADDED, SUBJECT, b"\xffxyz"),
        _PROTOCOL_ERROR,
    ),
    Case(
        "rfc9113-6.1-padded-data-without-a-pad-length",
        "A frame that is too small for what it must hold is a FRAME_SIZE_ERROR.",
        raw(DATA, PADDED, SUBJECT),
        _FRAME_SIZE_ERROR,
    ),
    Case(
        "rfc9113-6.2-padded-headers",
        "Padding is no part of the block.",
        raw(HEADERS, END_HEADERS | PADDED, SUBJECT, b"\x07" + _REQUEST + bytes(7)),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.2-padded-headers-that-go-on",
        "Padding ends the HEADERS frame, and the block goes on in CONTINUATION.",
        raw(HEADERS, PADDED, SUBJECT, b"\x07" + _REQUEST[:50] + bytes(7))
        + continuation(SUBJECT, _REQUEST[50:]),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.2-headers-padding-as-long-as-the-payload",
        "Padding that leaves no room for its own length is a PROTOCOL_ERROR.",
        raw(HEADERS, _WHOLE | PADDED, SUBJECT, b"\x05" + bytes(4)),
        _PROTOCOL_ERROR,
    ),
    Case(
        "rfc9113-6.2-headers-padding-longer-than-the-payload",
        "Padding that is longer than its frame is a PROTOCOL_ERROR.",
        raw(HEADERS, _WHOLE | PADDED, SUBJECT, b"\xff" + _TRAILERS),
        _PROTOCOL_ERROR,
    ),
    Case(
        "rfc9113-6.2-padded-headers-without-a-pad-length",
        "A frame that is too small for what it must hold is a FRAME_SIZE_ERROR.",
        raw(HEADERS, _WHOLE | PADDED, SUBJECT),
        _FRAME_SIZE_ERROR,
    ),
    Case(
        "rfc9113-6.2-headers-with-a-priority",
        "A priority is read past: RFC 9113 has deprecated it.",
        headers(SUBJECT, _DEPENDENCY + _REQUEST, flags=HAS_PRIORITY),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.2-headers-with-padding-and-a-priority",
        "The pad length comes first, then the priority, the block and the padding.",
        headers(
            SUBJECT,
            b"\x04" + _DEPENDENCY + _REQUEST + bytes(4),
            flags=HAS_PRIORITY | PADDED,
        ),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.2-headers-too-short-for-their-priority",
        "A frame that is too small for what it must hold is a FRAME_SIZE_ERROR.",
        headers(SUBJECT, b"\0\0\0\x01", flags=HAS_PRIORITY, end=True),
        _FRAME_SIZE_ERROR,
    ),
    Case(
        "rfc9113-6.2-headers-whose-padding-covers-the-priority",
        "What padding leaves is too small for the priority.",
        headers(SUBJECT, b"\x05" + bytes(9), flags=HAS_PRIORITY | PADDED, end=True),
        _FRAME_SIZE_ERROR,
    ),
    Case(
        "rfc9113-5.3.2-headers-that-depend-on-themselves",
        "Priorities have no meaning any more, not even a wrong one.",
        headers(SUBJECT, _ON_ITSELF + _REQUEST, flags=HAS_PRIORITY),
        _OPENED,
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-5.3.2-priority-that-depends-on-itself",
        "Priorities have no meaning any more, not even a wrong one.",
        priority(SUBJECT, SUBJECT),
        Ignored(),
    ),
    Case(
        "rfc9113-5.3.2-priority-that-depends-on-an-idle-stream",
        "Priorities have no meaning any more.",
        priority(SUBJECT, 2**31 | 999, 255),
        Ignored(),
    ),
    Case(
        "rfc9113-6.3-priority-then-a-lower-stream",
        "PRIORITY opens no stream, so that lower ones may still be opened.",
        priority(NEWCOMER - 2) + headers(5, _REQUEST),
        Means(HeadersReceived(5, REQUEST, False)),
        roles=SERVER,
    ),
    *(
        Case(
            f"rfc9113-6.3-priority-of-{size}-octets",
            "PRIORITY has 5 octets; another size is an error of its stream.",
            raw(PRIORITY, 0, SUBJECT, bytes(size)),
            EndsStream(ErrorCode.FRAME_SIZE_ERROR),
        )
        for size in (0, 4, 6)
    ),
    Case(
        "rfc9113-6.3-priority-of-a-wrong-size-on-an-idle-stream",
        "RST_STREAM must not name an idle stream: there the connection ends (section 6.4).",
        raw(PRIORITY, 0, SUBJECT, bytes(4)),
        _FRAME_SIZE_ERROR,
        subject=Subject.IDLE,
    ),
    Case(
        "rfc9113-6.6-push-promise-at-a-server",
        "A client cannot push.",
        push_promise(SUBJECT, 2, _REQUEST),
        _PROTOCOL_ERROR,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.6-push-promise-that-was-not-enabled",
        "A client that has said ENABLE_PUSH 0 treats a push as a PROTOCOL_ERROR.",
        push_promise(SUBJECT, 2, _REQUEST),
        _PROTOCOL_ERROR,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-6.6-push-promise-on-stream-0",
        "A push belongs to a stream.",
        push_promise(0, 2, _REQUEST),
        _PROTOCOL_ERROR,
        roles=CLIENT,
    ),
]


@each(CASES)
def test_padding_and_priority(case: Case, role: Role) -> None:
    """Padding and priorities are removed, and push is not supported."""
    case.play(role)
