"""The request of a scraper: one HTTP request without a body (RFC 9112), and its response."""

import http.client
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO

from mirastack_sdk._deferred.named_tuples import NamedTuple

LONGEST_HEAD = 16_384
"""So many bytes a request may have before its headers end."""

_METHODS = ("GET", "HEAD")
_TEXT = "text/plain; charset=utf-8"


class RefusedRequestError(Exception):
    """A request that gets an error as its response."""

    def __init__(
        self, status: HTTPStatus, reason: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers or {}


class ScrapeRequest(NamedTuple):
    """A request for the metrics; the names of its headers are in lower case."""

    method: str
    headers: Mapping[str, str]


def head_length(data: bytes | bytearray) -> int | None:
    """How long the head of a request is, or `None` if there is more to come.

    Raises `RefusedRequestError` for a head that is too long.
    """
    end = data.find(b"\r\n\r\n", 0, LONGEST_HEAD)
    if end >= 0:
        return end + 4
    if len(data) >= LONGEST_HEAD:
        raise RefusedRequestError(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"the request's headers have more than {LONGEST_HEAD} bytes",
        )
    return None


def parse_request(head: bytes) -> ScrapeRequest:
    """Read a request for /metrics; raises `RefusedRequestError` for every other one."""
    line, _, rest = head.partition(b"\r\n")
    words = line.decode("latin-1").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise RefusedRequestError(
            HTTPStatus.BAD_REQUEST, "this port speaks HTTP/1.1, and this is no such request"
        )
    method, target, _ = words
    try:
        parsed = http.client.parse_headers(BytesIO(rest))
    except http.client.HTTPException:
        raise RefusedRequestError(
            HTTPStatus.BAD_REQUEST, "the request's headers cannot be read"
        ) from None
    if target.partition("?")[0] != "/metrics":
        raise RefusedRequestError(HTTPStatus.NOT_FOUND, "the metrics are at /metrics")
    if method not in _METHODS:
        raise RefusedRequestError(
            HTTPStatus.METHOD_NOT_ALLOWED, "use GET", {"Allow": ", ".join(_METHODS)}
        )
    headers: dict[str, str] = {}
    for name, value in parsed.items():
        # A header that occurs twice is a list (RFC 9110 §5.3).
        before = headers.get(name.lower())
        headers[name.lower()] = value if before is None else f"{before}, {value}"
    return ScrapeRequest(method, headers)


def response(
    status: HTTPStatus, headers: Mapping[str, str], body: bytes, *, with_body: bool = True
) -> bytes:
    """The bytes of a response, after which the connection is closed."""
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return head + body if with_body else head


def refusal(error: RefusedRequestError) -> bytes:
    """The bytes of the response to a request that is refused."""
    headers = {"Content-Type": _TEXT, **error.headers}
    return response(error.status, headers, f"{error}\n".encode())
