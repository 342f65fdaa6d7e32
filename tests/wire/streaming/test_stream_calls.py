"""Calls with streams between our client and our server: what they carry, and how fast."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import DecodeError, MessageTooLargeError
from tests.wire.streaming.four_kinds import (
    JOIN,
    SPLIT,
    TALK,
    Streams,
    calling,
    echo,
    pair,
    taken,
)
from tests.wire.streaming.probes import Probe, until_closed

# Far less than an unlimited sender would have sent, and more than all windows and buffers hold.
FEW = 5_000


async def numbers() -> AsyncIterator[bytes]:
    for number in range(3):
        yield b"%d" % number


@pytest.mark.parametrize("count", [0, 1, 3, 1_000])
async def test_each_kind_carries_its_messages(count: int) -> None:
    """Messages arrive whole and in order, as many as there are."""
    messages: list[bytes] = [b"%d" % number * 50 for number in range(count)]

    async def split(word: bytes) -> AsyncIterator[bytes]:
        for message in messages:
            yield message

    async with pair(Streams(split=split)) as (_, channel):
        assert [one async for one in channel.unary_stream(SPLIT, b"")] == messages
        assert [one async for one in channel.stream_stream(TALK, messages)] == messages
        together: bytes = await channel.stream_unary(JOIN, messages)
        assert together == b"".join(messages)


async def test_large_messages_pass_in_both_directions() -> None:
    """A message may be larger than frames, windows and buffers; empty ones are messages, too."""
    messages = [b"a" * 2_000_000, b"", b"b" * 70_000, b"c"]
    async with pair() as (_, channel):
        assert [one async for one in channel.stream_stream(TALK, messages)] == messages
        assert await channel.stream_unary(JOIN, messages) == b"".join(messages)


async def test_requests_and_responses_alternate() -> None:
    """A response can be read before the next request is made."""
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def questions() -> AsyncIterator[bytes]:
        while question := await asked.get():
            yield question

    async with pair() as (_, channel):
        answers = channel.stream_stream(TALK, questions())
        for word in (b"a", b"b", b"c"):
            asked.put_nowait(word)
            assert await anext(answers) == word
        asked.put_nowait(b"")
        assert [one async for one in answers] == []


async def test_a_server_may_end_before_its_client_does() -> None:
    """What it has sent arrives, and the requests' generator is closed."""
    probe = Probe()

    async def first(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield await anext(parts)

    async def one(parts: AsyncIterator[bytes]) -> bytes:
        return await anext(parts)

    async with pair(Streams(talk=first, join=one)) as (_, channel):
        responses = [len(r) async for r in channel.stream_stream(TALK, probe.messages())]
        assert responses == [1_000]
        await until_closed(probe)
        only: bytes = await channel.stream_unary(JOIN, Probe().messages())
        assert len(only) == 1_000


async def test_a_client_may_end_before_the_server_does() -> None:
    """The handler reads to the end, and goes on sending."""

    async def after(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        count = len([part async for part in parts])
        for number in range(count):
            yield b"%d" % number

    async with pair(Streams(talk=after)) as (_, channel):
        assert [r async for r in channel.stream_stream(TALK, numbers())] == [b"0", b"1", b"2"]


@pytest.mark.parametrize("sent", [0, 2])
async def test_a_status_follows_the_messages(sent: int) -> None:
    """What was sent before arrives first, then the status and its text."""

    async def split(word: bytes) -> AsyncIterator[bytes]:
        for _ in range(sent):
            yield b"x"
        raise CallRefused(Status.DATA_LOSS, "half of it is gone: ü")

    async with pair(Streams(split=split)) as (_, channel):
        responses = channel.unary_stream(SPLIT, b"")
        assert await taken(responses, sent) == [b"x"] * sent
        with pytest.raises(GRPCError) as error:
            await anext(responses)
        assert (error.value.status, error.value.message) == (
            Status.DATA_LOSS,
            "half of it is gone: ü",
        )
        with pytest.raises(StopAsyncIteration):
            await anext(responses)


async def test_an_error_of_a_handler_is_internal(caplog: pytest.LogCaptureFixture) -> None:
    """The client learns nothing of it; the log has all of it."""

    async def split(word: bytes) -> AsyncIterator[bytes]:
        yield b"x"
        raise ValueError("secret")

    async with pair(Streams(split=split)) as (_, channel):
        with pytest.raises(GRPCError, match="internal error") as error:
            assert [r async for r in channel.unary_stream(SPLIT, b"")] == []
    assert error.value.status is Status.INTERNAL
    assert "secret" in caplog.text


async def test_a_handler_has_the_metadata_and_the_deadline() -> None:
    """They are those of unary calls."""

    async def split(word: bytes) -> AsyncIterator[bytes]:
        call = current_call()
        yield call.metadata["x-plugin-name"].encode()
        yield b"%d" % round(call.timeout or 0)

    async with pair(Streams(split=split)) as (_, channel):
        responses = channel.unary_stream(SPLIT, b"", {"x-plugin-name": "me"}, 30)
        assert [r async for r in responses] == [b"me", b"30"]


async def test_errors_of_the_requests_are_raised_where_the_responses_are_read() -> None:
    """The call is cancelled: the handler must not take what it got for all there is."""
    probe = Probe()

    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        await probe.begun.wait()
        raise LookupError("no more")

    async with pair(Streams(join=probe.collect)) as (_, channel):
        with pytest.raises(LookupError, match="no more"):
            await channel.stream_unary(JOIN, broken())
        await until_closed(probe)
        no_messages: dict[int, bytes] = {}
        with pytest.raises(LookupError, match="7"):
            await channel.stream_unary(JOIN, map(no_messages.__getitem__, [7]))


@pytest.mark.parametrize("size", [1_001, 100_000])
async def test_the_size_of_a_message_is_limited(size: int) -> None:
    """It is for each message, on both sides; the messages before it arrive."""

    async def split(word: bytes) -> AsyncIterator[bytes]:
        yield b"x"
        yield b"y" * size

    async with pair(Streams(split=split), limit=1_000) as (server, channel):
        responses = channel.unary_stream(SPLIT, b"")
        assert await anext(responses) == b"x"
        with pytest.raises(GRPCError) as error:
            await anext(responses)
        assert error.value.status is Status.RESOURCE_EXHAUSTED
        with pytest.raises(MessageTooLargeError):
            await channel.stream_unary(JOIN, [b"x", b"y" * size])
        async with calling(server.port, limit=2**22) as generous:
            with pytest.raises(GRPCError) as error:
                await generous.stream_unary(JOIN, [b"x", b"y" * size])
        assert error.value.status is Status.RESOURCE_EXHAUSTED


async def test_a_client_refuses_responses_that_are_too_large() -> None:
    """The call is cancelled, and the handler's generator closed."""
    probe = Probe(size=2_000)
    async with (
        pair(Streams(split=probe.messages)) as (server, _),
        calling(server.port, limit=1_000) as strict,
    ):
        with pytest.raises(MessageTooLargeError):
            await anext(strict.unary_stream(SPLIT, b""))
        await until_closed(probe)


@pytest.mark.parametrize("count", [0, 2])
async def test_a_call_with_one_response_has_one(count: int) -> None:
    """A server that sends none or two breaks the contract of the method."""

    async def many(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x"

    async with pair(Streams(talk=many)) as (_, channel):
        with pytest.raises(DecodeError, match=r"no message|more than one"):
            await channel.stream_unary(TALK._replace(server_streaming=False), [b""])


async def test_a_fast_handler_waits_for_a_slow_client() -> None:
    """Its generator is suspended when the windows are full, and goes on when the client reads."""
    probe = Probe()
    async with pair(Streams(split=probe.messages)) as (_, channel):
        responses = channel.unary_stream(SPLIT, b"")
        await anext(responses)
        stopped_at = await probe.settled()
        assert stopped_at < FEW
        await taken(responses, 500)
        assert stopped_at < await probe.settled() < FEW
        await responses.aclose()
        await until_closed(probe)


async def test_a_fast_client_waits_for_a_slow_handler() -> None:
    """The requests' generator is suspended when the windows are full."""
    sender, reader = Probe(), Probe(pause_after=1)
    async with pair(Streams(join=reader.collect)) as (_, channel):
        calls = asyncio.create_task(channel.stream_unary(JOIN, sender.messages()))
        await reader.paused.wait()
        assert await sender.settled() < FEW
        calls.cancel()
        await until_closed(sender, reader)


async def test_a_stalled_stream_holds_up_no_other_call() -> None:
    """The window of the connection stays open: only the stream's own is full."""
    senders = [Probe() for _ in range(20)]
    waiting = iter(senders)

    def talk(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        return next(waiting).messages()

    async with pair(Streams(talk=talk)) as (_, channel):
        stalled = [channel.stream_stream(TALK, Probe().messages()) for _ in senders]
        for responses in stalled:
            await anext(responses)
        assert await channel.stream_unary(JOIN, [b"x" * 100_000] * 20) == b"x" * 2_000_000
        assert len([r async for r in channel.unary_stream(SPLIT, b"y" * 10_000)]) == 10_000
        for responses in stalled:
            await responses.aclose()
        await until_closed(*senders)


async def test_memory_is_flat_over_many_small_messages() -> None:
    """Neither side keeps anything of the messages that have passed."""
    sent = 0

    async def many(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for part in echo(parts):
            yield part

    def requests() -> Iterator[bytes]:
        nonlocal sent
        while sent < 20_000:
            sent += 1
            yield b"x"

    async with pair(Streams(talk=many)) as (_, channel):
        received = 0
        async for _ in channel.stream_stream(TALK, requests()):
            received += 1
            assert sent - received < 15_000
    assert received == 20_000
