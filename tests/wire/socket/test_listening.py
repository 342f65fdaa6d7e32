"""The sockets that a server listens on."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

import pytest

from mirastack_sdk._wire.socket import listening
from mirastack_sdk._wire.socket.descriptors import descriptor_limit, spare_descriptors
from mirastack_sdk._wire.socket.listening import Listener, listen

needs_ipv6 = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this host has no IPv6")
FOUR, SIX = socket.AF_INET, socket.AF_INET6


@contextmanager
def listening_on(host: str, port: int = 0) -> Iterator[list[socket.socket]]:
    """Listen, and close the sockets at the end."""
    with ExitStack() as stack:
        yield [stack.enter_context(one) for one in listen(host, port)]


def reachable(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[int, str]) -> None:
    """Make every host name mean these addresses."""

    def getaddrinfo(host: str, port: int, **_: int) -> Sequence[tuple[object, ...]]:
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)[: 2 if family == FOUR else 4])
            for family, address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@needs_ipv6
@pytest.mark.parametrize("host", ["", "::"])
def test_every_interface_means_both_families(host: str) -> None:
    """An empty host and `::` serve IPv4 and IPv6, on one port."""
    with listening_on(host) as sockets:
        port = sockets[0].getsockname()[1]
        assert reachable("127.0.0.1", port)
        assert reachable("::1", port)


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "other"), [("127.0.0.1", "::1"), ("127.0.0.2", "::1"), ("::1", "127.0.0.1")]
)
def test_an_address_means_its_own_family(host: str, other: str) -> None:
    """Any other address is taken literally."""
    with listening_on(host) as sockets:
        assert not reachable(other, sockets[0].getsockname()[1])


@needs_ipv6
@pytest.mark.parametrize(
    "order", [((FOUR, "127.0.0.1"), (SIX, "::1")), ((SIX, "::1"), (FOUR, "127.0.0.1"))]
)
def test_a_name_with_two_addresses(
    monkeypatch: pytest.MonkeyPatch, order: tuple[tuple[int, str], ...]
) -> None:
    """Both are served, on the same free port."""
    resolve_to(monkeypatch, *order)
    with listening_on("agent.example") as sockets:
        assert len({one.getsockname()[1] for one in sockets}) == 1
        monkeypatch.undo()
        port = sockets[0].getsockname()[1]
        assert all(reachable(address, port) for _, address in order)


def test_two_addresses_of_one_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """Duplicates are bound once, the others all."""
    resolve_to(monkeypatch, (FOUR, "127.0.0.1"), (FOUR, "127.0.0.2"), (FOUR, "127.0.0.1"))
    with listening_on("agent.example") as sockets:
        assert [one.getsockname()[0] for one in sockets] == ["127.0.0.1", "127.0.0.2"]


def test_addresses_of_other_hosts_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may mean addresses that this host does not have; one must remain."""
    resolve_to(monkeypatch, (FOUR, "192.0.2.1"), (FOUR, "127.0.0.1"))
    with listening_on("agent.example") as sockets:
        assert [one.getsockname()[0] for one in sockets] == ["127.0.0.1"]
    resolve_to(monkeypatch, (FOUR, "192.0.2.1"))
    with pytest.raises(OSError, match="assign requested address"):
        listen("agent.example", 0)


def test_a_port_that_is_taken_on_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start fails, and no socket stays open; a free port is one that is free on all."""
    with socket.create_server(("127.0.0.2", 0)) as other:
        taken = other.getsockname()[1]
        resolve_to(monkeypatch, (FOUR, "127.0.0.1"), (FOUR, "127.0.0.2"))
        with pytest.raises(OSError, match="in use"):
            listen("agent.example", taken)
        monkeypatch.undo()
        assert not reachable("127.0.0.1", taken)
        ports = iter([taken, 0])
        bind = listening._bind  # noqa: SLF001 - chooses the port that is free on one address only
        resolve_to(monkeypatch, (FOUR, "127.0.0.1"), (FOUR, "127.0.0.2"))

        def first_taken(at: tuple[socket.AddressFamily, tuple[str, int]]) -> socket.socket:
            family, (host, port) = at
            return bind((family, (host, port or next(ports))))

        monkeypatch.setattr(listening, "_bind", first_taken)
        with listening_on("agent.example") as sockets:
            assert len(sockets) == 2


class Greeter(asyncio.Protocol):
    """Greets, and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        transport.close()


async def heard(port: int) -> bytes:
    """Connect, and read to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_a_listener_serves_all_its_sockets() -> None:
    """Each connection gets a protocol, on whichever socket it came."""
    listener = Listener([*listen("127.0.0.1", 0), *listen("127.0.0.1", 0)], Greeter)
    ports = {one.getsockname()[1] for one in listener._sockets}  # noqa: SLF001 - two ports, for a test
    assert [await heard(port) for port in ports] == [b"hello"] * 2
    await listener.close()
    assert not any(reachable("127.0.0.1", port) for port in ports)


async def test_a_listener_rejects() -> None:
    """A connection that no protocol takes is closed at once."""
    listener = Listener(listen("127.0.0.1", 0), lambda: None)
    assert await heard(listener.port) == b""
    await listener.close()


class Exhausted:
    """A socket that fails to accept, as often as it is told to."""

    def __init__(self, sock: socket.socket, error: OSError, times: int) -> None:
        self._sock = sock
        self._error = error
        self.left = times
        self.failed = asyncio.Event()

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._sock, name)
        return method

    def accept(self) -> object:
        if self.left:
            self.left -= 1
            self.failed.set()
            raise self._error
        return self._sock.accept()


@pytest.mark.parametrize(
    "number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EPERM]
)
async def test_a_listener_pauses(
    number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It accepts again after a pause, and all its failures are one line."""
    monkeypatch.setattr(listening, "_PAUSE_SECONDS", 0.01)
    (sock,) = listen("127.0.0.1", 0)
    failing = Exhausted(sock, OSError(number, "no more"), 20)
    listener = Listener([failing], Greeter)  # type: ignore[list-item] # stands for a socket
    assert await heard(listener.port) == b"hello"
    assert failing.left == 0
    assert len(caplog.records) == 1
    assert caplog.records[0].name == "mirastack_sdk.server"
    assert "no more" in caplog.text
    await listener.close()


@pytest.mark.parametrize(
    "name",
    ["ECONNABORTED", "ECONNRESET", "EHOSTUNREACH", "ENETDOWN", "EPROTO", "ETIMEDOUT", "EINTR"],
)
async def test_a_connection_that_was_lost_before_delays_no_other(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Linux reports its error in place of it; that is no lack of resources."""
    monkeypatch.setattr(listening, "_PAUSE_SECONDS", 10**9)
    (sock,) = listen("127.0.0.1", 0)
    failing = Exhausted(sock, OSError(getattr(errno, name), "lost"), 40)
    listener = Listener([failing], Greeter)  # type: ignore[list-item] # stands for a socket
    async with asyncio.timeout(10):
        assert await heard(listener.port) == b"hello"
    assert (failing.left, caplog.records) == (0, [])
    await listener.close()


async def test_a_listener_that_pauses_can_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left of it, not even a timer."""
    (sock,) = listen("127.0.0.1", 0)
    failing = Exhausted(sock, OSError(errno.EMFILE, "no more"), 10**9)
    listener = Listener([failing], Greeter)  # type: ignore[list-item] # stands for a socket
    with closing(socket.create_connection(("127.0.0.1", listener.port))):
        await failing.failed.wait()
        await listener.close()
    assert failing.fileno() == -1


async def test_what_waits_is_accepted_in_turns_before_the_end() -> None:
    """A connection that is closed for another needs its descriptor until the next turn."""
    (sock,) = listen("127.0.0.1", 0)
    descriptors: list[int] = []

    def factory() -> Greeter:
        descriptors.append(len(os.listdir("/dev/fd")))
        return Greeter()

    listener = Listener([sock], factory)
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", listener.port), timeout=10))
            for _ in range(200)
        ]
        await listener.close()
        await asyncio.sleep(0)
        assert {client.recv(10) for client in clients} == {b"hello"}
    assert len(descriptors) == 200
    assert max(descriptors) - descriptors[0] < 100


@pytest.mark.parametrize(("limit", "reserve"), [(512, 128), (2_000, 256), (10**6, 256), (80, 20)])
def test_descriptors_are_held_in_reserve(limit: int, reserve: int) -> None:
    """A quarter, but at least 16 and at most 256, besides those that are open."""
    spare = spare_descriptors(limit)
    assert 1 <= spare < limit - reserve


def test_a_process_without_descriptors_may_have_one_connection() -> None:
    """However low the limit is, an agent can be reached."""
    assert spare_descriptors(3) == 1
    limit = descriptor_limit()
    assert limit is None or limit > 0
