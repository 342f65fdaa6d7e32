"""Floods over sockets: memory stays, other clients are served, and nothing is left."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from tests.reliability.floods.attacks import FLOODS, SLOW_ATTACKS, Flood, SlowAttack
from tests.reliability.floods.bytes_of_attacks import PLAIN, calls
from tests.reliability.floods.clients import Neighbour, SlowClient, attack
from tests.reliability.floods.flooded_server import (
    FEW,
    FloodedServer,
    Leftovers,
    flooded_server,
)
from tests.reliability.probed_process import lack_of_cores

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux tells a process's peak of memory"
)

MOST_MEMORY = 40_000_000
LONGEST_WAIT = 0.3
# How often an attack may be tried on a machine that is busy with others, which can keep a client
# from answering in time, too; how long a server may take to have forgotten it, and how often a slow
# client drips.
ATTEMPTS = 3
SETTLING_SECONDS = 20.0
DRIP_SECONDS = 0.05
TIMEOUT = 20.0
IDLE = 400


@pytest.fixture(scope="module")
def server() -> Iterator[FloodedServer]:
    """Start one process for all attacks, since none may leave anything behind."""
    with flooded_server() as started:
        yield started


@pytest_asyncio.fixture
async def neighbour(server: FloodedServer) -> AsyncIterator[Neighbour]:
    """Connect a client that must be served during attacks."""
    client = Neighbour(server.normal_port, lambda: lack_of_cores() + server.process.lack_of_cores)
    await client.call()
    client.longest = 0.0
    yield client
    client.close()


@pytest.fixture(scope="module")
def memory(server: FloodedServer) -> int:
    """Return the memory of the process before the first attack."""
    server.process.forget_peak()
    return server.process.peak


async def settled(server: FloodedServer, expected: Leftovers) -> Leftovers:
    """Poll until the server holds what is expected, and return what it holds then."""
    end = asyncio.get_running_loop().time() + SETTLING_SECONDS
    while True:
        found = await asyncio.to_thread(server.leftovers)
        if found == expected or asyncio.get_running_loop().time() > end:
            return found


async def longest_wait(neighbour: Neighbour, act: Callable[[], Awaitable[None]]) -> float:
    """Act while a neighbour calls; return its longest wait, in the best of several attempts."""
    waits: list[float] = []
    while len(waits) < ATTEMPTS and min(waits, default=LONGEST_WAIT) >= LONGEST_WAIT:
        neighbour.longest, neighbour.calls = 0.0, 0
        calling = asyncio.create_task(neighbour.call_on())
        try:
            await act()
        finally:
            calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
        assert neighbour.calls > 0
        waits.append(neighbour.longest)
    return min(waits)


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
async def test_a_server_withstands(
    server: FloodedServer, memory: int, neighbour: Neighbour, flood: Flood
) -> None:
    """Memory stays, neighbours are served, and nothing is left when the flood is over."""

    async def act() -> None:
        connections = await asyncio.to_thread(_attack_all, server.normal_port, flood)
        assert not flood.stopped or connections > flood.attackers

    before = server.leftovers()
    server.process.forget_peak()
    assert await longest_wait(neighbour, act) < LONGEST_WAIT
    assert server.process.peak - memory < MOST_MEMORY
    assert await settled(server, before) == before


def _attack_all(port: int, flood: Flood) -> int:
    """Attack, and return how many connections were used."""
    with attack(port, flood) as attackers:
        pass
    return sum(one.connections for one in attackers)


@pytest.mark.parametrize("slow", SLOW_ATTACKS.values(), ids=SLOW_ATTACKS)
async def test_a_server_does_not_wait_for_ever(
    server: FloodedServer, memory: int, neighbour: Neighbour, slow: SlowAttack
) -> None:
    """A client that keeps a server waiting is disconnected, while others are served."""

    async def act() -> None:
        for _ in range(ATTEMPTS):
            disconnected = await _is_disconnected(server, slow)
            if disconnected is not slow.kept:
                break
        assert disconnected is not slow.kept

    before = server.leftovers()
    server.process.forget_peak()
    assert await longest_wait(neighbour, act) < LONGEST_WAIT
    assert server.process.peak - memory < MOST_MEMORY
    assert await settled(server, before) == before


async def _is_disconnected(server: FloodedServer, slow: SlowAttack) -> bool:
    """Attack until the connection or its streams are closed; return whether the connection was."""
    with closing(SlowClient(server.hasty_port, reads=slow.reads)) as client:
        async with asyncio.timeout(TIMEOUT):
            await client.say(slow.opening)
            gone = await client.is_disconnected(DRIP_SECONDS)
            while not gone and not (slow.kept and _drops_streams(server, client)):
                await client.say(slow.drip)
                gone = await client.is_disconnected(DRIP_SECONDS)
            return gone


def _drops_streams(server: FloodedServer, client: SlowClient) -> bool:
    now = server.leftovers()
    return client.lost_streams > 0 and (now.streams, now.calls) == (0, 0)


async def test_idle_connections_cost_little(
    server: FloodedServer, memory: int, neighbour: Neighbour
) -> None:
    """Hundreds of clients that are silent after connecting leave room for others."""

    async def act() -> None:
        with ExitStack() as stack:
            for _ in range(IDLE):
                client = SlowClient(server.normal_port, reads=True)
                stack.enter_context(closing(client))
                await client.say(PLAIN)
                await neighbour.call()
            assert await settled(server, full) == full

    before = server.leftovers()
    full = replace(before, connections=before.connections + IDLE)
    server.process.forget_peak()
    assert await longest_wait(neighbour, act) < LONGEST_WAIT
    assert server.process.peak - memory < MOST_MEMORY
    assert await settled(server, before) == before


async def test_a_flood_of_connections_is_turned_away(
    server: FloodedServer, memory: int, neighbour: Neighbour
) -> None:
    """Connections beyond the limit are closed at once; those that have made a call stay."""

    async def act() -> None:
        for _ in range(IDLE):
            with closing(SlowClient(server.small_port, reads=True)) as late:
                await late.say(PLAIN)
                assert await late.is_disconnected(TIMEOUT)
            await neighbour.call()

    before = server.leftovers()
    full = replace(before, connections=before.connections + FEW)
    server.process.forget_peak()
    with ExitStack() as stack:
        for _ in range(FEW):
            client = stack.enter_context(closing(SlowClient(server.small_port, reads=True)))
            await client.say(PLAIN + calls("1", [1]))
        assert await settled(server, full) == full
        assert await longest_wait(neighbour, act) < LONGEST_WAIT
        assert await settled(server, full) == full
    assert server.process.peak - memory < MOST_MEMORY
    assert await settled(server, before) == before
