"""Responses that violate gRPC."""

import pytest

from tests.reliability.bad_engines.cases import BadEngine, each_of, meet, meet_later
from tests.reliability.bad_engines.engine import (
    HangUp,
    Response,
    good,
    head,
    in_frames,
    silent,
    trailers,
)
from tests.wire.http2.conformance import frames
from tests.wire.raw_peer import frame as message

DONE = b'{"success":true}'


def _with_headers(block: bytes, *, end: bool = True) -> Response:
    return lambda number: frames.headers(number, block, end=end)


def _with_body(body: bytes, ending: bytes = trailers(), *, content_type: str = "") -> Response:
    block = head(content_type=content_type) if content_type else head()

    def answer(number: int) -> bytes:
        return (
            frames.headers(number, block)
            + in_frames(number, body)
            + frames.headers(number, ending, end=True)
        )

    return answer


def _without_trailers(number: int) -> bytes:
    return frames.headers(number, head()) + frames.data(number, message(DONE), end=True)


def _cut_off(number: int) -> bytes:
    raise HangUp(frames.headers(number, head()) + frames.data(number, message(DONE)[:8]))


STATUSES = (
    BadEngine(
        name="no trailers",
        promise="a message without a status is an error",
        answer=_without_trailers,
        reason="internal",
        status="UNKNOWN",
        text="no grpc-status",
    ),
    BadEngine(
        name="trailers without a status",
        promise="trailers without a status are an error",
        answer=_with_body(message(DONE), b"\x00\x01a\x01b"),
        reason="internal",
        status="UNKNOWN",
        text="no grpc-status",
    ),
    BadEngine(
        name="trailers only, with an error",
        promise="an error may come without a message",
        answer=_with_headers(head(("grpc-status", "7"), ("grpc-message", "not you"))),
        reason="permission_denied",
        status="PERMISSION_DENIED",
        text="not you",
    ),
    BadEngine(
        name="trailers only, with success",
        promise="success without a message is an error",
        answer=_with_headers(head(("grpc-status", "0"))),
        reason="invalid_reply",
        text="there is no message",
    ),
    BadEngine(
        name="a status that is no number",
        promise="a status that cannot be read is UNKNOWN",
        answer=_with_body(message(DONE), trailers("abc")),
        reason="internal",
        status="UNKNOWN",
        text="UNKNOWN",
    ),
    BadEngine(
        name="a status that nobody has defined",
        promise="a status of a later gRPC is UNKNOWN",
        answer=_with_body(message(DONE), trailers("99")),
        reason="internal",
        status="UNKNOWN",
        text="UNKNOWN",
    ),
    BadEngine(
        name="a status with digits of another script",
        promise="only ASCII digits are a status",
        answer=_with_body(message(DONE), trailers("\xb2")),
        reason="internal",
        status="UNKNOWN",
        text="UNKNOWN",
    ),
    BadEngine(
        name="bad percent-encoding in the message",
        promise="a status text that cannot be decoded is passed on unchanged",
        answer=_with_headers(head(("grpc-status", "3"), ("grpc-message", "100% %zz %e2%82 sure%"))),
        reason="invalid_argument",
        status="INVALID_ARGUMENT",
        text="sure",
    ),
    BadEngine(
        name="a message and a status",
        promise="a message does not count where the status is not OK",
        answer=_with_body(message(DONE), trailers("5")),
        reason="not_found",
        status="NOT_FOUND",
        text="",
    ),
    BadEngine(
        name="a status and no message",
        promise="the error says that there was no message",
        answer=_with_headers(head(("grpc-status", "5"))),
        reason="not_found",
        status="NOT_FOUND",
        text="NOT_FOUND: no message",
    ),
)

PAGES = (
    BadEngine(
        name="a page that is fine",
        promise="the error of a response that is not gRPC names its content-type",
        answer=_with_headers(head(content_type="text/html")),
        reason="internal",
        status="UNKNOWN",
        text="'text/html'",
    ),
    BadEngine(
        name="no content-type",
        promise="a response without a content-type is an error",
        answer=_with_headers(b"\x88"),
        reason="internal",
        status="UNKNOWN",
        text="its content-type ''",
    ),
    *(
        BadEngine(
            name=f"HTTP {code}",
            promise="a proxy's page is translated from its HTTP status",
            answer=_with_headers(head(content_type="text/html", status=code), end=False),
            reason=reason,
            retryable=retryable,
            status=status,
            text=f"HTTP status {code}",
        )
        for code, reason, status, retryable in (
            ("400", "internal", "INTERNAL", False),
            ("401", "permission_denied", "UNAUTHENTICATED", False),
            ("403", "permission_denied", "PERMISSION_DENIED", False),
            ("404", "unimplemented", "UNIMPLEMENTED", False),
            ("418", "internal", "UNKNOWN", False),
            ("429", "unavailable", "UNAVAILABLE", True),
            ("502", "unavailable", "UNAVAILABLE", True),
        )
    ),
)

BODIES = (
    BadEngine(
        name="another encoding than was asked",
        promise="the error names the response's encoding",
        answer=_with_body(message(b"\x08\x01"), content_type="application/grpc+proto"),
        reason="internal",
        status="UNKNOWN",
        text="not in json",
    ),
    BadEngine(
        name="an encoding that nobody speaks",
        promise="the error names the response's encoding",
        answer=_with_body(message(DONE), content_type="application/grpc+thrift"),
        reason="internal",
        status="UNKNOWN",
        text="grpc+thrift",
    ),
    BadEngine(
        name="part of a message",
        promise="a message that ends early says how much is missing",
        answer=_with_body(message(DONE)[:-3]),
        reason="invalid_reply",
        text="3 bytes are missing",
    ),
    BadEngine(
        name="part of a message's length",
        promise="a length that ends early is an error",
        answer=_with_body(message(DONE)[:3]),
        reason="invalid_reply",
        text="part of its length is missing",
    ),
    BadEngine(
        name="two messages",
        promise="a unary response has one message",
        answer=_with_body(message(DONE) * 2),
        reason="invalid_reply",
        text="after the message",
    ),
    BadEngine(
        name="a message of 4 GB",
        promise="a message above the limit is not waited for",
        answer=_with_body(b"\0\xff\xff\xff\xff"),
        reason="resource_exhausted",
        text="4294967295 bytes, at most 100000",
    ),
    BadEngine(
        name="a message just above the limit",
        promise="the limit is exact",
        answer=_with_body(message(bytes(100_001))[:40_000]),
        reason="resource_exhausted",
        text="100001 bytes, at most 100000",
    ),
    BadEngine(
        name="a compressed message",
        promise="compression that was not offered is refused",
        answer=_with_body(message(DONE, compressed=1)),
        reason="invalid_reply",
        text="compressed",
    ),
    BadEngine(
        name="an answer that is cut off",
        promise="a connection lost in mid-response loses a call that the engine may have acted on",
        answer=_cut_off,
        reason="unavailable",
        retryable=True,
        text="the connection was lost",
    ),
    BadEngine(
        name="an answer that stops in the middle",
        promise="a call ends at its deadline although half its response has arrived",
        answer=lambda number: frames.headers(number, head()) + frames.data(number, b"\0\0\0\0\x10"),
        reason="deadline_exceeded",
        retryable=True,
        text="did not answer in time",
        timeout=0.2,
    ),
    BadEngine(
        name="no answer",
        promise="a call ends at its deadline",
        answer=silent,
        reason="deadline_exceeded",
        retryable=True,
        text="did not answer in time",
        timeout=0.2,
    ),
)

CONTENTS = (
    *(
        BadEngine(
            name=name,
            promise="an invalid message is `invalid_reply`, and the error says where",
            answer=_with_body(message(body)),
            reason="invalid_reply",
            text=text,
        )
        for name, body, text in (
            ("JSON that ends early", b'{"success":tr', ""),
            ("a list", b"[]", ""),
            ("no JSON", b"success", ""),
            ("a text for a bool", b'{"success":"true"}', "success"),
            ("a number for a bool", b'{"success":1}', "success"),
            ("an object for a bool", b'{"success":{}}', "success"),
            ("no UTF-8", b'{"success":true,"a":"\xff"}', ""),
            ("30,000 lists in each other", b"[" * 30_000 + b"]" * 30_000, ""),
            ("a number of 60,000 digits", b'{"success":' + b"9" * 60_000 + b"}", ""),
        )
    ),
    *(
        BadEngine(
            name=name,
            promise="an invalid message is `invalid_reply`",
            answer=_with_body(message(body), content_type="application/grpc+proto"),
            encoding="proto",
            reason="invalid_reply",
            text="",
        )
        for name, body in (
            ("protobuf that ends in a tag", b"\x80"),
            ("protobuf that ends in a value", b"\x08"),
            ("protobuf with a length beyond its end", b"\x12\x7f"),
            ("protobuf with the end of a group", b"\x0c"),
            ("protobuf with field number 0", b"\x00\x01"),
        )
    ),
)


@each_of(STATUSES)
async def test_an_invalid_outcome(case: BadEngine) -> None:
    """Whatever is wrong with the trailers, the caller gets an `EngineError`."""
    await meet(case)


@each_of(PAGES)
async def test_a_page_in_place_of_an_answer(case: BadEngine) -> None:
    """The response of a proxy is translated as gRPC specifies."""
    await meet(case)


@each_of(BODIES)
async def test_a_body_that_holds_no_message(case: BadEngine) -> None:
    """Malformed, missing or excess bytes are refused before they cost anything."""
    await meet(case)


@each_of(CONTENTS)
async def test_a_message_that_is_not_the_contracts(case: BadEngine) -> None:
    """A message that cannot be decoded is `invalid_reply`, and affects nothing else."""
    await meet(case)


@each_of([*STATUSES, *PAGES, *BODIES, *CONTENTS])
async def test_the_same_after_right_responses(case: BadEngine) -> None:
    """What is wrong with a response is wrong as well after some that were right."""
    await meet_later(case)


@pytest.mark.parametrize("sound", [good], ids=["good"])
async def test_the_measure_of_these_cases(sound: Response) -> None:
    """A correct engine causes no error, so the cases fail for the stated reason."""
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        await meet(BadEngine(name="good", promise="", reason="", text="", answer=sound))
