"""The limit on connections: who is closed when there are too many."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.http2.codes import LARGEST_WINDOW, PREFACE, Flag, FrameType, Setting
from mirastack_sdk._wire.http2.frames import frame as http2_frame
from mirastack_sdk._wire.http2.frames import header_frames, settings_frame, window_update_frame
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.server.server_state import Capacity, ConnectionLimit
from tests.wire.notes import ECHO, Note, Notes, note_codecs, same
from tests.wire.raw_peer import RawPeer, frame
from tests.wire.server.test_server_connection import block_to

type Reply = Callable[[Note], Awaitable[Note]]

FEW = 4
TOKEN = "Bearer right"


@asynccontextmanager
async def small_server(
    respond: Reply = same, *, bearer: bool = False, timeouts: ClientTimeouts | None = None
) -> AsyncIterator[Server]:
    """Serve few connections."""
    server = Server(
        [Notes(respond)],
        note_codecs(),
        max_message_bytes=2**26,
        capacity=Capacity(connections=FEW),
        bearer=BearerToken(lambda: "right") if bearer else None,
        timeouts=timeouts,
    )
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def call(peer: RawPeer, authorization: str | None = None) -> str | None:
    """Call, perhaps with a token; return the status."""
    stream_id = peer.request(ECHO, frame(b"x"), authorization=authorization)
    return (await peer.answer(stream_id)).status


async def is_served(peer: RawPeer, authorization: str | None = None) -> bool:
    """Whether the connection is open and its call is accepted."""
    try:
        return await call(peer, authorization) == "0"
    except (ConnectionError, EOFError, AssertionError):
        return False


@asynccontextmanager
async def peers(server: Server, count: int) -> AsyncIterator[list[RawPeer]]:
    """Connect, in order."""
    connected = [await RawPeer.connect(server.port) for _ in range(count)]
    try:
        for peer in connected:
            await peer.__aenter__()
        yield connected
    finally:
        for peer in connected:
            await peer.__aexit__(None, None, None)


async def test_clients_that_say_nothing_make_room() -> None:
    """The oldest first; the ones that have made a call stay."""
    async with small_server() as server, peers(server, FEW) as strangers:
        assert await is_served(strangers[0])
        async with peers(server, FEW - 1) as newcomers:
            assert all([await is_served(peer) for peer in newcomers])
            assert await is_served(strangers[0])
            assert not any([await is_served(peer) for peer in strangers[1:]])


async def test_clients_with_a_wrong_token_make_room() -> None:
    """However often they call: the one with the token is served, and stays."""
    async with small_server(bearer=True) as server, peers(server, FEW) as strangers:
        assert [await call(peer, "Bearer wrong") for peer in strangers] == ["16"] * FEW
        async with peers(server, 1) as (engine,), peers(server, 3 * FEW) as more:
            # The engine is the newest of the strangers until it calls.
            newest = more[-FEW + 1 :]
            assert [await call(peer, "Bearer wrong") for peer in newest] == ["16"] * (FEW - 1)
            assert not await is_served(engine, TOKEN)
        async with peers(server, 1) as (engine,):
            assert await is_served(engine, TOKEN)
            async with peers(server, 3 * FEW) as more:
                assert await call(more[-1], "Bearer wrong") == "16"
            assert await is_served(engine, TOKEN)


async def test_a_client_that_calls_unknown_methods_is_a_stranger() -> None:
    """Only a call that is accepted keeps a connection."""
    async with small_server() as server, peers(server, FEW) as strangers:
        for peer in strangers:
            answer = await peer.answer(peer.request("/none.Such/Method", frame(b"")))
            assert answer.status == "12"
        async with peers(server, FEW) as newcomers:
            assert all([await is_served(peer) for peer in newcomers])


async def test_nobody_is_closed_for_another_when_all_have_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Then the new connection is closed; the log counts once a minute."""
    async with small_server() as server, peers(server, FEW) as callers:
        assert all([await is_served(peer) for peer in callers])
        async with peers(server, 3) as late:
            assert not any([await is_served(peer) for peer in late])
        assert all([await is_served(peer) for peer in callers])
    assert len(caplog.records) <= 1


async def test_a_place_is_free_again_after_every_kind_of_end() -> None:
    """Evicted, closed by the client, or rejected: the count stays right."""
    async with small_server() as server:
        for _ in range(3):
            async with peers(server, 2 * FEW):
                pass
            async with peers(server, FEW) as callers:
                assert all([await is_served(peer) for peer in callers])


class Stranger:
    """A connection to be counted."""

    def __init__(self) -> None:
        self.is_evicted = False

    def evict(self) -> None:
        self.is_evicted = True


def test_the_oldest_stranger_is_evicted() -> None:
    """Trust and release take a connection out of the order."""
    limit = ConnectionLimit(3)
    first, second, third, fourth, fifth = (Stranger() for _ in range(5))
    assert all(limit.acquire(one) for one in (first, second, third))
    limit.trust(first)
    assert limit.acquire(fourth)
    limit.release(third)
    assert limit.acquire(fifth)
    assert [one.is_evicted for one in (first, second, third, fourth, fifth)] == [
        False,
        True,
        False,
        False,
        False,
    ]
    limit.trust(fourth)
    limit.trust(fifth)
    assert not limit.acquire(Stranger())


async def test_a_client_that_stops_reading_and_closes_its_side() -> None:
    """It is disconnected, although the transport still has data for it."""

    async def large(note: Note) -> Note:
        return Note("x" * 30_000_000)

    timeouts = ClientTimeouts(stalled_reader=0.1)
    async with small_server(large, timeouts=timeouts) as server, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        writer.write(
            PREFACE
            + settings_frame([(Setting.INITIAL_WINDOW_SIZE, LARGEST_WINDOW)])
            + window_update_frame(0, 2**30)
            + header_frames(1, block_to(ECHO), 16_384, end_stream=False)
            + http2_frame(FrameType.DATA, Flag.END_STREAM, 1, frame(b"x"))
        )
        await reader.read(1)
        writer.write_eof()
        while server._connections:  # noqa: SLF001 - what no client can see
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.02)
        writer.close()
