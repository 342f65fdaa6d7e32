"""The agent's TLS port: which clients are served, and the errors of the others."""

import asyncio
import logging
import os
import ssl
import warnings
from collections.abc import AsyncIterator

import grpc.aio
import pytest

from mirastack_sdk.security import Security
from mirastack_sdk.testing import AgentCallError, Encoding
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority, Issued
from tests.reliability.tls.peers import (
    TIMEOUT,
    Keeper,
    caller,
    client_context,
    grpcio_channel,
    grpcio_info,
    raw_tls,
    read_to_the_end,
    until,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@pytest.fixture
def keeper() -> Keeper:
    """The agent's plugin."""
    return Keeper()


@pytest.fixture
async def port(keeper: Keeper, authority: Authority) -> AsyncIterator[int]:
    """The port of an agent with a certificate, which asks its callers for none."""
    security = Security(server=authority.issue(*LOOPBACK).server())
    async with served(keeper, security) as number:
        yield number


@pytest.fixture
async def closed_port(keeper: Keeper, authority: Authority) -> AsyncIterator[int]:
    """The port of an agent that serves callers with certificates only."""
    security = Security(server=authority.issue(*LOOPBACK).server(authority.ca))
    async with served(keeper, security) as number:
        yield number


async def assert_serves(port: int, authority: Authority, shown: Issued | None = None) -> None:
    """A neighbour is served, whatever happened on other connections."""
    with caller(port, Security(client=authority.trusted(shown))) as client:
        assert (await client.execute("echo", {"said": "hello"})).output == {"result": "hello"}


async def test_our_own_client_is_served_in_both_encodings(port: int, authority: Authority) -> None:
    """A client that trusts the agent's CA is served, and large messages pass both ways intact."""
    said = "0123456789" * 300_000
    with caller(port, Security(client=authority.trusted())) as client:
        for encoding in Encoding:
            done = await client.execute("echo", {"said": said}, encoding=encoding)
            assert done.output == {"result": said}


async def test_grpcio_is_served(port: int, authority: Authority) -> None:
    """An independent client is served over TLS."""
    async with grpcio_channel(port, authority) as channel:
        assert b"keeper" in await grpcio_info(channel)


async def test_grpcio_with_a_certificate_is_served(closed_port: int, authority: Authority) -> None:
    """An independent client with a certificate of the CA is served over mTLS."""
    async with grpcio_channel(closed_port, authority, authority.issue("engine")) as channel:
        assert b"keeper" in await grpcio_info(channel)


async def test_grpcio_without_a_certificate_is_not(
    closed_port: int, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """A caller without the required certificate is refused, and the log says why."""
    async with grpcio_channel(closed_port, authority) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await grpcio_info(channel)
    assert refusal.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "from 127.0.0.1: the client presented no certificate" in caplog.text


async def assert_alert(port: int, context: ssl.SSLContext, alert: str) -> None:
    """The handshake, or the first read after it, fails with an alert of the agent."""
    with pytest.raises(ssl.SSLError) as refusal:
        async with raw_tls(port, context) as (reader, _):
            await read_to_the_end(reader)
    assert refusal.value.reason is not None
    assert refusal.value.reason.endswith(f"_ALERT_{alert}")


@pytest.mark.parametrize(
    ("version", "alert"),
    [
        (ssl.TLSVersion.TLSv1_3, "CERTIFICATE_REQUIRED"),
        (ssl.TLSVersion.TLSv1_2, "HANDSHAKE_FAILURE"),
    ],
    ids=["TLS 1.3", "TLS 1.2"],
)
async def test_a_caller_without_a_certificate_gets_an_alert(
    closed_port: int, authority: Authority, version: ssl.TLSVersion, alert: str
) -> None:
    """The caller reads the alert of TLS; a neighbour with a certificate is served."""
    context = client_context(authority)
    context.maximum_version = version
    await assert_alert(closed_port, context, alert)
    await assert_serves(closed_port, authority, authority.issue("engine"))


async def test_a_certificate_of_another_ca_is_refused(
    closed_port: int, authority: Authority, stranger: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """The CA decides, not the name; the caller and the log get the reason."""
    context = client_context(authority, stranger.issue("engine"))
    await assert_alert(closed_port, context, "UNKNOWN_CA")
    assert "the certificate of the client is not from a trusted CA" in caplog.text


async def test_an_intermediate_ca_is_trusted_by_itself(
    keeper: Keeper, authority: Authority
) -> None:
    """A file that holds an intermediate alone lets its certificates in, and not its CA's."""
    below = Authority(authority.folder, "below", above=authority)
    server = authority.issue(*LOOPBACK).server(below.ca)
    async with served(keeper, Security(server=server)) as port:
        await assert_serves(port, authority, below.issue("engine"))
        context = client_context(authority, authority.issue("engine"))
        await assert_alert(port, context, "UNKNOWN_CA")


async def test_an_expired_certificate_is_refused(
    closed_port: int, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """A caller with an expired certificate is refused; the caller and the log get the reason."""
    context = client_context(authority, authority.issue("engine", days=-1, since_days=9))
    await assert_alert(closed_port, context, "CERTIFICATE_EXPIRED")
    assert "the certificate of the client has expired" in caplog.text


async def test_a_certificate_that_is_not_valid_yet_is_refused(
    closed_port: int, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """A certificate that is not valid yet is refused; the log mentions the clock."""
    context = client_context(authority, authority.issue("engine", since_days=-1))
    await assert_alert(closed_port, context, "BAD_CERTIFICATE")
    assert "is not valid yet, or a clock is wrong" in caplog.text


async def test_tls_1_1_is_refused(
    port: int, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """Insecure versions are refused, whatever the caller accepts."""
    context = client_context(authority)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    await assert_alert(port, context, "PROTOCOL_VERSION")
    assert "the client does not speak TLS 1.2 or later" in caplog.text


async def test_ciphers_that_http2_forbids_are_refused(port: int, authority: Authority) -> None:
    """A caller of TLS 1.2 that has no cipher with forward secrecy and AEAD finds none in common."""
    context = client_context(authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    await assert_alert(port, context, "HANDSHAKE_FAILURE")


@pytest.mark.parametrize("offered", [[], ["http/1.1"]], ids=["nothing", "HTTP 1.1"])
async def test_a_caller_that_does_not_offer_http2_is_closed(
    port: int, authority: Authority, offered: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Without h2 in ALPN the connection is closed, and the log gives the reason."""
    context = ssl.create_default_context(cafile=str(authority.ca))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if offered:
        context.set_alpn_protocols(offered)
    async with raw_tls(port, context) as (reader, _):
        assert await read_to_the_end(reader) == b""
    assert "the client does not agree on HTTP/2 (ALPN h2)" in caplog.text


@pytest.mark.parametrize(
    "words",
    [PREFACE, b"GET / HTTP/1.1\r\nHost: agent\r\n\r\n", b"\x00" * 64],
    ids=["h2", "http", "zeros"],
)
async def test_plain_text_on_a_tls_port_is_refused(
    port: int, authority: Authority, words: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A client without TLS gets at most an alert, and the log says so."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    answer = await read_to_the_end(reader)
    writer.close()
    assert answer[:2] in {b"", b"\x15\x03"}
    assert "the client does not speak TLS" in caplog.text
    await assert_serves(port, authority)


async def test_tls_on_a_plain_port_is_named(
    keeper: Keeper, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """An agent without a certificate logs that a caller speaks TLS."""
    async with served(keeper) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            async with raw_tls(port, client_context(authority)):
                pass
    assert "a client speaks TLS, which needs a certificate and key for this port" in caplog.text


async def test_garbage_behind_the_handshake_ends_that_connection_alone(
    port: int, authority: Authority
) -> None:
    """A record that does not decrypt is answered with an alert; the neighbour goes on."""
    with caller(port, Security(client=authority.trusted())) as neighbour:
        assert (await neighbour.execute("echo", {"said": "1"})).success
        async with raw_tls(port, client_context(authority)) as (reader, writer):
            garbage = b"\x17\x03\x03\x00\x20" + b"x" * 32
            os.write(writer.get_extra_info("socket").fileno(), garbage)
            with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
                await read_to_the_end(reader)
        assert (await neighbour.execute("echo", {"said": "2"})).success


async def test_a_probe_of_a_load_balancer_is_not_logged(
    port: int, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """A probe that connects and closes causes no warning."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    await writer.wait_closed()
    await assert_serves(port, authority)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_no_session_is_resumed(port: int, authority: Authority) -> None:
    """No session tickets are issued: every connection is checked against the current CA."""
    context = client_context(authority)
    async with raw_tls(port, context) as (reader, writer):
        async with asyncio.timeout(TIMEOUT):
            await reader.readexactly(9)
        session = writer.get_extra_info("ssl_object").session
        assert session is None or not session.has_ticket


async def test_strangers_flood_no_log(
    closed_port: int, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """Refusals of one kind are logged once in ten seconds, however many there are."""
    for _ in range(20):
        await assert_alert(closed_port, client_context(authority), "CERTIFICATE_REQUIRED")
    assert caplog.text.count("presented no certificate") == 1


async def test_a_caller_that_does_not_trust_the_agent_goes_away(
    port: int, stranger: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller gets the error of the CA; the agent logs that its certificate was refused."""
    with (
        caller(port, Security(client=stranger.trusted())) as client,
        pytest.raises(AgentCallError) as refusal,
    ):
        await client.info()
    assert refusal.value.reason == "tls_failed"
    assert "the certificate of keeper is not from a trusted CA" in str(refusal.value)
    await until(lambda: "the client does not accept the certificate it was sent" in caplog.text)
