"""The connections to an engine: when they are made, awaited and given up."""

import asyncio
from pathlib import Path

import pytest

from mirastack_sdk.errors import EngineError
from tests.reliability.bad_engines.answers import beat, engine_and_link, hang_up, in_turn
from tests.reliability.bad_engines.engine import (
    ONE_AT_A_TIME,
    ByteEngine,
    HangUp,
    good,
    link_to,
    options_of,
    serving,
    silent,
    write,
)
from tests.wire.http2.conformance import frames

CALM = 11
FILES = Path("/proc/self/fd")


async def test_who_waits_for_a_connection_shares_it() -> None:
    """A hundred calls to an engine that closes make a few connections, not hundreds."""
    async with engine_and_link(good, first_bytes=None, hurry=1.0) as (engine, link):
        calls = [write(link, timeout=0.8) for _ in range(100)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(one, EngineError) and one.retryable for one in outcomes)
        assert engine.connections <= 3


async def test_an_engine_that_hangs_up_on_every_call_is_spared() -> None:
    """Connections without a response count as failures: after the second, the backoff applies."""
    async with engine_and_link(hang_up, hurry=20.0) as (engine, link):
        for _ in range(10):
            with pytest.raises(EngineError) as caught:
                await write(link, timeout=0.5)
            assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)
        assert engine.connections == 2


async def test_a_call_between_attempts_fails_at_once() -> None:
    """During the backoff, a call that cannot wait fails, and says how long it lasts."""
    async with engine_and_link(good, first_bytes=None, hurry=20.0) as (engine, link):
        with pytest.raises(EngineError):
            await write(link, timeout=1.0)
        seen = engine.connections
        with pytest.raises(EngineError, match=r"settings; the next attempt is in \d+") as hit:
            await write(link, timeout=1.0)
        assert (hit.value.reason, hit.value.retryable) == ("unavailable", True)
        assert engine.connections == seen


async def test_a_heartbeat_opens_the_way_for_those_who_wait() -> None:
    """The session ignores the backoff, and a waiting call uses its connection."""
    async with engine_and_link(good, first_bytes=None, hurry=20.0) as (engine, link):
        with pytest.raises(EngineError):
            await write(link, timeout=1.0)
        waiting = asyncio.create_task(write(link, timeout=60.0))
        await asyncio.sleep(0)
        engine.repair()
        await beat(link)
        async with asyncio.timeout(3):
            assert await waiting


async def test_an_engine_that_leaves_whenever_it_is_asked() -> None:
    """Endless GOAWAYs end a call within its deadline, at little cost."""
    async with engine_and_link(good, first_bytes=ONE_AT_A_TIME + frames.goaway(0)) as (
        engine,
        link,
    ):
        with pytest.raises(EngineError, match="sent GOAWAY at once") as caught:
            await write(link, timeout=2.0)
        assert caught.value.reason == "unavailable"
        assert engine.connections <= 4


async def test_a_flood_of_goaways_loses_no_answer() -> None:
    """A second GOAWAY changes nothing for a call that the first one accepts."""

    def flood(stream: int) -> bytes:
        return frames.goaway(stream) * 500 + good(stream)

    async with engine_and_link(flood) as (engine, link):
        assert await write(link)
        engine.repair()
        assert await write(link)
        assert engine.connections == 2


def open_files() -> int:
    """Return how many files and sockets this process has open."""
    return len(list(FILES.iterdir()))


@pytest.mark.skipif(not FILES.exists(), reason="counts open files as Linux shows them")
async def test_an_engine_that_does_not_read_keeps_no_socket_open() -> None:
    """Closing does not wait for a server that does not read."""

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport reads
        writer.write(frames.settings((4, 2**31 - 1)) + frames.window_update(0, 2**31 - 70_000))
        await done.wait()
        writer.transport.abort()

    done = asyncio.Event()
    server = await asyncio.start_server(ignore, "127.0.0.1", 0)
    async with server:
        link = link_to(server.sockets[0].getsockname()[1], limit=20_000_000)
        before = open_files()
        with pytest.raises(EngineError, match="did not answer in time"):
            await write(link, size=9_000_000, timeout=0.3)
        link.close()
        for _ in range(2):
            await asyncio.sleep(0)
        left = open_files() - before
        done.set()
    assert left == 1, "the server's own end of the connection, and no other"


async def test_a_silent_engine_is_asked_and_given_up() -> None:
    """If an engine is silent while a call waits, even to a ping, the connection is dead."""
    async with serving(ByteEngine(answer=in_turn(silent, good), deaf=True)) as engine:
        link = link_to(engine.port, options=options_of(interval=0.1, timeout=0.1))
        try:
            with pytest.raises(EngineError, match="not even a ping") as caught:
                await write(link)
            assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)
            assert await write(link)
            assert (engine.connections, engine.pings) == (2, 1)
        finally:
            link.close()


async def test_a_slow_engine_that_answers_pings_is_waited_for() -> None:
    """A slow engine is pinged once per interval, and keeps its calls."""
    async with serving(ByteEngine(answer=silent)) as engine:
        link = link_to(engine.port, options=options_of(interval=0.1, timeout=0.1))
        try:
            with pytest.raises(EngineError) as caught:
                await write(link, timeout=0.75)
            assert caught.value.reason == "deadline_exceeded"
            assert 2 <= engine.pings <= 7
            assert engine.connections == 1
        finally:
            link.close()


async def test_an_engine_that_calls_pings_too_many_is_asked_half_as_often() -> None:
    """GOAWAY for too many pings doubles the interval of all later connections."""
    options = options_of(interval=0.1)

    def complain(stream: int) -> bytes:
        raise HangUp(frames.goaway(stream, CALM, b"too_many_pings"))

    async with serving(ByteEngine(answer=in_turn(complain, good))) as engine:
        link = link_to(engine.port, options=options)
        try:
            with pytest.raises(EngineError):
                await write(link)
            assert options.keepalive.interval == 0.2
            assert await write(link)
        finally:
            link.close()
