"""Connections that fail after the socket has been connected."""

import asyncio
import socket
from collections import deque
from typing import Any

import pytest

from mirastack_sdk._wire.client.call_errors import CallLostError, Loss
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.client.connecting import Connector
from mirastack_sdk._wire.client.connection_owner import Owner
from mirastack_sdk._wire.client.keepalive import Keepalive
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.tls.tls_client import ClientSecurity
from tests.wire.socket.test_dialing import deaf_port, refusing_port

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


class _BrokenTls(ClientSecurity):
    """What cannot be made a connection of."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def wrap(self, protocol: asyncio.Protocol, host: str) -> asyncio.Protocol:
        raise self._error


@pytest.mark.parametrize("error", [OSError("no memory"), _BrokenLoopError("broken"), MemoryError()])
@pytest.mark.parametrize("over_tls", [True, False])
async def test_a_dialled_socket_is_closed_when_nothing_can_be_made_of_it(
    error: Exception, *, over_tls: bool
) -> None:
    """TLS or the connection itself may fail before the loop has the socket."""

    def fail() -> ClientConnection:
        raise error

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        port = listening.getsockname()[1]
        tls = _BrokenTls(error) if over_tls else None
        connector = Connector("127.0.0.1", port, timeout=TIMEOUT, source="TEST", tls=tls)
        connecting = asyncio.create_task(connector.connect(_new if over_tls else fail))
        async with asyncio.timeout(TIMEOUT):
            assert await _closed(listening, connecting) == b""
        kind = CallLostError if isinstance(error, OSError) else type(error)
        # The error has its traceback, and with it the frames; nothing else would close the socket.
        assert isinstance(connecting.exception(), kind)


def _read_to_end(accepted: socket.socket) -> None:
    with accepted:
        accepted.settimeout(TIMEOUT)
        while accepted.recv(1_000):
            """The preface, if it was sent."""


@pytest.mark.parametrize("taken", [False, True])
async def test_a_connection_that_is_cancelled_while_the_loop_takes_it_is_closed(
    monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    """Before or after it has a transport; the descriptor is free for other sockets."""
    loop = asyncio.get_running_loop()
    create = loop.create_connection
    reached = asyncio.Event()

    async def create_slowly(*args: Any, **named: Any) -> object:  # noqa: ANN401 - passed on
        made = await create(*args, **named) if taken else None
        reached.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if made is not None:
                made[0].close()  # as asyncio does
            raise
        return made

    monkeypatch.setattr(loop, "create_connection", create_slowly)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        port = listening.getsockname()[1]
        connector = Connector("127.0.0.1", port, timeout=TIMEOUT, source="TEST", tls=None)
        connecting = asyncio.create_task(connector.connect(_new))
        accepted, _ = await loop.sock_accept(listening)
        await reached.wait()
        connecting.cancel()
        await asyncio.wait((connecting,))
        await asyncio.to_thread(_read_to_end, accepted)
        assert connecting.cancelled()


class _Watcher(Owner[ClientConnection]):
    """A pool that takes no notice."""

    def __init__(self) -> None:
        self.waiters = deque()

    def on_capacity(self) -> None: ...
    def on_served(self) -> None: ...
    def on_ping(self) -> None: ...
    def on_retired(self, connection: ClientConnection) -> None: ...


def _new() -> ClientConnection:
    return ClientConnection(Limits(), 1_000, Keepalive(), _Watcher())


async def _loss_at(port: int) -> Loss:
    connector = Connector("127.0.0.1", port, timeout=0.1, source="TEST", tls=None)
    with pytest.raises(CallLostError) as caught:
        await connector.connect(_new)
    return caught.value.loss


@pytest.mark.parametrize(
    ("first_bytes", "loss"),
    [(b"", Loss.UNHEARD), (b"\0\0\x06", Loss.NEVER_SENT)],
    ids=["nothing", "a part of the settings"],
)
async def test_silence_is_told_apart_from_a_bad_answer(first_bytes: bytes, loss: Loss) -> None:
    """Only where nothing came at all may the path be dead."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first_bytes)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        assert await _loss_at(server.sockets[0].getsockname()[1]) is loss


async def test_a_server_that_accepts_nothing_is_silent() -> None:
    """A path that swallows the first packet already may be dead."""
    async with deaf_port() as port:
        assert await _loss_at(port) is Loss.UNHEARD


async def test_a_refusal_is_an_answer() -> None:
    """The path works, and nobody listens at its end."""
    assert await _loss_at(await refusing_port()) is Loss.NEVER_SENT
