"""Networks that drop, reset or delay packets, and names that do not resolve."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import LocalEngine
from tests.reliability.bad_engines.engine import link_to, options_of, read, write
from tests.reliability.faults.network import Network, network_to
from tests.reliability.faults.recovery import RECOVERY_SECONDS, all_answered
from tests.wire.socket.test_dialing import deaf_port


@asynccontextmanager
async def path(
    *, interval: float = 30.0, timeout: float = 10.0, connect_timeout: float = 5.0
) -> AsyncIterator[tuple[LocalEngine, Network, EngineLink]]:
    """Put a network between a link and an engine, and make one call."""
    async with LocalEngine() as engine:
        port = int(engine.address.rpartition(":")[2])
        async with network_to(port) as network:
            options = options_of(
                interval=interval, timeout=timeout, connect_timeout=connect_timeout
            )
            link = link_to(network.port, options=options)
            try:
                await read(link)
                yield engine, network, link
            finally:
                link.close()


def reads(link: EngineLink, number: int = 100) -> list[asyncio.Task[bool]]:
    """Start several reads."""
    return [asyncio.create_task(read(link, timeout=30)) for _ in range(number)]


async def test_a_path_that_swallows_everything_for_a_while() -> None:
    """Calls end at their deadlines meanwhile; calls that still wait succeed afterwards."""
    async with path() as (_, network, link):
        network.stall()
        waiting = [*reads(link), asyncio.create_task(write(link, timeout=30))]
        with pytest.raises(EngineError) as caught:
            await read(link, timeout=0.2)
        assert caught.value.reason == "deadline_exceeded"
        network.flow()
        await all_answered(waiting)
        assert network.connections == 1


async def test_a_path_that_swallows_everything_for_longer() -> None:
    """A dead path is detected, and new connections are tried until one succeeds."""
    async with path(interval=0.2, timeout=0.2) as (_, network, link):
        network.stall()
        waiting = reads(link)
        with pytest.raises(EngineError, match="not even a ping"):
            await write(link, timeout=5)
        network.flow()
        await all_answered(waiting)
        assert network.connections >= 2


@pytest.mark.parametrize("attempts", [1, 7])
async def test_a_path_that_is_silent_for_many_attempts(attempts: int) -> None:
    """However long the path is silent, the next attempt comes soon enough after it works again."""
    async with path(interval=0.1, timeout=0.1, connect_timeout=0.1) as (_, network, link):
        assert link._channel is not None  # noqa: SLF001 - to let the attempts follow at once
        network.swallow()
        with pytest.raises(EngineError, match="not even a ping"):
            await write(link, timeout=30)
        while network.connections <= attempts:
            link._channel.pool.allow_attempt()  # noqa: SLF001 - as above
            with pytest.raises(EngineError):
                await write(link, timeout=0.1)
        waiting = [*reads(link), asyncio.create_task(write(link, timeout=30))]
        await asyncio.sleep(0)
        network.carry()
        await all_answered(waiting)


async def test_a_connection_that_is_half_open() -> None:
    """Reads on a half-open connection succeed on a new one."""
    async with path(interval=0.2, timeout=0.2) as (_, network, link):
        network.forget()
        await all_answered(reads(link))
        assert network.connections == 2


@pytest.mark.parametrize("ends", [Network.reset, Network.close], ids=["reset", "closed"])
async def test_a_connection_that_ends_in_the_middle_of_calls(
    ends: Callable[[Network], None],
) -> None:
    """Reads whose connection ends without GOAWAY succeed on the next one."""
    async with path() as (engine, network, link):
        engine.hang("cache_get", times=50)
        waiting = reads(link, 50)
        await engine.wait_for(lambda: len(engine.calls_of("cache_get")) == 51)
        ends(network)
        await all_answered(waiting)
        assert network.connections == 2


async def test_a_reset_in_the_middle_of_a_write() -> None:
    """A write whose connection is reset fails and is not retried."""
    async with path() as (engine, network, link):
        engine.hang("cache_set")
        waiting = asyncio.create_task(write(link, timeout=30))
        await engine.wait_for(lambda: engine.calls_of("cache_set"))
        network.reset()
        async with asyncio.timeout(RECOVERY_SECONDS):
            with pytest.raises(EngineError, match="connection was lost"):
                await waiting
        assert len(engine.calls_of("cache_set")) == 1


async def test_a_network_that_crawls() -> None:
    """Calls through a network that passes three bytes at a time succeed."""
    async with path() as (_, network, link):
        network.chunk = 3
        await all_answered([*reads(link, 20), asyncio.create_task(write(link, size=2_000))])


async def test_connections_that_are_never_completed() -> None:
    """If connecting gets no answer, the call fails as one that could not connect."""
    async with deaf_port() as port:
        link = link_to(port, options=options_of(connect_timeout=0.2))
        try:
            with pytest.raises(EngineError, match=r"no connection within 0\.2 s") as caught:
                await write(link, timeout=1.2)
            assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)
        finally:
            link.close()


class Names:
    """A resolver for one name, which the test controls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *ports: int) -> None:
        self.ports = list(ports)
        self.hangs = False
        self.asked = self.hanging = 0
        self.released = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: str, port: int, *, type: int, flags: int) -> list[object]:  # noqa: A002 - the real one's name
        if flags:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        self.asked += 1
        if self.hangs:
            self.hanging += 1
            self.released.wait(20)
            self.hanging -= 1
        if not self.ports:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, type, 0, "", ("127.0.0.1", port)) for port in self.ports]


def named_link() -> EngineLink:
    """Open a link to an engine by its name."""
    settings = Settings(engine_addr=Address("engine.test", 9090), engine_encoding="json")
    return EngineLink(settings, "my_agent", options=options_of(hurry=0.2))


async def test_a_name_that_is_not_known_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not resolve is looked up again, and calls succeed once it does."""
    async with LocalEngine() as engine:
        names, link = Names(monkeypatch), named_link()
        try:
            with pytest.raises(EngineError, match="Name or service not known") as caught:
                await write(link, timeout=0.1)
            assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)
            waiting = [*reads(link), asyncio.create_task(write(link, timeout=30))]
            await asyncio.sleep(0)
            names.ports = [int(engine.address.rpartition(":")[2])]
            await all_answered(waiting)
        finally:
            link.close()


async def test_a_name_that_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that comes back at another address is found: each connection looks up the name."""
    async with LocalEngine() as first, LocalEngine() as second:
        ports = [int(one.address.rpartition(":")[2]) for one in (first, second)]
        names, link = Names(monkeypatch, ports[0]), named_link()
        try:
            await read(link)
            names.ports = [ports[1]]
            await first.stop()
            await all_answered(reads(link))
        finally:
            link.close()


async def test_an_address_of_several_that_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """If one of several addresses is dead, the other one is used without delay."""
    async with LocalEngine() as engine, deaf_port() as deaf:
        Names(monkeypatch, deaf, int(engine.address.rpartition(":")[2]))
        link = named_link()
        try:
            await all_answered(reads(link))
        finally:
            link.close()


def test_a_resolver_that_hangs_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hanging lookup delays neither a call's deadline nor the end of the loop."""
    names = Names(monkeypatch)
    names.hangs = True

    async def call() -> None:
        link = named_link()
        try:
            with pytest.raises(EngineError, match=r"connecting to engine\.test:9090") as caught:
                await write(link, timeout=0.2)
            assert caught.value.reason == "deadline_exceeded"
        finally:
            link.close()

    asyncio.run(call())
    assert names.asked == 1
    assert names.hanging == 1, "the loop has waited for the lookup"
    names.released.set()
