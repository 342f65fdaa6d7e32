"""Headers that HTTP/2 forbids, requests that are no gRPC calls, and unusual ones that are."""

import pytest

from tests.reliability.bad_inputs.cases import BadInput, Refused, Reset, Served, each_of, meet
from tests.reliability.bad_inputs.requests import (
    EXECUTE,
    FIELDS,
    PLUGIN,
    WHOLE,
    call,
    data,
    execute,
    headers,
    request_block,
)
from tests.wire.http2.conformance import frames
from tests.wire.http2.conformance.blocks import block, literal
from tests.wire.raw_peer import frame as message

_BODY = data(message(execute()))
_REST = tuple((name, value) for name, value in FIELDS.items() if name != ":path")

MALFORMED = [
    BadInput(name, "RFC 9113 section 8 calls it malformed", headers(fields) + _BODY, Reset())
    for name, fields in {
        "a name in upper case": request_block({}, ("X-Name", "a")),
        "a name with a space": request_block({}, ("x name", "a")),
        "a name with a line break": request_block({}, ("x\nname", "a")),
        "a name of nothing": request_block({}, ("", "a")),
        "a name that is not ASCII": request_block({}, ("naïve", "a")),
        "a value with NUL": request_block({}, ("x-value", "a\0b")),
        "a value with a line break": request_block({}, ("x-value", "a\nb")),
        "a value with a carriage return": request_block({}, ("x-value", "a\rb: c")),
        "a value that begins with a space": request_block({}, ("x-value", " a")),
        "a value that ends with a tab": request_block({}, ("x-value", "a\t")),
        "connection": request_block({}, ("connection", "close")),
        "keep-alive": request_block({}, ("keep-alive", "1")),
        "transfer-encoding": request_block({}, ("transfer-encoding", "chunked")),
        "upgrade": request_block({}, ("upgrade", "websocket")),
        "te: gzip": request_block({"te": "gzip"}),
        "no :method": request_block({":method": None}),
        "no :scheme": request_block({":scheme": None}),
        "no :path": request_block({":path": None}),
        "an empty :path": request_block({":path": ""}),
        ":path twice": block((":path", EXECUTE)) + request_block(),
        ":path behind a header": block(*_REST, (":path", EXECUTE)),
        ":status in a request": block((":status", "200")) + request_block(),
        "an unknown pseudo-header": block((":agent", "x")) + request_block(),
        "no headers at all": b"",
        "a content-length that is too small": request_block({}, ("content-length", "1")),
        "a content-length that is too large": request_block({}, ("content-length", "1000")),
        "a content-length that is negative": request_block({}, ("content-length", "-1")),
        "a content-length in words": request_block({}, ("content-length", "many")),
        "a content-length of 19 digits": request_block({}, ("content-length", "9" * 19)),
        "two content-lengths": request_block({}, ("content-length", "1"), ("content-length", "2")),
    }.items()
]

_GRPC = "gRPC over HTTP/2 says how such a request is refused"
NO_CALLS = [
    *(
        BadInput(
            f"method {method}", _GRPC, call(None, {":method": method}), Refused(13, "POST", 405)
        )
        for method in ("GET", "PUT", "DELETE", "post", "PRI")
    ),
    BadInput("no te", _GRPC, call(None, {"te": None}), Refused(13, "te: trailers", 400)),
    *(
        BadInput(
            f"content-type {content_type}",
            _GRPC,
            call(None, {"content-type": content_type}),
            Refused(2, "is not supported", 415),
        )
        for content_type in (
            None,
            "",
            "application",
            "application/json",
            "application/grpc-web",
            "application/grpc-web+proto",
            "application/grpc+thrift",
            "application/grpc+",
            "application/grpc+JSON5",
            "application/grpcx",
            "application/x-protobuf",
            "text/html; charset=utf-8",
            "application/grpc, application/grpc",
            "é",
        )
    ),
    *(
        BadInput(f"path {name}", _GRPC, call(None, {":path": path}), Refused(12, "unknown method"))
        for name, path in {
            "/": "/",
            "*": "*",
            "without its slash": EXECUTE[1:],
            "with one too many": f"/{EXECUTE}",
            "with another behind it": f"{EXECUTE}/",
            "with a query": f"{EXECUTE}?a=b",
            "in lower case": EXECUTE.lower(),
            "of an unknown method": f"{PLUGIN}Explode",
            "of the engine": "/mirastack.plugin.v1.EngineService/GetConfig",
            "of an unknown version": "/grpc.health.v2.Health/Check",
            "upwards": f"{PLUGIN}../../etc/passwd",
            "percent-encoded": f"{PLUGIN}%45xecute",
            "that is not ASCII": f"{PLUGIN}Exécute",
            "with a line separator in it": f"{PLUGIN}Execute\x0b\x0c",
            "of 10 KB": f"{PLUGIN}{'x' * 10_000}",
        }.items()
    ),
    *(
        BadInput(f"path of {method}", _GRPC, call(None, {":path": PLUGIN + method}), refused)
        for method in ("ChatStream", "Embed")
        for refused in [Refused(12, f"{method} is not implemented")]
    ),
    *(
        BadInput(
            f"compression {name}",
            _GRPC,
            call(None, {"grpc-encoding": name}),
            Refused(12, f"compression {name}"),
        )
        for name in ("gzip", "deflate", "snappy", "zstd", "identity2")
    ),
]

_METADATA = "What metadata a client sends is its own affair"
_FIFTY_KB = b"".join(
    frames.raw(frames.CONTINUATION, 0, 1, literal(f"x-{number}", "v" * 10_000))
    for number in range(5)
)
_CHANGES: dict[str, dict[str, str | None]] = {
    "content-type with a parameter": {"content-type": "application/grpc; charset=utf-8"},
    "content-type in upper case": {"content-type": "APPLICATION/GRPC+PROTO"},
    "identity": {"grpc-encoding": "identity"},
    "https": {":scheme": "https"},
    "a scheme that nobody knows": {":scheme": "gopher"},
    "no :authority": {":authority": None},
    "an empty :authority": {":authority": ""},
    "an authority of somebody else": {":authority": "user:secret@evil.example:1"},
    "host beside :authority": {"host": "other"},
    "a value of nothing": {"x-empty": ""},
    "a binary value": {"trace-bin": "AAECAw"},
    "a binary value with padding": {"trace-bin": "AAECAw=="},
    "a binary value that is no base64": {"trace-bin": "!!not base64!!"},
    "a binary value of nothing": {"trace-bin": ""},
    "a value in UTF-8": {"x-name": "Zoë".encode().decode("latin-1")},
    "a value in latin-1": {"x-name": "Zo\xeb"},
    "a value of control characters": {"x-name": "a\x01\x1b[31m\x7f"},
    "metadata of grpc's own": {"grpc-status": "0", "grpc-message": "all is well"},
    "a name that only gRPC may use": {"grpc-future": "1"},
    "a trace that is none": {"traceparent": "00-zz-zz-00"},
    "a value of 10 KB": {"x-large": "v" * 10_000},
    "expect": {"expect": "100-continue"},
    "a cookie": {"cookie": "a=b"},
}
UNUSUAL = [
    *(
        BadInput(name, _METADATA, call(None, changed), Served())
        for name, changed in _CHANGES.items()
    ),
    BadInput(
        "metadata of 50 KB",
        _METADATA,
        headers(flags=0) + _FIFTY_KB + frames.raw(frames.CONTINUATION, WHOLE, 1, b"") + _BODY,
        Served(),
    ),
    BadInput(
        "five hundred names",
        _METADATA,
        headers(request_block({}, *((f"x-{number}", "v") for number in range(500)))) + _BODY,
        Served(),
    ),
    BadInput(
        "a name five hundred times",
        _METADATA,
        headers(request_block({}, *(("x-again", "v") for _ in range(500)))) + _BODY,
        Served(),
    ),
    BadInput(
        "a content-length that is right",
        _METADATA,
        headers(request_block({}, ("content-length", str(len(message(execute())))))) + _BODY,
        Served(),
    ),
    BadInput(
        "cookies in parts",
        _METADATA,
        headers(request_block({}, ("cookie", "a=b"), ("cookie", "c=d"))) + _BODY,
        Served(),
    ),
]


@each_of(MALFORMED)
async def test_malformed_headers_end_their_stream(
    case: BadInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A malformed request is reset, and its connection goes on."""
    await meet(case, monkeypatch)


@pytest.mark.contract("Two encodings: other content-subtypes are refused")
@each_of(NO_CALLS)
async def test_what_is_no_call_is_refused(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is no gRPC call gets an HTTP status, a gRPC status and a reason."""
    await meet(case, monkeypatch)


@each_of(UNUSUAL)
async def test_unusual_headers_are_served(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """Metadata of any kind is passed on or dropped, and never fails a call."""
    await meet(case, monkeypatch)
