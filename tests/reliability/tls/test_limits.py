"""Timeouts and the connection limit on a TLS port."""

import asyncio

from mirastack_sdk._core.settings.security_variables import ARGUMENT_NAMES
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.protection import protection
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


async def test_handshakes_that_never_end_count_among_the_connections(authority: Authority) -> None:
    """Connections count during the handshake; more are closed before they cost one."""
    security = Security(server=authority.issue(*LOOPBACK).server())
    async with served(Keeper(), security, MIRASTACK_PLUGIN_MAX_CONNECTIONS=str(FEW)) as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(FEW)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(TIMEOUT):
            assert await _received(reader) == b""
        writer.close()
        idle[0][1].close()
        async with asyncio.timeout(TIMEOUT):
            while not await _is_served(port, authority):
                pass
        for _, one in idle:
            one.close()


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
