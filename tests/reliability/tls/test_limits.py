"""Timeouts and the connection limit on a TLS port."""

import asyncio
import itertools
from contextlib import suppress

import pytest

from mirastack_sdk._core.settings.security_variables import ARGUMENT_NAMES
from mirastack_sdk._runtime.connection_security.protection import protection
from mirastack_sdk._runtime.generated_codecs import CODECS
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
from tests.reliability.tls.test_strangers import hello

FEW = 3
# Enough for a handshake to end before as many strangers have come as are let in.
SOME = 64


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


async def test_a_new_client_is_not_closed_for_those_that_have_begun(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where most clients have begun and go no further, the oldest of them is closed."""
    monkeypatch.setattr(grpc_server, "_LEAST_HANDSHAKES", FEW)
    security = Security(server=authority.issue(*LOOPBACK).server())
    async with served(Keeper(), security, MIRASTACK_PLUGIN_MAX_CONNECTIONS=str(FEW)) as port:
        begun = [await asyncio.open_connection("127.0.0.1", port) for _ in range(FEW)]
        for _, writer in begun:
            writer.write(b"\x16")
        newer = [await asyncio.open_connection("127.0.0.1", port) for _ in range(FEW - 1)]
        async with asyncio.timeout(TIMEOUT):
            for reader, _ in begun[: FEW - 1]:
                assert await _received(reader) == b""
        assert await _is_served(port, authority)
        assert not newer[-1][0].at_eof()
        for _, writer in (*begun, *newer):
            writer.close()


_HELLO = hello()
STAYING: dict[str, tuple[bytes, ...]] = {
    "nothing": (b"",),
    "one-byte": (b"\x16",),
    "a-record-of-nothing": (b"\x16\x03\x01\x00\x00",),
    "all-but-the-end": (_HELLO[:-1],),
    "a-hello": (_HELLO,),
}
"""What a stranger says that can stay for a while."""

CLOSED: dict[str, tuple[bytes, ...]] = {
    "two-hellos": (_HELLO * 2,),
    "a-hello-and-garbage": (_HELLO + b"\xff" * 64,),
    "garbage": (b"\xff" * 64,),
    "http": (b"GET / HTTP/1.1\r\n\r\n",),
    "http2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",),
    "an-alert": (b"\x15\x03\x01\x00\x02\x01\x00",),
    "data-without-a-handshake": (b"\x17\x03\x03\x00\x01x",),
    "ssl-2": (b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10",),
    "of-every-kind": (b"", b"\x16", _HELLO[:-1], _HELLO, b"\xff" * 64),
}
"""What a stranger says that is disconnected at once, and can come as often as it likes."""

WORDS = {**STAYING, **CLOSED}


@pytest.mark.parametrize("case", WORDS)
async def test_strangers_that_come_again_keep_nobody_out(
    case: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they say, a client with a certificate is served at each attempt."""
    monkeypatch.setattr(grpc_server, "_LEAST_HANDSHAKES", SOME)
    own, engine = authority.issue(*LOOPBACK), authority.issue("engine")
    security = Security(server=own.server(client_ca=authority.ca))
    async with served(Keeper(), security, MIRASTACK_PLUGIN_MAX_CONNECTIONS=str(SOME)) as port:
        # A burst of more than are let in would be one of clients that have sent nothing yet.
        count = SOME + SOME // 4 if case in STAYING else SOME // 2
        words = itertools.islice(itertools.cycle(WORDS[case]), count)
        coming = [asyncio.create_task(_come_again(port, said)) for said in words]
        for _ in range(FEW):
            with caller(port, Security(client=authority.trusted(engine))) as client:
                assert (await client.info()).name == "keeper"
        for task in coming:
            task.cancel()
        await asyncio.wait(coming)


async def _come_again(port: int, said: bytes) -> None:
    """Connect, say something, and do so again when the agent closes."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            try:
                await reader.read()
            finally:
                writer.transport.abort()


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
