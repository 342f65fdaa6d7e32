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
        """
        8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d
        / 8286 84be 5808 6e6f 2d63 6163 6865
        / 8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65
        """,
    ),
    (
        "rfc7541-c.4-requests-with-huffman",
        """
        8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff
        / 8286 84be 5886 a8eb 1064 9cbf
        / 8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf
        """,
    ),
]
RESPONSE_EXAMPLES = [
    (
        "rfc7541-c.5-responses-without-huffman",
        """
        4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
        2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70
        6c65 2e63 6f6d
        / 4803 3330 37c1 c0bf
        / 88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
        54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
        5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
        3d31
        """,
    ),
    (
        "rfc7541-c.6-responses-with-huffman",
        """
        4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
        2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3
        / 4883 640e ffc1 c0bf
        / 88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
        77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
        9587 3160 65c0 03ed 4ee5 b106 3d50 07
        """,
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
def test_requests_of_the_appendix(blocks: str) -> None:
    """Three requests on one connection, each using the table that the previous one left."""
    server = _server()
    for number, sent, fields in zip((1, 3, 5), blocks.split("/"), _REQUESTS, strict=True):
        heard = server.receive(headers(number, bytes.fromhex(sent)), 0.0)
        assert heard == [HeadersReceived(number, fields, False)]


@pytest.mark.parametrize(
    "blocks", [pytest.param(blocks, id=name) for name, blocks in RESPONSE_EXAMPLES]
)
def test_responses_of_the_appendix(blocks: str) -> None:
    """Three responses on one connection, in a table of 256 octets that drops its oldest entries."""
    client = Connection(Role.CLIENT)
    client.receive(settings(), 0.0)
    for sent, fields in zip(blocks.split("/"), _RESPONSES, strict=True):
        number = client.request(REQUEST)
        block = bytes.fromhex(_SIZE_256 + sent if number == 1 else sent)
        heard = client.receive(headers(number, block), 0.0)
        assert heard == [HeadersReceived(number, fields, False)]


@pytest.mark.parametrize(
    ("sent", "field"), [pytest.param(*row[1:], id=row[0]) for row in FIELD_EXAMPLES]
)
def test_fields_of_the_appendix(sent: str, field: tuple[str, str]) -> None:
    """A single field of each representation, within a request."""
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
    """The functions that write the cases write the RFC's examples."""
    assert integer(number, bits).hex() == expected
