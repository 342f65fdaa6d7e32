"""Connections that fail after the socket has been connected."""

import asyncio
import socket

import pytest

from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.client.connecting import Connector

TIMEOUT = 5.0


async def _closed(listening: socket.socket, connecting: "asyncio.Task[ClientConnection]") -> bytes:
    """Accept a connection, and wait until the other side closes it; returns what it has sent."""
    loop = asyncio.get_running_loop()
    accepted, _ = await loop.sock_accept(listening)
    with accepted:
        accepted.setblocking(False)
        await asyncio.wait((connecting,))
        return await loop.sock_recv(accepted, 1)


class _BrokenLoopError(Exception):
    """What the loop fails with."""


@pytest.mark.parametrize(
    "error", [OSError("no memory"), _BrokenLoopError("broken"), RuntimeError("closed")]
)
async def test_a_dialled_socket_is_closed_when_the_loop_does_not_take_it(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else holds it: it would stay open until a garbage collection."""

    async def refuse(*_: object, **kept: object) -> None:
        held.append(kept["sock"])
        raise error

    held: list[object] = []
    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", refuse)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        port = listening.getsockname()[1]
        connector = Connector("127.0.0.1", port, timeout=TIMEOUT, source="TEST", tls=None)

        def never() -> ClientConnection:
            return None  # type: ignore[return-value] # the loop would be the first to use it

        connecting = asyncio.create_task(connector.connect(never))
        async with asyncio.timeout(TIMEOUT):
            assert await _closed(listening, connecting) == b""
        with pytest.raises(Exception, match=str(error)):
            await connecting
    assert len(held) == 1
