"""Calls with streams between our client and our server: how they end, on both sides."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress

import pytest
from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.client.call_errors import CallLostError
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.codec.methods import ResponseStream
from mirastack_sdk._wire.grpc.status import Status
from tests.wire.streaming.four_kinds import (
    JOIN,
    SPLIT,
    TALK,
    Streams,
    calling,
    pair,
    rest,
    serving,
    taken,
)
from tests.wire.streaming.probes import Probe, until, until_closed


async def leave_by_break(responses: ResponseStream[bytes], count: int) -> None:
    seen = 0
    async for _ in responses:
        seen += 1
        if seen == count:
            break


async def leave_by_aclose(responses: ResponseStream[bytes], count: int) -> None:
    await taken(responses, count)
    await responses.aclose()
    await responses.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(responses)


async def leave_by_cancellation(responses: ResponseStream[bytes], count: int) -> None:
    reading = asyncio.create_task(rest(responses))
    for _ in range(count):
        await asyncio.sleep(0)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading


async def leave_from_another_task(responses: ResponseStream[bytes], count: int) -> None:
    await taken(responses, count)
    reading = asyncio.ensure_future(anext(responses))
    await asyncio.sleep(0)
    async with aclosing(responses):
        pass
    with suppress(CallLostError):
        await reading


LEAVING = [leave_by_break, leave_by_aclose, leave_by_cancellation, leave_from_another_task]


@pytest.mark.parametrize("leave", LEAVING, ids=lambda leave: leave.__name__)
@pytest.mark.parametrize("count", [1, 2, 40, 300])
async def test_leaving_the_iteration_ends_the_call(
    leave: Callable[[ResponseStream[bytes], int], Awaitable[None]], count: int
) -> None:
    """Both generators are closed, and nothing is left on either side."""
    handler, requests = Probe(), Probe()
    async with pair(Streams(talk=handler.talk)) as (_, channel):
        responses = channel.stream_stream(TALK, requests.messages())
        await leave(responses, count)
        del responses
        gc.collect()
        if handler.begun.is_set():
            await until_closed(handler)
        if requests.begun.is_set():
            await until_closed(requests)


async def test_a_call_that_nobody_iterates_over_is_not_made() -> None:
    """Neither the handler nor the requests begin."""
    handler, requests = Probe(), Probe()
    async with pair(Streams(talk=handler.talk)) as (_, channel):
        responses = channel.stream_stream(TALK, requests.messages())
        await responses.aclose()
        assert [r async for r in responses] == []
    assert not handler.begun.is_set()
    assert not requests.begun.is_set()


@pytest.mark.parametrize("pause_after", [0, 1, 50])
async def test_a_deadline_ends_both_sides(pause_after: int) -> None:
    """The handler is cancelled where it waits, and the client gets `TimeoutError`."""
    handler = Probe(pause_after=pause_after)
    async with pair(Streams(split=handler.messages)) as (_, channel):
        await channel.stream_unary(JOIN, [b"a connection to use"])
        with pytest.raises(TimeoutError):
            await rest(channel.unary_stream(SPLIT, b"", timeout=0.5))
        await until_closed(handler)


async def test_a_deadline_reaches_a_handler_that_waits_for_requests() -> None:
    """Its `finally` runs, although the client sends nothing."""
    handler, silent = Probe(), Probe(pause_after=0)
    async with pair(Streams(join=handler.collect)) as (_, channel):
        assert [r async for r in channel.unary_stream(SPLIT, b"")] == []
        with pytest.raises(TimeoutError):
            await channel.stream_unary(JOIN, silent.messages(), timeout=0.5)
        await until_closed(handler, silent)


async def test_a_handler_that_ignores_its_deadline_does_not_seem_to_succeed() -> None:
    """A stream that was cut short never ends with OK."""
    ended = asyncio.Event()

    async def split(word: bytes) -> AsyncIterator[bytes]:
        yield b"x"
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        ended.set()
        yield b"y"

    async with pair(Streams(split=split)) as (_, channel):
        assert await channel.stream_unary(JOIN, [b"a connection"]) == b"a connection"
        with pytest.raises(TimeoutError):
            await rest(channel.unary_stream(SPLIT, b"", timeout=0.5))
        await ended.wait()


async def test_a_lost_connection_ends_both_sides() -> None:
    """Both generators are closed, and the client gets what has arrived, then the error."""
    handler, requests = Probe(), Probe()
    before = asyncio.all_tasks()
    async with serving(Streams(talk=handler.talk)) as server, calling(server.port) as channel:
        responses = channel.stream_stream(TALK, requests.messages())
        await taken(responses, 3)
        channel.pool._all.pop()._transport.abort()  # noqa: SLF001 - nothing public breaks a connection
        with pytest.raises(CallLostError, match="the connection was lost"):
            await rest(responses)
        await until_closed(handler, requests)
        await until(lambda: asyncio.all_tasks() == before)


async def test_a_closed_channel_ends_its_calls() -> None:
    """They are abandoned, as unary calls are."""
    handler = Probe()
    async with pair(Streams(split=handler.messages)) as (_, channel):
        responses = channel.unary_stream(SPLIT, b"")
        await anext(responses)
        channel.close()
        with pytest.raises(CallLostError, match="the channel was closed"):
            await rest(responses)
        await until_closed(handler)


async def test_the_number_of_calls_with_streams_is_limited() -> None:
    """One too many is refused, and has room again when another one has ended."""
    async with pair(streaming_calls=2) as (_, channel):
        running = [channel.stream_stream(TALK, Probe().messages()) for _ in range(2)]
        for responses in running:
            await anext(responses)
        with pytest.raises(GRPCError, match="at most 2 calls with streams") as error:
            await anext(channel.unary_stream(SPLIT, b"x"))
        assert error.value.status is Status.RESOURCE_EXHAUSTED
        await running[0].aclose()
        await retried(channel)
        await running[1].aclose()


async def retried(channel: Channel) -> None:
    """Make a call until there is room for it."""
    async with asyncio.timeout(20):
        while True:
            with suppress(GRPCError):
                assert await anext(channel.unary_stream(SPLIT, b"x")) == b"x"
                return


async def test_a_drain_waits_for_streams() -> None:
    """GOAWAY ends no stream: messages pass in both directions until the handler is done."""
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def questions() -> AsyncIterator[bytes]:
        while question := await asked.get():
            yield question

    async with serving() as server, calling(server.port) as channel, asyncio.timeout(30):
        answers = channel.stream_stream(TALK, questions())
        asked.put_nowait(b"before")
        assert await anext(answers) == b"before"
        draining = asyncio.create_task(server.drain(20))
        await channel.pool.retired.wait()
        asked.put_nowait(b"after")
        assert await anext(answers) == b"after"
        asked.put_nowait(b"")
        assert [r async for r in answers] == []
        assert await draining == 0


async def test_streams_that_outlast_the_grace_period_are_cancelled() -> None:
    """Their clients get UNAVAILABLE behind what was sent, and their generators are closed."""
    handler, reader = Probe(pause_after=2), Probe()
    service = Streams(split=handler.messages, join=reader.collect)
    async with serving(service) as server, calling(server.port) as channel, asyncio.timeout(30):
        responses = channel.unary_stream(SPLIT, b"")
        joining = asyncio.create_task(channel.stream_unary(JOIN, Probe(pause_after=1).messages()))
        await taken(responses, 2)
        await reader.begun.wait()
        assert await server.drain(0) == 2
        with pytest.raises(GRPCError, match="shutting down") as error:
            await anext(responses)
        assert error.value.status is Status.UNAVAILABLE
        with pytest.raises(GRPCError, match="shutting down"):
            await joining
        await until_closed(handler, reader)


async def test_a_reader_that_outlives_its_call_is_told() -> None:
    """A task of the handler that still reads requests gets an error, not an end."""
    found: list[BaseException | None] = []

    async def read(parts: AsyncIterator[bytes]) -> None:
        async for _ in parts:
            pass

    async def talk(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        reading = asyncio.create_task(read(parts))
        reading.add_done_callback(lambda task: found.append(task.exception()))
        await asyncio.sleep(0)
        yield b"x"

    async with pair(Streams(talk=talk)) as (_, channel):
        responses = channel.stream_stream(TALK, Probe(pause_after=1).messages())
        assert [r async for r in responses] == [b"x"]
        await until(lambda: bool(found))
    assert isinstance(found[0], ConnectionAbortedError)
