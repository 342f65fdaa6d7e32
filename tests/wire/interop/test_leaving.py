"""Graceful shutdown of servers (RFC 9113 section 6.8), which must lose no call."""

import asyncio

import grpc.aio
import pytest

from tests.wire.interop.peers import (
    TIMEOUT,
    Context,
    ask,
    grpcio_channel,
    grpcio_server,
    our_channel,
    our_server,
    succeed,
    turns,
    unary_call,
)


async def test_none_of_2500_calls_is_lost_to_a_limited_connection_age() -> None:
    """A grpcio server ends connections after 50 ms; all calls of our channel succeed."""
    peers: set[str] = set()

    async def answer(data: bytes, context: Context) -> bytes:
        peers.add(context.peer())
        await turns(50)
        return data

    age = (("grpc.max_connection_age_ms", 50), ("grpc.max_connection_age_grace_ms", 10_000))
    async with grpcio_server(answer, age) as port, our_channel(port) as channel:

        async def caller(number: int) -> list[bytes]:
            return [await ask(channel, b"%d.%d" % (number, turn)) for turn in range(50)]

        answers = await asyncio.gather(*(caller(number) for number in range(50)))
    assert answers == [[b"%d.%d" % (number, turn) for turn in range(50)] for number in range(50)]
    assert len(peers) > 5


@pytest.mark.parametrize("work", [0, 50], ids=["answered at once", "answered later"])
async def test_none_of_1500_calls_is_lost_while_servers_succeed_each_other(work: int) -> None:
    """Our servers drain under grpcio's load, each replaced on the same port."""
    count = 0
    changes = [asyncio.Event() for _ in range(4)]

    async def respond(data: bytes) -> bytes:
        nonlocal count
        count += 1
        if not count % 250 and count <= 1000:
            changes[count // 250 - 1].set()
        await turns(work)
        return data

    server = our_server(respond)
    await server.start()
    port = server.port
    async with grpcio_channel(port) as channel:

        async def caller(number: int) -> list[bytes]:
            rpc = unary_call(channel)
            return [
                await rpc(b"%d.%d" % (number, turn), timeout=TIMEOUT, wait_for_ready=True)
                for turn in range(50)
            ]

        callers = asyncio.gather(*(caller(number) for number in range(30)))
        for change in changes:
            async with asyncio.timeout(TIMEOUT):
                await change.wait()
            leaving = asyncio.create_task(server.drain(TIMEOUT))
            leaver, server = server, our_server(respond)
            await succeed(server, port)
            assert await leaving == 0
            await leaver.close()
        answers = await callers
    await server.close()
    assert answers == [[b"%d.%d" % (number, turn) for turn in range(50)] for number in range(30)]


async def test_calls_that_come_while_a_server_leaves_are_answered() -> None:
    """Calls that our server no longer accepts reach the next one by grpcio's own retries."""
    entered, opened = asyncio.Event(), asyncio.Event()

    async def wait(data: bytes) -> bytes:
        entered.set()
        await opened.wait()
        return b"first " + data

    async def next_reply(data: bytes) -> bytes:
        return b"next " + data

    server, successor = our_server(wait), our_server(next_reply)
    await server.start()
    port = server.port
    async with grpcio_channel(port) as channel:
        rpc = unary_call(channel)
        running = asyncio.ensure_future(answer_of(rpc(b"running", timeout=TIMEOUT)))
        await entered.wait()
        leaving = asyncio.create_task(server.drain(TIMEOUT))
        await succeed(successor, port)
        late = [rpc(b"%d" % n, timeout=TIMEOUT, wait_for_ready=True) for n in range(100)]
        answers = asyncio.gather(*map(answer_of, late))
        opened.set()
        words = [answer.split() for answer in await answers]
        assert [word[1] for word in words] == [b"%d" % n for n in range(100)]
        assert await running == b"first running"
        assert await leaving == 0
    await server.close()
    await successor.close()


async def answer_of(call: grpc.aio.UnaryUnaryCall[bytes, bytes]) -> bytes:
    """Return the response to a call; grpcio sends it only once somebody awaits it."""
    return await call
