"""The choice among a host's addresses, and the lookup of names."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._wire.socket import dialing
from mirastack_sdk._wire.socket.dialing import Endpoint, Resolver, dial


def endpoint(port: int) -> Endpoint:
    """An address on this machine."""
    return Endpoint(
        family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0, address=("127.0.0.1", port)
    )


@asynccontextmanager
async def listening() -> AsyncIterator[int]:
    """Accept connections; gives the port."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def deaf_port() -> AsyncIterator[int]:
    """Take a port that completes no connections, because its backlog is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        try:
            yield port
        finally:
            for filler in fillers:
                filler.close()


async def refusing_port() -> int:
    """Return a port that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


async def test_an_address_that_refuses_makes_room_for_the_next() -> None:
    """When an address fails, the next one is dialled at once."""
    async with listening() as port:
        async with asyncio.timeout(2):
            found = await dial([endpoint(await refusing_port()), endpoint(port)], delay=60)
        assert found.getpeername()[1] == port
        found.close()


async def test_an_address_that_says_nothing_is_overtaken() -> None:
    """The next address is tried after the delay, and the first to accept is used."""
    before = asyncio.all_tasks()
    async with listening() as port, deaf_port() as deaf:
        async with asyncio.timeout(5):
            found = await dial([endpoint(deaf), endpoint(port)], delay=0.05)
        assert found.getpeername()[1] == port
        found.close()
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
        await asyncio.gather(*left, return_exceptions=True)


async def test_lost_packets_are_repeated_every_two_seconds() -> None:
    """A path that works again is used soon, though it was silent for minutes (Linux 6.15)."""
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.IPPROTO_TCP, dialing._TCP_RTO_MAX_MS, 5_000)  # noqa: SLF001 - Python has no name for it
        except OSError:
            pytest.skip("this system cannot limit TCP's delays")
    async with listening() as port:
        found = await dial([endpoint(port)])
        with found:
            longest, until_lost = (
                found.getsockopt(socket.IPPROTO_TCP, option)
                for option in (dialing._TCP_RTO_MAX_MS, socket.TCP_USER_TIMEOUT)  # noqa: SLF001 - as above
            )
    assert (longest, until_lost) == (2_000, 900_000)


async def test_a_system_that_cannot_limit_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older system connects all the same."""
    monkeypatch.setattr(dialing, "_TCP_RTO_MAX_MS", 10_000)
    async with listening() as port:
        with await dial([endpoint(port)]) as found:
            assert found.getpeername()[1] == port


async def test_all_failures_are_reported() -> None:
    """When every address fails, the error says why, once for each reason."""
    ports = [await refusing_port() for _ in range(2)]
    with pytest.raises(OSError, match=r"^Connection refused$"):
        await dial([endpoint(port) for port in ports])


async def test_a_fault_beside_a_connection_leaves_no_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An attempt that fails for a reason of ours closes what another one has connected."""
    connected = [socket.socket(), socket.socket()]
    both_started = asyncio.Event()

    async def connect(endpoint: Endpoint) -> socket.socket:
        port = endpoint.address[1]
        if port == 3:
            both_started.set()
        await both_started.wait()
        if port == 2:
            raise OverflowError("no such port")
        return connected.pop()

    sockets = list(connected)
    monkeypatch.setattr(dialing, "_connected", connect)
    with pytest.raises(OverflowError):
        await dial([endpoint(1), endpoint(2), endpoint(3)], delay=0)
    assert [one.fileno() for one in sockets] == [-1, -1]


async def test_a_host_without_addresses() -> None:
    """Nothing to dial is an error, not a hang."""
    with pytest.raises(OSError, match="no addresses"):
        await dial([])


async def test_an_address_needs_no_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """An IP address needs no lookup, and so no thread."""
    monkeypatch.setattr(threading, "Thread", None)
    (found,) = await Resolver("127.0.0.1", 5).endpoints()
    assert found.address == ("127.0.0.1", 5)


async def test_a_name_is_looked_up() -> None:
    """A name is resolved to the system's addresses."""
    found = await Resolver("localhost", 5).endpoints()
    assert {one.address[0] for one in found} <= {"127.0.0.1", "::1"}
    assert found


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 70, "."])
async def test_an_invalid_name(name: str) -> None:
    """Every error of a lookup is an `OSError`."""
    with pytest.raises(OSError, match=r"\w"):
        await Resolver(name, 5).endpoints()


async def test_a_lookup_that_hangs_holds_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Concurrent callers share a lookup, and each may give up at any time."""
    released, begun = threading.Event(), []
    real = socket.getaddrinfo

    def hang(*arguments: object, flags: int = 0, **more: object) -> object:
        if flags:
            raise socket.gaierror
        begun.append(1)
        released.wait(10)
        return real("127.0.0.1", 5, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    resolver = Resolver("engine.test", 5)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await resolver.endpoints()
    released.set()
    async with asyncio.timeout(5):
        (found,) = await resolver.endpoints()
    assert found.address == ("127.0.0.1", 5)
    assert len(begun) == 1


@pytest.mark.parametrize("answered", [1, 2])
async def test_a_lookup_that_hangs_does_not_delay_later_ones(
    answered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When DNS is back, a new lookup is answered at once; at most four go on."""
    monkeypatch.setattr(dialing, "_SHARED_SECONDS", 0.0)
    released, begun = threading.Event(), []
    real = socket.getaddrinfo

    def hang(*arguments: object, flags: int = 0, **more: object) -> object:
        if flags:
            raise socket.gaierror
        begun.append(1)
        if len(begun) != answered:
            released.wait(10)
        return real("127.0.0.1", 5, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    resolver = Resolver("engine.test", 5)
    found = 0
    for _ in range(8):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await resolver.endpoints()
            found += 1
    assert found == 1
    assert len(begun) == 5
    released.set()
    async with asyncio.timeout(5):
        await resolver.endpoints()
