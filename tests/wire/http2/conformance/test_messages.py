"""RFC 9113 section 8.1: requests and responses as sequences of frames."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import DataReceived, HeadersReceived, TrailersReceived
from tests.wire.http2.conformance.blocks import (
    REQUEST,
    RESPONSE,
    TRAILERS,
    Fields,
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
from tests.wire.http2.conformance.frames import data, headers
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

_MALFORMED = EndsStream(ErrorCode.PROTOCOL_ERROR)
_TRAILERS = headers(SUBJECT, block(*TRAILERS), end=True)


def _length(value: str) -> tuple[str, str]:
    return ("content-length", value)


def _opened(fields: Fields, *, ended: bool = False) -> HeadersReceived:
    return HeadersReceived(SUBJECT, fields, ended)


# Name, what content-length says, the body, and whether the message is whole.
_LENGTHS = [
    ("content-length-of-the-body", "4", (b"body",), True),
    ("content-length-of-the-sum-of-the-data", "8", (b"body", b"", b"body"), True),
    ("content-length-of-an-empty-body", "0", (b"",), True),
    ("content-length-with-leading-zeros", "004", (b"body",), True),
    ("content-length-above-the-body", "5", (b"body",), False),
    ("content-length-below-the-body", "3", (b"body",), False),
    ("content-length-below-the-sum-of-the-data", "7", (b"body", b"body"), False),
    ("content-length-of-0-and-a-body", "0", (b"body",), False),
    ("content-length-and-no-body", "4", (b"",), False),
]


def _lengths(name: str, value: str, parts: tuple[bytes, ...], *, whole: bool) -> list[Case]:
    rule = "content-length is the sum of the DATA frames' payloads, or the message is malformed."
    cases = []
    for kind, role, fields, subject in (
        ("request", SERVER, (*REQUEST, _length(value)), Subject.IDLE),
        ("response", CLIENT, (*RESPONSE, _length(value)), Subject.REQUESTED),
    ):
        sent = headers(SUBJECT, block(*fields))
        events: list[HeadersReceived | DataReceived] = [_opened(fields)]
        total = 0
        for number, part in enumerate(parts, 1):
            last = number == len(parts)
            sent += data(SUBJECT, part, end=last)
            total += len(part)
            broken = not whole and (last or total > int(value))
            if not broken and (part or last):
                events.append(DataReceived(SUBJECT, part, last))
        outcome = Means(*events) if whole else _failing(events)
        name_ = f"rfc9113-8.1.1-{name}-of-a-{kind}"
        cases.append(Case(name_, rule, sent, outcome, subject=subject, roles=role))
    return cases


def _failing(events: list[HeadersReceived | DataReceived]) -> EndsStream:
    return EndsStream(ErrorCode.PROTOCOL_ERROR, after=tuple(events))


CASES = [
    *(case for n, v, parts, whole in _LENGTHS for case in _lengths(n, v, parts, whole=whole)),
    *(
        Case(
            f"rfc9113-8.1.1-content-length-that-is-{name}",
            "content-length is one number.",
            headers(SUBJECT, request(*(_length(value) for value in values))),
            EndsStream(ErrorCode.PROTOCOL_ERROR, known=False),
            subject=Subject.IDLE,
            roles=SERVER,
        )
        for name, values in (
            ("no-number", ("four",)),
            ("empty", ("",)),
            ("negative", ("-1",)),
            ("signed", ("+4",)),
            ("a-fraction", ("4.0",)),
            ("a-list", ("4, 4",)),
            ("hexadecimal", ("0x4",)),
            ("of-other-digits", ("\xb2",)),
            ("beyond-any-size", ("9" * 40,)),
            ("there-twice-and-differs", ("4", "5")),
        )
    ),
    Case(
        "rfc9113-8.1.1-content-length-that-is-there-twice-and-agrees",
        "A repeated content-length says what it says.",
        headers(SUBJECT, request(_length("4"), _length("4"))) + data(SUBJECT, b"body", end=True),
        Means(
            _opened((*REQUEST, _length("4"), _length("4"))), DataReceived(SUBJECT, b"body", True)
        ),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-8.1.1-content-length-and-the-end-at-once",
        "A request that ends with its headers has no body, whatever it promises.",
        headers(SUBJECT, request(_length("4")), end=True),
        EndsStream(ErrorCode.PROTOCOL_ERROR, known=False),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-8.1.1-content-length-and-trailers",
        "Trailers end the body, too.",
        headers(SUBJECT, request(_length("4"))) + data(SUBJECT, b"bod") + _TRAILERS,
        EndsStream(
            ErrorCode.PROTOCOL_ERROR,
            after=(_opened((*REQUEST, _length("4"))), DataReceived(SUBJECT, b"bod", False)),
        ),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    *(
        Case(
            f"rfc9113-8.1.1-content-length-of-a-response-{status}-without-content",
            "A status that has no content may say the length of what it leaves out.",
            headers(SUBJECT, block((":status", status), _length("4")), end=True),
            Means(_opened(((":status", status), _length("4")), ended=True)),
            subject=Subject.REQUESTED,
            roles=CLIENT,
        )
        for status in ("204", "304")
    ),
    Case(
        "rfc9113-8.1-trailers-that-do-not-end-the-stream",
        "A second block ends the stream, or the message is malformed.",
        headers(SUBJECT, block(*TRAILERS)),
        _MALFORMED,
    ),
    Case(
        "rfc9113-8.1-a-second-request-on-a-stream",
        "A stream carries one request.",
        headers(SUBJECT, block(*REQUEST)),
        _MALFORMED,
        roles=SERVER,
    ),
    Case(
        "rfc9113-8.1-a-second-response-on-a-stream",
        "A stream carries one final response.",
        headers(SUBJECT, block(*RESPONSE)),
        _MALFORMED,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-8.1-data-before-the-response",
        "A response begins with headers.",
        data(SUBJECT, b"x"),
        _MALFORMED,
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-8.1-a-request-in-one-block",
        "A request may be headers alone.",
        headers(SUBJECT, block(*REQUEST), end=True),
        Means(_opened(REQUEST, ended=True)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-8.1-a-request-with-body-and-trailers",
        "A request may be headers, data and trailers.",
        headers(SUBJECT, block(*REQUEST)) + data(SUBJECT, b"body") + _TRAILERS,
        Means(
            _opened(REQUEST),
            DataReceived(SUBJECT, b"body", False),
            TrailersReceived(SUBJECT, TRAILERS),
        ),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-8.1-a-response-with-body-and-trailers",
        "A response may be headers, data and trailers.",
        headers(SUBJECT, block(*RESPONSE)) + data(SUBJECT, b"body") + _TRAILERS,
        Means(
            _opened(RESPONSE),
            DataReceived(SUBJECT, b"body", False),
            TrailersReceived(SUBJECT, TRAILERS),
        ),
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-8.1-a-response-before-the-request-has-ended",
        "A server may answer before it has the whole request.",
        headers(SUBJECT, block(*RESPONSE), end=True),
        Means(_opened(RESPONSE, ended=True)),
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    *(
        Case(
            f"rfc9113-8.1-informational-response-{status}",
            "Interim responses come before the final one, and are passed over.",
            headers(SUBJECT, block((":status", status), ("link", "</a>"))),
            Ignored(),
            subject=Subject.REQUESTED,
            roles=CLIENT,
        )
        for status in ("100", "102", "103", "199")
    ),
    Case(
        "rfc9113-8.1-final-response-after-informational-ones",
        "Any number of interim responses may come before the final one.",
        headers(SUBJECT, block((":status", "103"))) * 3 + headers(SUBJECT, block(*RESPONSE)),
        Means(_opened(RESPONSE)),
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-8.1-informational-response-that-ends-the-stream",
        "An interim response with END_STREAM is malformed.",
        headers(SUBJECT, block((":status", "100")), end=True),
        _MALFORMED,
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-8.1-informational-response-after-the-final-one",
        "Interim responses do not come after the final one.",
        headers(SUBJECT, block((":status", "103"))),
        _MALFORMED,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-8.1-malformed-informational-response",
        "The rules of fields hold for interim responses.",
        headers(SUBJECT, block((":status", "103"), ("connection", "close"))),
        _MALFORMED,
        subject=Subject.REQUESTED,
        roles=CLIENT,
    ),
]


@each(CASES)
def test_messages(case: Case, role: Role) -> None:
    """A message is headers, data and trailers, with the promised length."""
    case.play(role)


@pytest.mark.parametrize("padding", [None, 20])
def test_rfc9113_8_1_1_padding_is_no_content(padding: int | None) -> None:
    """content-length does not count padding."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    sent = headers(SUBJECT, request(_length("4"))) + data(SUBJECT, b"body", padding=padding)
    scene.receive(sent)
    assert scene.receive(data(SUBJECT, end=True)).events == [DataReceived(SUBJECT, b"", True)]
    scene.neighbour_completes()
