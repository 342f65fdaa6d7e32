"""The check of request headers."""

import pytest

from mirastack_sdk._wire.grpc.request_check import Admission, Rejection, admit, parse_timeout
from mirastack_sdk.testing import Encoding

PATH = "/a.B/C"
HEADERS = {
    ":method": "POST",
    ":path": PATH,
    "te": "trailers",
    "content-type": "application/grpc+json",
    "user-agent": "test",
    "grpc-timeout": "1500m",
    "x-plugin-name": "me",
}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2H", 7200.0),
        ("3M", 180.0),
        ("4S", 4.0),
        ("5m", 0.005),
        ("6u", 6e-6),
        ("7n", 7e-9),
        ("99999999S", 99999999.0),
        ("0S", 0.0),
    ],
)
def test_reads_every_unit_of_a_timeout(text: str, seconds: float) -> None:
    """Every unit of gRPC is read, with up to eight digits."""
    assert parse_timeout(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "S", "1", "1s", "-1S", "1.5S", "123456789S", " 1S", "1S ", "\u0661S"]
)
def test_refuses_a_malformed_timeout(text: str) -> None:
    """A timeout that gRPC does not allow is malformed."""
    assert parse_timeout(text) is None


def test_an_admitted_call_carries_what_a_handler_may_know() -> None:
    """An accepted call has a method, encoding, timeout, and metadata without protocol headers."""
    call = admit(HEADERS.items(), {PATH})
    assert call == Admission(
        method=PATH,
        encoding=Encoding.JSON,
        metadata={"x-plugin-name": "me"},
        timeout=1.5,
    )


@pytest.mark.parametrize(
    ("sent", "read"), [(b"na\xc3\xafve", "na\u00efve"), (b"na\xefve", "na\u00efve"), (b"x", "x")]
)
def test_metadata_that_is_not_ascii_is_read_as_utf_8_where_it_is(sent: bytes, read: str) -> None:
    """Metadata outside ASCII arrives as UTF-8 if possible, otherwise byte for byte."""
    call = admit({**HEADERS, "x-plugin-name": sent.decode("latin-1")}.items(), {PATH})
    assert isinstance(call, Admission)
    assert call.metadata == {"x-plugin-name": read}


def test_a_refusal_keeps_the_callers_encoding() -> None:
    """A rejection has the content-type of the request."""
    checked = admit({**HEADERS, ":path": "/a.B/D"}.items(), {PATH})
    assert isinstance(checked, Rejection)
    assert checked.encoding is Encoding.JSON


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({":method": "GET"}, 405, "method GET is not allowed, gRPC uses POST"),
        ({"content-type": "text/html"}, 415, "content-type 'text/html' is not supported, use app"),
        ({"content-type": None}, 415, "content-type '' is not supported, use application/grpc, "),
        ({"te": None}, 400, 'the header "te: trailers" is missing'),
    ],
)
def test_a_request_that_is_not_grpc_learns_why(
    changed: dict[str, str | None], status: int, message: str
) -> None:
    """The HTTP status and a sentence say what to send instead."""
    headers = {name: text for name, text in (HEADERS | changed).items() if text is not None}
    checked = admit(headers.items(), {PATH})
    assert isinstance(checked, Rejection)
    assert checked.http_status == status
    assert checked.message.startswith(message)


def test_headers_in_any_number_do_not_raise() -> None:
    """A request without headers is rejected."""
    assert isinstance(admit([], {PATH}), Rejection)
