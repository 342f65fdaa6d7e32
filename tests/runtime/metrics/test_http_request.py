"""The requests of scrapers, read from bytes."""

import pytest

from mirastack_sdk._runtime.metrics.http_request import (
    LONGEST_HEAD,
    RefusedRequestError,
    head_length,
    parse_request,
    refusal,
)

GET = b"GET /metrics HTTP/1.1\r\nHost: agent:9464\r\n"


def test_a_head_ends_with_an_empty_line() -> None:
    """Until then, there is more to come; what follows is not part of it."""
    assert head_length(GET) is None
    assert head_length(GET + b"\r\n") == len(GET) + 2
    assert head_length(GET + b"\r\nbody") == len(GET) + 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_is_asked_for(method: str) -> None:
    """Names of headers are in lower case, and a query is ignored."""
    head = f"{method} /metrics?name[]=up HTTP/1.0\r\nACCEPT: text/plain\r\n\r\n".encode()
    assert parse_request(head) == (method, {"accept": "text/plain"})


def test_a_header_may_occur_twice() -> None:
    """Its values are one list."""
    head = GET + b"Accept: text/plain\r\nAccept: text/html\r\n\r\n"
    assert parse_request(head).headers["accept"] == "text/plain, text/html"


@pytest.mark.parametrize(
    ("head", "status", "text"),
    [
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, "speaks HTTP/1.1"),
        (b"PRI * HTTP/2.0\r\n\r\n", 400, "speaks HTTP/1.1"),
        (b"GET /metrics\r\n\r\n", 400, "speaks HTTP/1.1"),
        (b"\r\n\r\n", 400, "speaks HTTP/1.1"),
        (GET + b"A: b\r\n" * 200 + b"\r\n", 400, "headers cannot be read"),
        (b"GET / HTTP/1.1\r\n\r\n", 404, "at /metrics"),
        (b"GET /metrics/ HTTP/1.1\r\n\r\n", 404, "at /metrics"),
        (b"GET /%6detrics HTTP/1.1\r\n\r\n", 404, "at /metrics"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", 405, "use GET"),
    ],
)
def test_other_requests_are_refused(head: bytes, status: int, text: str) -> None:
    """The response has a status and one sentence."""
    with pytest.raises(RefusedRequestError, match=text) as refused:
        parse_request(head)
    assert refused.value.status == status
    response = refusal(refused.value)
    assert response.startswith(f"HTTP/1.1 {status} ".encode())
    assert response.endswith(f"\r\n\r\n{refused.value}\n".encode())
    assert (b"\r\nAllow: GET, HEAD\r\n" in response) == (status == 405)


def test_a_head_has_a_limit() -> None:
    """A client that goes on and on is refused, even if the end comes at last."""
    for head in (b"x" * LONGEST_HEAD, GET + b"A: " + b"x" * LONGEST_HEAD + b"\r\n\r\n"):
        with pytest.raises(RefusedRequestError) as refused:
            head_length(head)
        assert refused.value.status == 431
