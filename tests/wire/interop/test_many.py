"""Many concurrent calls and connections between grpcio and us."""

import asyncio
from contextlib import AsyncExitStack

from tests.wire.interop.peers import (
    TIMEOUT,
    Context,
    ask,
    grpcio_channel,
    grpcio_server,
    our_channel,
    serving,
    unary_call,
)

LARGE = 100_000


class Crowd:
    """Responds to no call before all have arrived."""

    def __init__(self, size: int) -> None:
        self._missing = size
        self._complete = asyncio.Event()

    async def respond(self, data: bytes) -> bytes:
        self._missing -= 1
        if not self._missing:
            self._complete.set()
        await self._complete.wait()
        return data[::-1]

    async def answer(self, data: bytes, context: Context) -> bytes:
        return await self.respond(data)


def message(number: int) -> bytes:
    """Return a large message that is different for each call."""
    return (b"%d " % number).ljust(LARGE, b"x")


async def test_grpcio_makes_1000_large_calls_at_once_on_one_connection() -> None:
    """1,000 calls of 100 KB each way run at the same time on one connection."""
    async with serving(Crowd(1000).respond) as server, grpcio_channel(server.port) as channel:
        rpc = unary_call(channel)

        async def call(number: int) -> bool:
            return await rpc(message(number), timeout=TIMEOUT) == message(number)[::-1]

        assert all(await asyncio.gather(*map(call, range(1000))))


async def test_grpcio_gets_1000_large_replies_that_are_ready_at_once() -> None:
    """More replies than may wait for a client all reach one that reads."""

    async def respond(data: bytes) -> bytes:
        return data[::-1]

    async with serving(respond) as server, grpcio_channel(server.port) as channel:
        rpc = unary_call(channel)

        async def call(number: int) -> bool:
            return await rpc(message(number), timeout=TIMEOUT) == message(number)[::-1]

        assert all(await asyncio.gather(*map(call, range(1000))))


async def test_our_channel_makes_1000_large_calls_at_once_on_one_connection() -> None:
    """1,000 calls of 100 KB each way run at the same time on one connection."""
    async with grpcio_server(Crowd(1000).answer) as port, our_channel(port) as channel:

        async def call(number: int) -> bool:
            return await ask(channel, message(number)) == message(number)[::-1]

        assert all(await asyncio.gather(*map(call, range(1000))))


async def test_calls_beyond_the_streams_that_a_server_allows_wait_their_turn() -> None:
    """A server that allows 10 streams answers 500 calls made at once, on one connection."""
    peers: set[str] = set()

    async def answer(data: bytes, context: Context) -> bytes:
        peers.add(context.peer())
        await asyncio.sleep(0)
        return data

    options = (("grpc.max_concurrent_streams", 10),)
    async with grpcio_server(answer, options) as port, our_channel(port) as channel:
        calls = (ask(channel, b"%d" % number) for number in range(500))
        assert await asyncio.gather(*calls) == [b"%d" % number for number in range(500)]
    assert len(peers) == 1


async def test_grpcio_calls_on_many_connections() -> None:
    """100 connections with calls at the same time are served side by side."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(Crowd(100).respond))
        channels = [
            await stack.enter_async_context(grpcio_channel(server.port)) for _ in range(100)
        ]
        replies = await asyncio.gather(
            *(unary_call(one)(b"%03d" % n, timeout=TIMEOUT) for n, one in enumerate(channels))
        )
    assert replies == [(b"%03d" % number)[::-1] for number in range(100)]
