"""RFC 9113 sections 8.2 and 8.3: names, values and pseudo-headers."""

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import HeadersReceived, TrailersReceived
from tests.wire.http2.conformance.blocks import (
    REQUEST,
    RESPONSE,
    TRAILERS,
    Fields,
    block,
    request,
    response,
)
from tests.wire.http2.conformance.cases import CLIENT, SERVER, Case, EndsStream, Means, each
from tests.wire.http2.conformance.frames import headers
from tests.wire.http2.conformance.scene import SUBJECT, Subject

_MALFORMED = EndsStream(ErrorCode.PROTOCOL_ERROR)
_MALFORMED_REQUEST = EndsStream(ErrorCode.PROTOCOL_ERROR, known=False)
_NAMES = "A name has no upper case, no control character, no space, and is not empty."
_VALUES = "A value has no NUL, CR or LF anywhere, and no space or tab at its ends."
_OF_HTTP1 = "Fields that belong to an HTTP/1.1 connection are malformed."

# Name of the case, the rule, a field that is malformed in any message.
_BAD_FIELDS = [
    ("8.2.1-upper-case-name", _NAMES, ("X-Upper", "v")),
    ("8.2.1-upper-case-letter-in-a-name", _NAMES, ("x-uppeR", "v")),
    ("8.2.1-empty-name", _NAMES, ("", "v")),
    ("8.2.1-space-in-a-name", _NAMES, ("x y", "v")),
    ("8.2.1-space-before-a-name", _NAMES, (" x", "v")),
    ("8.2.1-nul-in-a-name", _NAMES, ("x\0", "v")),
    ("8.2.1-lf-in-a-name", _NAMES, ("x\n", "v")),
    ("8.2.1-cr-in-a-name", _NAMES, ("x\ry", "v")),
    ("8.2.1-del-in-a-name", _NAMES, ("x\x7f", "v")),
    ("8.2.1-non-ascii-name", _NAMES, ("x-\xe4", "v")),
    ("8.2.1-colon-within-a-name", "Only pseudo-headers have a colon, in front.", ("x:y", "v")),
    ("8.2.1-nul-in-a-value", _VALUES, ("x", "a\0b")),
    ("8.2.1-cr-in-a-value", _VALUES, ("x", "a\rb")),
    ("8.2.1-lf-in-a-value", _VALUES, ("x", "a\nb")),
    ("8.2.1-crlf-that-would-begin-a-field", _VALUES, ("x", "a\r\nadmin: yes")),
    ("8.2.1-lf-at-the-end-of-a-value", _VALUES, ("x", "a\n")),
    ("8.2.1-space-before-a-value", _VALUES, ("x", " a")),
    ("8.2.1-space-after-a-value", _VALUES, ("x", "a ")),
    ("8.2.1-tab-before-a-value", _VALUES, ("x", "\ta")),
    ("8.2.1-tab-after-a-value", _VALUES, ("x", "a\t")),
    ("8.2.2-connection", _OF_HTTP1, ("connection", "keep-alive")),
    ("8.2.2-proxy-connection", _OF_HTTP1, ("proxy-connection", "close")),
    ("8.2.2-keep-alive", _OF_HTTP1, ("keep-alive", "timeout=5")),
    ("8.2.2-transfer-encoding", _OF_HTTP1, ("transfer-encoding", "chunked")),
    ("8.2.2-upgrade", _OF_HTTP1, ("upgrade", "h2c")),
    ("8.2.2-te-of-gzip", "TE has no other value than trailers.", ("te", "gzip")),
    ("8.2.2-te-of-trailers-and-more", "TE has no other value.", ("te", "trailers, deflate")),
    ("8.2.2-te-that-is-empty", "TE has no other value than trailers.", ("te", "")),
    ("8.3-unknown-pseudo-header", "Pseudo-headers are those of the RFC.", (":x", "v")),
    ("8.3-pseudo-header-of-a-colon-alone", "Pseudo-headers are those of the RFC.", (":", "v")),
]

# Name of the case, the rule, a whole request that is malformed.
_BAD_REQUESTS = [
    ("8.3.1-no-method", "A request has a method.", request(without=":method")),
    ("8.3.1-no-scheme", "A request has a scheme.", request(without=":scheme")),
    ("8.3.1-no-path", "A request has a path.", request(without=":path")),
    (
        "8.3.1-empty-path",
        "The path of a request is not empty.",
        block((":path", ""), *REQUEST[:2], *REQUEST[3:]),
    ),
    ("8.3.1-two-methods", "No pseudo-header comes twice.", block((":method", "PUT"), *REQUEST)),
    ("8.3.1-two-schemes", "No pseudo-header comes twice.", block((":scheme", "http"), *REQUEST)),
    ("8.3.1-two-paths", "No pseudo-header comes twice.", block((":path", "/"), *REQUEST)),
    ("8.3.1-two-authorities", "No pseudo-header comes twice.", block((":authority", ""), *REQUEST)),
    ("8.3-method-after-other-fields", "Pseudo-headers come first.", block(*REQUEST[::-1])),
    (
        "8.3-path-after-other-fields",
        "Pseudo-headers come first.",
        request((":path", "/a.B/C"), without=":path"),
    ),
    ("8.3-status-in-a-request", "Requests have no status.", block((":status", "200"), *REQUEST)),
    ("8.3-nothing-but-pseudo-headers-of-a-response", "", block((":status", "200"))),
    ("8.3.1-no-headers-at-all", "A request has pseudo-headers.", b""),
    (
        "8.5-connect",
        "CONNECT, which leaves scheme and path out, is not what this server is for.",
        block((":method", "CONNECT"), (":authority", "localhost:80")),
    ),
    (
        "8.2.1-upper-case-pseudo-header",
        _NAMES,
        block((":Path", "/"), *REQUEST),
    ),
]

# Name of the case, the rule, a whole response that is malformed.
_BAD_RESPONSES = [
    ("8.3.2-no-status", "A response has a status.", block(*RESPONSE[1:])),
    ("8.3.2-no-headers-at-all", "A response has a status.", b""),
    ("8.3.2-two-statuses", "No pseudo-header comes twice.", block((":status", "200"), *RESPONSE)),
    ("8.3.2-status-of-two-digits", "A status has three digits.", block((":status", "20"))),
    ("8.3.2-status-of-four-digits", "A status has three digits.", block((":status", "2000"))),
    ("8.3.2-status-that-is-no-number", "A status has three digits.", block((":status", "2OO"))),
    ("8.3.2-status-that-is-empty", "A status has three digits.", block((":status", ""))),
    ("8.3.2-status-with-its-reason", "There is no reason phrase.", block((":status", "200 OK"))),
    ("8.3-status-after-other-fields", "Pseudo-headers come first.", block(*RESPONSE[::-1])),
    ("8.3-path-in-a-response", "Responses have a status alone.", block((":path", "/"), *RESPONSE)),
]

# Name of the case, the rule, fields that are well-formed in any message.
_GOOD_FIELDS: list[tuple[str, str, Fields]] = [
    ("8.2.1-empty-value", "A value may be empty.", (("x", ""),)),
    ("8.2.1-non-ascii-value", "Octets above 127 are legal.", (("x", "caf\xe9 \xff"),)),
    ("8.2.1-space-and-tab-within-a-value", "Spaces may stand within.", (("x", "a \t b"),)),
    ("8.2.1-control-characters-in-a-value", "Others are legal.", (("x", "a\x01\x7fb"),)),
    ("8.2.1-every-character-of-a-name", "A name is a token.", (("!#$%&'*+-.^_`|~09az", "v"),)),
    ("8.2.2-te-of-trailers", "TE may say trailers.", (("te", "trailers"),)),
    ("8.2.3-cookie-crumbs", "A field may come twice.", (("cookie", "a=1"), ("cookie", "b=2"))),
    ("8.2-fields-keep-their-order", "Fields keep their order.", (("b", "1"), ("a", "2"))),
]


def _request(name: str, rule: str, sent: bytes) -> Case:
    return Case(
        f"rfc9113-{name}",
        rule or "A request is no response.",
        headers(SUBJECT, sent, end=True),
        _MALFORMED_REQUEST,
        subject=Subject.IDLE,
        roles=SERVER,
    )


def _response(name: str, rule: str, sent: bytes) -> Case:
    return Case(
        f"rfc9113-{name}",
        rule,
        headers(SUBJECT, sent),
        _MALFORMED,
        subject=Subject.REQUESTED,
        roles=CLIENT,
    )


def _good(name: str, rule: str, fields: Fields) -> list[Case]:
    return [
        Case(
            f"rfc9113-{name}-in-a-request",
            rule,
            headers(SUBJECT, request(*fields)),
            Means(HeadersReceived(SUBJECT, (*REQUEST, *fields), False)),
            subject=Subject.IDLE,
            roles=SERVER,
        ),
        Case(
            f"rfc9113-{name}-in-a-response",
            rule,
            headers(SUBJECT, response(*fields)),
            Means(HeadersReceived(SUBJECT, (*RESPONSE, *fields), False)),
            subject=Subject.REQUESTED,
            roles=CLIENT,
        ),
        Case(
            f"rfc9113-{name}-in-trailers",
            rule,
            headers(SUBJECT, block(*TRAILERS, *fields), end=True),
            Means(TrailersReceived(SUBJECT, (*TRAILERS, *fields))),
        ),
    ]


CASES = [
    *(_request(f"{n}-in-a-request", r, request(f)) for n, r, f in _BAD_FIELDS),
    *(_response(f"{n}-in-a-response", r, response(f)) for n, r, f in _BAD_FIELDS),
    *(
        Case(f"rfc9113-{n}-in-trailers", r, headers(SUBJECT, block(f), end=True), _MALFORMED)
        for n, r, f in _BAD_FIELDS
    ),
    *(_request(*row) for row in _BAD_REQUESTS),
    *(_response(*row) for row in _BAD_RESPONSES),
    *(case for row in _GOOD_FIELDS for case in _good(*row)),
    *(
        Case(
            f"rfc9113-8.1-{name[1:]}-in-trailers",
            "Trailers have no pseudo-headers.",
            headers(SUBJECT, block((name, value), *TRAILERS), end=True),
            _MALFORMED,
        )
        for name, value in (*REQUEST[:4], RESPONSE[0])
    ),
    Case(
        "rfc9113-8.3.1-no-authority",
        "A request may leave its authority out.",
        headers(SUBJECT, request(without=":authority")),
        Means(
            HeadersReceived(SUBJECT, tuple(f for f in REQUEST if f[0] != ":authority"), False),
        ),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-8.3.1-pseudo-headers-in-any-order",
        "Pseudo-headers have no order among themselves.",
        headers(SUBJECT, block(*REQUEST[3::-1])),
        Means(HeadersReceived(SUBJECT, REQUEST[3::-1], False)),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
]


@each(CASES)
def test_header_fields(case: Case, role: Role) -> None:
    """A malformed message ends its stream and nothing else."""
    case.play(role)
