"""Sockets that are about to be closed: clients are served or refused, and never reset."""

import asyncio
import errno
import select
import socket
import sys
from collections.abc import Callable

import pytest

from mirastack_sdk._wire.socket.handshake_filter import drop_handshakes
from mirastack_sdk._wire.socket.listening import Listener, listen
from tests.wire.socket.test_listening import FOUR, SIX, Greeter, needs_ipv6

needs_filter = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has a filter for handshakes"
)


class Unfiltered:
    """A socket of a system that has no filters."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._sock, name)
        return method

    def setsockopt(self, *_: object) -> None:
        raise OSError(errno.ENOPROTOOPT, "no such option")


class Popular:
    """A socket to which a client connects as soon as no other one waits to be accepted."""

    def __init__(self, sock: socket.socket, client: socket.socket) -> None:
        self._sock = sock
        self._client = client
        self.has_client = False

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._sock, name)
        return method

    def accept(self) -> object:
        try:
            return self._sock.accept()
        except BlockingIOError:
            self.has_client = True
            self._client.connect_ex(self._sock.getsockname())
            raise


@needs_filter
@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6), ""])
async def test_a_client_that_comes_last_is_refused_rather_than_reset(host: str) -> None:
    """Between the last accept and the close it cannot send a request, which would be lost."""
    (sock,) = listen(host, 0)
    with socket.socket(FOUR if host == "127.0.0.1" else SIX) as client:
        client.setblocking(False)
        popular = Popular(sock, client)
        listener = Listener([popular], Greeter)  # type: ignore[list-item] # stands for a socket
        await listener.close()
        assert popular.has_client
        # Its system tries again after a second.
        await asyncio.to_thread(select.select, [], [client], [], 20)
        assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED


@needs_filter
async def test_the_filter_takes_packets_that_begin_no_handshake() -> None:
    """A connection inherits the filter if its handshake ends after that was set."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    async with server:
        with socket.create_connection(address, timeout=10) as client:
            assert drop_handshakes([client])
            client.sendall(b"hello")
            assert await asyncio.to_thread(client.recv, 10) == b"hello"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.read(10))
    writer.close()


class Distant:
    """A socket with a client whose handshake has begun, and ends a millisecond after `close`."""

    def __init__(self, sock: socket.socket, client: socket.socket) -> None:
        self._sock = sock
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._sock, name)
        return method

    def setsockopt(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.001, self._client.connect, self._sock.getsockname())


@needs_filter
async def test_a_handshake_that_has_begun_ends_before_the_socket_is_closed() -> None:
    """Its client is served, and not reset."""
    (sock,) = listen("127.0.0.1", 0)
    with socket.socket() as client:
        client.settimeout(10)
        listener = Listener([Distant(sock, client)], Greeter)  # type: ignore[list-item] # stands for a socket
        await listener.close()
        assert await asyncio.to_thread(client.recv, 10) == b"hello"


async def test_a_socket_without_a_filter_can_be_closed() -> None:
    """Where the system has none, the socket closes as it is."""
    (sock,) = listen("127.0.0.1", 0)
    refusing = Unfiltered(sock)
    assert not drop_handshakes([refusing])  # type: ignore[list-item] # stands for a socket
    listener = Listener([refusing], Greeter)  # type: ignore[list-item] # stands for a socket
    await listener.close()
    assert sock.fileno() == -1
