"""Timeouts and the connection limit on a TLS port."""

import asyncio

import pytest

from mirastack_sdk._core.settings.security_variables import ARGUMENT_NAMES
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.protection import protection
from mirastack_sdk._wire.server import grpc_server
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.security import Security
from mirastack_sdk.testing import AgentCallError
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority
from tests.reliability.tls.peers import (
    TIMEOUT,
    Keeper,
    caller,
    client_context,
    raw_tls,
    read_to_the_end,
)

FEW = 3


async def test_handshakes_that_never_end_keep_nobody_out(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the limit, the oldest client that has sent nothing is closed for each new one."""
    monkeypatch.setattr(grpc_server, "_LEAST_HANDSHAKES", FEW)
    security = Security(server=authority.issue(*LOOPBACK).server())
    async with served(Keeper(), security, MIRASTACK_PLUGIN_MAX_CONNECTIONS=str(FEW)) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2 * FEW)]
        async with asyncio.timeout(TIMEOUT):
            for reader, _ in silent[:FEW]:
                assert await _received(reader) == b""
        assert not any(reader.at_eof() for reader, _ in silent[FEW:])
        assert await _is_served(port, authority)
        for _, writer in silent:
            writer.close()


async def test_a_handshake_that_goes_on_is_not_closed_for_others(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients that have sent nothing are closed before those that have begun."""
    monkeypatch.setattr(grpc_server, "_LEAST_HANDSHAKES", FEW)
    security = Security(server=authority.issue(*LOOPBACK).server())
    async with served(Keeper(), security, MIRASTACK_PLUGIN_MAX_CONNECTIONS=str(FEW)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        # A record of a handshake that is not complete.
        writer.write(b"\x16\x03\x01\x02\x00\x01")
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5 * FEW)]
        async with asyncio.timeout(TIMEOUT):
            for other, _ in silent[:-FEW]:
                assert await _received(other) == b""
        assert not reader.at_eof()
        for one in (writer, *(other for _, other in silent)):
            one.close()


async def test_silent_clients_that_reconnect_keep_nobody_out(authority: Authority) -> None:
    """A client with a certificate is served at each attempt, whatever strangers do meanwhile."""
    security = Security(server=authority.issue(*LOOPBACK).server())
    async with served(Keeper(), security, MIRASTACK_PLUGIN_MAX_CONNECTIONS="50") as port:

        async def reconnect() -> None:
            while True:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    await _received(reader)
                finally:
                    writer.close()

        strangers = [asyncio.create_task(reconnect()) for _ in range(400)]
        try:
            assert [await _is_served(port, authority) for _ in range(10)] == [True] * 10
        finally:
            for stranger in strangers:
                stranger.cancel()
            await asyncio.wait(strangers)


async def test_a_client_that_is_silent_after_its_handshake_is_disconnected(
    authority: Authority,
) -> None:
    """A server's timeouts apply over TLS, too."""
    security = Security(server=authority.issue(*LOOPBACK).server())
    tls = protection(security, ARGUMENT_NAMES).server
    server = Server([], CODECS, tls=tls, timeouts=ClientTimeouts(handshake=0.05))
    await server.start()
    async with raw_tls(server.port, client_context(authority)) as (reader, _):
        assert b"no HTTP/2 settings within" in await read_to_the_end(reader)
    await server.close()


async def _received(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def _is_served(port: int, authority: Authority) -> bool:
    try:
        with caller(port, Security(client=authority.trusted())) as client:
            return (await client.info()).name == "keeper"
    except AgentCallError:
        return False
