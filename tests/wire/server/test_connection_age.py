"""The maximum age of connections: decided without I/O, and over sockets, byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.connection_age import AgeStep, AgeWatch, ConnectionAge
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.server.server_state import Capacity
from tests.wire.notes import ECHO, Gate, Notes, note_codecs
from tests.wire.raw_peer import RawPeer, frame

NOTHING, DRAIN, CANCEL, CLOSE = AgeStep
LARGEST = 2**31 - 1
YOUNG = 3600.0
# They are checked every 10 ms.
OFTEN = ClientTimeouts(overfull=0.02)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
EMPTY_SETTINGS = bytes.fromhex("000000 04 00 00000000")
FIRST_GOAWAY = bytes.fromhex("000010 07 00 00000000 7fffffff 00000000") + b"draining"
PING = bytes.fromhex("000008 06 00 00000000") + b"draining"
PING_ANSWER = bytes.fromhex("000008 06 01 00000000") + b"draining"
LAST_GOAWAY = bytes.fromhex("000010 07 00 00000000 00000000 00000000") + b"draining"


def old_at(maximum: float, grace: float = 0.0, *, jitter: float = 1.0) -> AgeWatch:
    """Watch a connection that began at 0; `jitter` is what the random numbers are."""
    return AgeWatch(ConnectionAge(maximum, grace), 0.0, lambda low, high: jitter)


def test_connections_may_become_as_old_as_they_like() -> None:
    """Without a maximum, nothing happens."""
    watch = AgeWatch(ConnectionAge(), 0.0, lambda low, high: 1.0)
    assert watch.next_step(1e9, is_busy=True) is NOTHING


def test_a_connection_is_drained_once() -> None:
    """It is drained at its maximum age, and is left alone while calls run."""
    watch = old_at(60)
    assert watch.next_step(59.9, is_busy=True) is NOTHING
    assert watch.next_step(60.0, is_busy=True) is DRAIN
    assert watch.next_step(60.1, is_busy=True) is NOTHING
    assert watch.next_step(1e9, is_busy=True) is NOTHING


def test_ages_differ_by_a_tenth() -> None:
    """The maximum is multiplied by a random number from 0.9 to 1.1."""
    asked: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    watch = AgeWatch(ConnectionAge(100.0), 7.0, uniform)
    assert asked == [(0.9, 1.1)]
    assert watch.next_step(96.9, is_busy=False) is NOTHING
    assert watch.next_step(97.0, is_busy=False) is DRAIN


def test_an_idle_client_has_a_second_to_close() -> None:
    """A drained connection is closed when it has been without calls for a second."""
    watch = old_at(60)
    watch.next_step(60.0, is_busy=False)
    assert watch.next_step(60.5, is_busy=False) is NOTHING
    assert watch.next_step(61.0, is_busy=True) is NOTHING
    assert watch.next_step(62.0, is_busy=False) is NOTHING
    assert watch.next_step(62.9, is_busy=False) is NOTHING
    assert watch.next_step(63.0, is_busy=False) is CLOSE


def test_calls_have_the_grace_period() -> None:
    """After it they are cancelled once, and half a second later the connection is closed."""
    watch = old_at(60, 10)
    watch.next_step(60.0, is_busy=True)
    assert watch.next_step(69.9, is_busy=True) is NOTHING
    assert watch.next_step(70.0, is_busy=True) is CANCEL
    assert watch.next_step(70.4, is_busy=True) is NOTHING
    assert watch.next_step(70.5, is_busy=True) is CLOSE


@asynccontextmanager
async def serving(gate: Gate, maximum: float, grace: float = 0.0) -> AsyncIterator[Server]:
    """Serve calls that wait for the gate."""
    capacity = Capacity(age=ConnectionAge(maximum, grace))
    server = Server([Notes(gate.respond)], note_codecs(), timeouts=OFTEN, capacity=capacity)
    await server.start()
    try:
        async with asyncio.timeout(30):
            yield server
    finally:
        gate.opened.set()
        await server.close()


async def test_the_frames_of_an_old_connection() -> None:
    """GOAWAY with the largest id, and a PING; its answer brings the GOAWAY with the last id."""
    async with serving(Gate(), 0.01) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(PREFACE + EMPTY_SETTINGS)
        assert (await reader.readuntil(PING)).endswith(FIRST_GOAWAY + PING)
        writer.write(PING_ANSWER)
        assert await reader.readexactly(len(LAST_GOAWAY)) == LAST_GOAWAY
        # An idle client that does not close the connection loses it.
        assert b"closed" in await reader.read()
        writer.close()


async def goaways(peer: RawPeer, number: int) -> None:
    """Read until so many GOAWAYs have come; the peer answers every PING."""
    while len(peer.goaways) < number:
        await peer.read()


async def test_a_running_call_completes() -> None:
    """Without a grace period, a call on an old connection takes as long as it takes."""
    gate = Gate()
    async with serving(gate, 0.01) as server, await RawPeer.connect(server.port) as peer:
        stream = peer.request(ECHO, frame(b"kept"))
        await goaways(peer, 2)
        assert peer.goaways == [LARGEST, stream]
        gate.opened.set()
        answer = await peer.answer(stream)
        assert (answer.status, answer.data) == ("0", frame(b"kept"))
        await peer.read_to_the_end()


async def test_calls_after_the_last_goaway_never_run() -> None:
    """They get no answer, so that every client may repeat them; the connection ends."""
    gate = Gate()
    gate.opened.set()
    async with serving(gate, 0.01) as server, await RawPeer.connect(server.port) as peer:
        await goaways(peer, 2)
        late = peer.request(ECHO, frame(b"late"))
        await peer.read_to_the_end()
        assert not peer.answers[late].ended
        assert not gate.entered.is_set()
        assert max(peer.goaways[1:]) < late


async def test_late_calls_are_cancelled_after_the_grace_period() -> None:
    """Those that run end with UNAVAILABLE; one that has not arrived whole may be repeated."""
    gate = Gate()
    async with serving(gate, 0.01, 0.01) as server, await RawPeer.connect(server.port) as peer:
        running = peer.request(ECHO, frame(b"x"))
        partial = peer.begin(ECHO, frame(b"hello")[:-1])
        answer = await peer.answer(running)
        refused = await peer.answer(partial)
        assert (answer.status, answer.message) == (
            "14",
            "the connection has reached its maximum age",
        )
        assert refused.reset == 7
        assert gate.cancelled.is_set()
        await peer.read_to_the_end()


async def test_a_handler_that_ignores_its_cancellation_does_not_keep_the_connection() -> None:
    """Half a second later the connection is closed all the same."""
    entered, opened = asyncio.Event(), asyncio.Event()

    class Stubborn(Gate):
        async def respond(self, note: object) -> object:  # type: ignore[override] # any note
            entered.set()
            while not opened.is_set():
                try:
                    await opened.wait()
                except asyncio.CancelledError:
                    continue
            return note

    async with (
        serving(Stubborn(), 0.01, 0.01) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        peer.request(ECHO, frame(b"x"))
        await entered.wait()
        await peer.read_to_the_end()
        opened.set()


async def test_a_young_connection_is_left_alone() -> None:
    """Nothing is announced before its time."""
    gate = Gate()
    gate.opened.set()
    async with serving(gate, YOUNG) as server, await RawPeer.connect(server.port) as peer:
        for _ in range(20):
            assert (await peer.answer(peer.request(ECHO, frame(b"x")))).status == "0"
        assert peer.goaways == []


@pytest.mark.parametrize("grace", [0.0, YOUNG])
async def test_a_server_drains_connections_that_are_draining(grace: float) -> None:
    """A shutdown in the middle of it loses no call."""
    gate = Gate()
    async with serving(gate, 0.01, grace) as server, await RawPeer.connect(server.port) as peer:
        stream = peer.request(ECHO, frame(b"kept"))
        await goaways(peer, 1)
        await gate.entered.wait()
        draining = asyncio.create_task(server.drain(20))
        await goaways(peer, 2)
        gate.opened.set()
        assert (await peer.answer(stream)).status == "0"
        assert await draining == 0
