"""Handshakes with engines that are old, slow, silent, or speak something else than HTTP/2."""

import asyncio
import ssl
import warnings

import pytest

from mirastack_sdk._wire.tls.tls_client import ClientSecurity
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind
from tests.reliability.tls.certificates import Authority, Issued
from tests.reliability.tls.engines import (
    failure_of,
    leaving,
    raw_engine,
    server_context,
    silent,
    trusting,
)
from tests.reliability.tls.peers import TIMEOUT


@pytest.mark.parametrize("protocols", [(), ("http/1.1",)], ids=["none", "HTTP 1.1"])
async def test_an_engine_without_alpn(
    authority: Authority, engine_identity: Issued, protocols: tuple[str, ...]
) -> None:
    """A server that does not select h2 is not called, and the error says what it may be."""
    async with raw_engine(silent, server_context(engine_identity, *protocols)) as port:
        error = await failure_of(port, trusting(authority))
    assert str(error) == (
        "Heartbeat: the engine does not agree on HTTP/2 (ALPN h2): "
        "the address may belong to an HTTP/1.1 proxy"
    )


async def test_an_engine_of_tls_1_1(authority: Authority, engine_identity: Issued) -> None:
    """Insecure versions are refused, with an error that says so."""
    context = server_context(engine_identity, "h2")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with raw_engine(silent, context) as port:
        error = await failure_of(port, trusting(authority))
    # asyncio's TLS, of which the engine is made here, leaves without the alert.
    assert error.reason in {"tls_failed", "unavailable"}
    assert "TLS" in str(error)


async def test_an_engine_of_tls_1_2(authority: Authority, engine_identity: Issued) -> None:
    """TLS 1.2 is the oldest version: the handshake succeeds, and the call is sent."""
    heard = asyncio.Event()

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.2"
        assert (await reader.readexactly(3)) == b"PRI"
        heard.set()

    context = server_context(engine_identity, "h2")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with raw_engine(note, context) as port:
        call = asyncio.create_task(failure_of(port, trusting(authority)))
        async with asyncio.timeout(TIMEOUT):
            await heard.wait()
    assert (await call).reason == "unavailable"


async def test_an_engine_that_leaves_in_the_handshake(authority: Authority) -> None:
    """That may be temporary: the call counts as one that could not reach the engine."""
    async with raw_engine(leaving) as port:
        error = await failure_of(port, trusting(authority))
    assert "the engine closed the connection during the TLS handshake" in str(error)
    assert (error.reason, error.retryable) == ("unavailable", True)


async def test_an_engine_that_is_silent_in_the_handshake(authority: Authority) -> None:
    """The call ends at its deadline."""
    async with raw_engine(silent) as port:
        error = await failure_of(port, trusting(authority), timeout=0.2)
    assert (error.reason, error.retryable) == ("deadline_exceeded", True)


async def test_a_handshake_has_a_time_limit_of_its_own() -> None:
    """A handshake that takes too long is given up, however long calls would wait."""
    security = ClientSecurity(handshake_seconds=0.05)
    lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    class Inner(asyncio.Protocol):
        def connection_lost(self, exc: Exception | None) -> None:
            lost.set_result(exc)

    async with raw_engine(silent) as port:
        layer = security.wrap(Inner(), "127.0.0.1")
        await asyncio.get_running_loop().create_connection(lambda: layer, "127.0.0.1", port)
        async with asyncio.timeout(TIMEOUT):
            error = await lost
    assert isinstance(error, TlsError)
    assert error.kind is TlsErrorKind.SLOW
