"""Which requests are calls of ours: a decision on headers alone."""

import re
from collections.abc import Container, Iterable
from typing import NamedTuple

from mirastack_sdk._wire.encoding import Encoding, encoding_of
from mirastack_sdk._wire.status import Status

type Headers = Iterable[tuple[str, str]]

# gRPC's TimeoutValue has at most 8 digits.
_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
# Not for handlers: what HTTP/2 and gRPC keep to themselves, and what callers prove themselves with.
_RESERVED = frozenset({"te", "content-type", "user-agent", "authorization"})


class Rejection(NamedTuple):
    """Why a request is no call of ours, as HTTP and as gRPC say it."""

    http_status: int
    status: Status
    message: str
    encoding: Encoding = Encoding.PROTOBUF


class Admission(NamedTuple):
    """A request that is a call of ours; `timeout` is what its caller allows, in seconds."""

    method: str
    encoding: Encoding
    metadata: dict[str, str]
    timeout: float | None


def admit(headers: Headers, methods: Container[str]) -> Admission | Rejection:
    """Decide on one request."""
    fields = dict(headers)
    encoding = encoding_of(fields.get("content-type", ""))
    rejection = _http_rejection(fields, encoding)
    if rejection is not None or encoding is None:
        return rejection or _unsupported(fields)
    method = fields.get(":path", "")
    if method not in methods:
        message = f"unknown method {method}"
        return _refuse(Status.UNIMPLEMENTED, message, encoding)
    if fields.get("grpc-encoding", "identity") != "identity":
        message = f"compression {fields['grpc-encoding']} is not supported, use identity"
        return _refuse(Status.UNIMPLEMENTED, message, encoding)
    timeout_field = fields.get("grpc-timeout")
    timeout = None if timeout_field is None else parse_timeout(timeout_field)
    if timeout_field is not None and timeout is None:
        message = f"grpc-timeout {timeout_field!r} is not a number of at most 8 digits and a unit"
        return _refuse(Status.INTERNAL, message, encoding)
    return Admission(method=method, encoding=encoding, metadata=_metadata(fields), timeout=timeout)


def parse_timeout(text: str) -> float | None:
    """Return the seconds that a `grpc-timeout` header names, or `None` if it is malformed."""
    match = _TIMEOUT.fullmatch(text)
    return None if match is None else int(match[1]) * _SECONDS[match[2]]


def _http_rejection(fields: dict[str, str], encoding: Encoding | None) -> Rejection | None:
    if fields.get(":method") != "POST":
        message = f"method {fields.get(':method')} is not allowed, gRPC uses POST"
        return Rejection(http_status=405, status=Status.INTERNAL, message=message)
    if encoding is None:
        return _unsupported(fields)
    if fields.get("te") != "trailers":
        message = 'the header "te: trailers" is missing'
        return Rejection(
            http_status=400, status=Status.INTERNAL, message=message, encoding=encoding
        )
    return None


def _unsupported(fields: dict[str, str]) -> Rejection:
    message = (
        f"content-type {fields.get('content-type', '')!r} is not supported, "
        "use application/grpc, application/grpc+proto or application/grpc+json"
    )
    return Rejection(http_status=415, status=Status.UNKNOWN, message=message)


def _refuse(status: Status, message: str, encoding: Encoding) -> Rejection:
    return Rejection(http_status=200, status=status, message=message, encoding=encoding)


def _metadata(fields: dict[str, str]) -> dict[str, str]:
    return {
        name: value if value.isascii() else _utf8(value)
        for name, value in fields.items()
        if name not in _RESERVED and not name.startswith((":", "grpc-"))
    }


def _utf8(value: str) -> str:
    """Read a value as UTF-8 where it is: gRPC allows ASCII alone, peers send it all the same."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value
