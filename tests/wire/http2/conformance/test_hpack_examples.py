"""RFC 7541 appendix C: the RFC's own examples, octet by octet."""

import pytest

from mirastack_sdk._wire.http2.codes import Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import HeadersReceived, SettingsReceived
from tests.wire.http2.conformance.blocks import REQUEST, Fields, integer
from tests.wire.http2.conformance.frames import PREFACE, headers, settings

_UNLIMITED = 2**32 - 1
_SIZE_256 = "3fe101"

_FIRST_REQUEST: Fields = (
    (":method", "GET"),
    (":scheme", "http"),
    (":path", "/"),
    (":authority", "www.example.com"),
)
_SECOND_REQUEST: Fields = (*_FIRST_REQUEST, ("cache-control", "no-cache"))
_THIRD_REQUEST: Fields = (
    (":method", "GET"),
    (":scheme", "https"),
    (":path", "/index.html"),
    (":authority", "www.example.com"),
    ("custom-key", "custom-value"),
)
_REQUESTS = [_FIRST_REQUEST, _SECOND_REQUEST, _THIRD_REQUEST]

_LOCATION = ("location", "https://www.example.com")
_DATE_21 = ("date", "Mon, 21 Oct 2013 20:13:21 GMT")
_DATE_22 = ("date", "Mon, 21 Oct 2013 20:13:22 GMT")
_PRIVATE = ("cache-control", "private")
_RESPONSES: list[Fields] = [
    ((":status", "302"), _PRIVATE, _DATE_21, _LOCATION),
    ((":status", "307"), _PRIVATE, _DATE_21, _LOCATION),
    (
        (":status", "200"),
        _PRIVATE,
        _DATE_22,
        _LOCATION,
        ("content-encoding", "gzip"),
        ("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"),
    ),
]

REQUEST_EXAMPLES = [
    (
        "rfc7541-c.3-requests-without-huffman",
        (
            "828684410f7777772e6578616d706c652e636f6d",
            "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        ),
    ),
    (
        "rfc7541-c.4-requests-with-huffman",
        (
            "828684418cf1e3c2e5f23a6ba0ab90f4ff",
            "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        ),
    ),
]
RESPONSE_EXAMPLES = [
    (
        "rfc7541-c.5-responses-without-huffman",
        (
            "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a3231"
            "20474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
            "4803333037c1c0bf",
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738"
            "666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d"
            "333630303b2076657273696f6e3d31",
        ),
    ),
    (
        "rfc7541-c.6-responses-with-huffman",
        (
            "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff"
            "6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            "4883640effc1c0bf",
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab"
            "77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
        ),
    ),
]
# Each is a field of its own; C.2.1 to C.2.3 need a whole request around them to be legal.
FIELD_EXAMPLES: list[tuple[str, str, tuple[str, str]]] = [
    (
        "rfc7541-c.2.1-literal-with-indexing",
        "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
        ("custom-key", "custom-header"),
    ),
    (
        "rfc7541-c.2.2-literal-without-indexing",
        "040c2f73616d706c652f70617468",
        (":path", "/sample/path"),
    ),
    (
        "rfc7541-c.2.3-literal-never-indexed",
        "100870617373776f726406736563726574",
        ("password", "secret"),
    ),
    ("rfc7541-c.2.4-indexed", "82", (":method", "GET")),
]
NUMBER_EXAMPLES = [
    ("rfc7541-c.1.1-10-in-5-bits", 10, 5, "0a"),
    ("rfc7541-c.1.2-1337-in-5-bits", 1337, 5, "1f9a0a"),
    ("rfc7541-c.1.3-42-in-8-bits", 42, 8, "2a"),
]


def _server() -> Connection:
    connection = Connection(Role.SERVER)
    heard = connection.receive(PREFACE + settings(), 0.0)
    assert heard == [SettingsReceived(_UNLIMITED)]
    return connection


@pytest.mark.parametrize(
    "blocks", [pytest.param(blocks, id=name) for name, blocks in REQUEST_EXAMPLES]
)
def test_requests_of_the_appendix(blocks: tuple[str, ...]) -> None:
    """Three requests on one connection, each built on the table that the last one left."""
    server = _server()
    for number, sent, fields in zip((1, 3, 5), blocks, _REQUESTS, strict=True):
        heard = server.receive(headers(number, bytes.fromhex(sent)), 0.0)
        assert heard == [HeadersReceived(number, fields, False)]


@pytest.mark.parametrize(
    "blocks", [pytest.param(blocks, id=name) for name, blocks in RESPONSE_EXAMPLES]
)
def test_responses_of_the_appendix(blocks: tuple[str, ...]) -> None:
    """Three responses on one connection, in a table of 256 octets that drops its oldest entries."""
    client = Connection(Role.CLIENT)
    client.receive(settings(), 0.0)
    for sent, fields in zip(blocks, _RESPONSES, strict=True):
        number = client.request(REQUEST)
        block = bytes.fromhex(_SIZE_256 + sent if number == 1 else sent)
        heard = client.receive(headers(number, block), 0.0)
        assert heard == [HeadersReceived(number, fields, False)]


@pytest.mark.parametrize(
    ("sent", "field"), [pytest.param(*row[1:], id=row[0]) for row in FIELD_EXAMPLES]
)
def test_fields_of_the_appendix(sent: str, field: tuple[str, str]) -> None:
    """A single field of each representation, within a request of ours."""
    before = tuple(one for one in REQUEST[:4] if one[0] != field[0])
    static = {":method": "83", ":scheme": "86", ":path": "84", ":authority": "4100"}
    block = bytes.fromhex("".join(static[name] for name, _ in before) + sent)
    (heard,) = _server().receive(headers(1, block), 0.0)
    assert isinstance(heard, HeadersReceived)
    assert heard.headers[-1] == field


@pytest.mark.parametrize(
    ("number", "bits", "expected"), [pytest.param(*row[1:], id=row[0]) for row in NUMBER_EXAMPLES]
)
def test_numbers_of_the_appendix(number: int, bits: int, expected: str) -> None:
    """The numbers that these cases are written with are those of the RFC."""
    assert integer(number, bits).hex() == expected
