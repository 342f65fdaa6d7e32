"""Servers at the engine's address that are not an engine, or are silent."""

from tests.reliability.bad_engines.cases import BadEngine, each_of, meet


def _speaker(name: str, first_bytes: bytes, first: str, **more: float) -> BadEngine:
    return BadEngine(
        name=name,
        promise="the error shows the first bytes and the setting to check; no retry",
        first_bytes=first_bytes,
        reason="invalid_reply",
        text=f"the server there does not speak HTTP/2, its first bytes are {first}",
        timeout=more.get("timeout", 5.0),
    )


OTHERS = (
    _speaker(
        "an HTTP/1.1 server",
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        "'HTTP/1.1 400 Bad Request'; check MIRASTACK_ENGINE_ADDR",
    ),
    _speaker("a page without headers", b"<html><body>hello</body></html>", "'<html>"),
    _speaker("an SSH server", b"SSH-2.0-OpenSSH_9.6\r\n", "'SSH-2.0-"),
    _speaker("a MySQL server", b"J\0\0\0\x0a8.0.36\0" + bytes(40), r"'J\x00\x00\x00\n8.0.36"),
    _speaker("random bytes", bytes(range(128, 192)), r"'\x80\x81"),
    _speaker("two letters and silence", b"OK", "'OK'"),
)

SILENT = (
    BadEngine(
        name="an alert of TLS",
        promise="a server that answers in TLS is not tried again",
        first_bytes=b"\x15\x03\x03\x00\x02\x02\x16",
        reason="tls_failed",
        text="the engine answers in TLS",
    ),
    BadEngine(
        name="silent",
        promise="a silent server is given up, and tried again until the deadline",
        first_bytes=b"",
        reason="deadline_exceeded",
        retryable=True,
        text="the deadline passed while connecting to 127.0.0.1:",
        timeout=0.2,
    ),
    BadEngine(
        name="silent for longer than connecting may take",
        promise="the error says that no settings came",
        first_bytes=b"",
        reason="unavailable",
        retryable=True,
        text="no HTTP/2 settings within 0.3 s",
        timeout=1.2,
        hurry=1.0,
    ),
    BadEngine(
        name="accepts and closes",
        promise="a server that closes at once is tried again at once, then after the backoff",
        first_bytes=None,
        reason="unavailable",
        retryable=True,
        text="closed the connection before it sent HTTP/2 settings",
        timeout=0.5,
    ),
)


@each_of(OTHERS)
async def test_something_else_answers(case: BadEngine) -> None:
    """The error shows what answers at the engine's address; the next call connects again."""
    await meet(case)


@each_of(SILENT)
async def test_a_silent_server(case: BadEngine) -> None:
    """A server that says nothing is `unavailable`, at the call's deadline at the latest."""
    await meet(case)
