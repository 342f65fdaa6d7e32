"""Streams between grpcio and us, in both directions."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import grpc
import grpc.aio
import pytest
from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.client.call_errors import CallLostError
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from tests.wire.interop.peers import TIMEOUT, Options, grpcio_channel
from tests.wire.streaming.four_kinds import (
    JOIN,
    SERVICE,
    SPLIT,
    TALK,
    Streams,
    calling,
    rest,
    serving,
    taken,
)
from tests.wire.streaming.probes import Probe, until_closed

type Context = grpc.aio.ServicerContext[bytes, bytes]

FEW = 5_000
# How far a call has come when it is cancelled: before its first message, after it, and so on.
POINTS = [0, 1, 2, 30, 300]


@asynccontextmanager
async def grpcio_streams(
    service: Streams, options: Options = ()
) -> AsyncIterator[tuple[grpc.aio.Server, int]]:
    """Serve with grpcio; gives the port, too."""

    async def split(word: bytes, _: Context) -> AsyncIterator[bytes]:
        async for part in service.split(word):
            yield part

    async def join(parts: AsyncIterator[bytes], _: Context) -> bytes:
        return await service.join(parts)

    async def talk(parts: AsyncIterator[bytes], _: Context) -> AsyncIterator[bytes]:
        async for part in service.talk(parts):
            yield part

    server = grpc.aio.server(options=(("grpc.max_receive_message_length", -1), *options))
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Split": grpc.unary_stream_rpc_method_handler(split),
        "Join": grpc.stream_unary_rpc_method_handler(join),
        "Talk": grpc.stream_stream_rpc_method_handler(talk),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield server, port
    finally:
        await server.stop(None)


def split_of(channel: grpc.aio.Channel) -> grpc.aio.UnaryStreamMultiCallable[bytes, bytes]:
    return channel.unary_stream(SPLIT.path)


def join_of(channel: grpc.aio.Channel) -> grpc.aio.StreamUnaryMultiCallable[bytes, bytes]:
    return channel.stream_unary(JOIN.path)


def talk_of(channel: grpc.aio.Channel) -> grpc.aio.StreamStreamMultiCallable[bytes, bytes]:
    return channel.stream_stream(TALK.path)


def endless() -> Iterator[bytes]:
    """Return requests without an end, which grpcio sends from a task of its own."""
    while True:
        yield b"x" * 1_000


async def test_grpcio_calls_each_kind() -> None:
    """Messages arrive whole and in order, large ones and empty ones."""
    messages = [b"a" * 200_000, b"", b"b", *[b"%d" % number for number in range(500)]]

    async def split(word: bytes) -> AsyncIterator[bytes]:
        for message in messages:
            yield message

    async with serving(Streams(split=split)) as server, grpcio_channel(server.port) as channel:
        splitting = split_of(channel)(b"", timeout=TIMEOUT)
        assert [m async for m in splitting] == messages
        assert await join_of(channel)(iter(messages), timeout=TIMEOUT) == b"".join(messages)
        talking = talk_of(channel)(iter(messages), timeout=TIMEOUT)
        assert [m async for m in talking] == messages


async def test_each_kind_is_called_at_grpcio() -> None:
    """Messages arrive whole and in order, large ones and empty ones."""
    messages = [b"a" * 200_000, b"", b"b", *[b"%d" % number for number in range(500)]]

    async def split(word: bytes) -> AsyncIterator[bytes]:
        for message in messages:
            yield message

    async with grpcio_streams(Streams(split=split)) as (_, port), calling(port) as channel:
        assert await rest(channel.unary_stream(SPLIT, b"", timeout=TIMEOUT)) == messages
        together: bytes = await channel.stream_unary(JOIN, messages, timeout=TIMEOUT)
        assert together == b"".join(messages)
        assert await rest(channel.stream_stream(TALK, messages, timeout=TIMEOUT)) == messages


async def refuse_late(word: bytes) -> AsyncIterator[bytes]:
    yield b"x"
    raise CallRefused(Status.DATA_LOSS, "half of it is gone: ü")


async def test_grpcio_gets_the_status_behind_the_messages() -> None:
    """Messages, then status and text, as in unary calls."""
    async with (
        serving(Streams(split=refuse_late)) as server,
        grpcio_channel(server.port) as channel,
    ):
        call = split_of(channel)(b"", timeout=TIMEOUT)
        assert await call.read() == b"x"
        assert await call.code() is grpc.StatusCode.DATA_LOSS
        assert await call.details() == "half of it is gone: ü"


async def test_the_status_of_grpcio_follows_the_messages() -> None:
    """Messages that arrived come first, then `GRPCError`."""

    async def talk(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield b"x"
        raise ValueError("secret")

    async with grpcio_streams(Streams(talk=talk)) as (_, port), calling(port) as channel:
        responses = channel.stream_stream(TALK, endless(), timeout=TIMEOUT)
        assert await anext(responses) == b"x"
        with pytest.raises(GRPCError) as error:
            await anext(responses)
    assert error.value.status is Status.UNKNOWN


@pytest.mark.parametrize("point", POINTS)
async def test_grpcio_may_cancel_at_any_point(point: int) -> None:
    """The generator is closed, wherever it is suspended, and the connection goes on."""
    handlers: list[Probe] = []

    def talk(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        handlers.append(Probe())
        return handlers[-1].messages()

    async with serving(Streams(talk=talk)) as server, grpcio_channel(server.port) as channel:
        for _ in range(5):
            call = talk_of(channel)(endless(), timeout=TIMEOUT)
            for _ in range(point):
                await call.read()
            call.cancel()
        word = split_of(channel)(b"ab", timeout=TIMEOUT)
        assert [m async for m in word] == [b"a", b"b"]
        await until_closed(*(handler for handler in handlers if handler.begun.is_set()))
        assert await server.drain(10) == 0


@pytest.mark.parametrize("point", POINTS)
async def test_a_call_of_grpcio_may_be_cancelled_at_any_point(point: int) -> None:
    """Both generators are closed, and the connection goes on."""
    handlers: list[Probe] = []

    def talk(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        handlers.append(Probe())
        return handlers[-1].messages()

    async with grpcio_streams(Streams(talk=talk)) as (_, port), calling(port) as channel:
        requests = [Probe() for _ in range(5)]
        for probe in requests:
            responses = channel.stream_stream(TALK, probe.messages(), timeout=TIMEOUT)
            await taken(responses, point)
            await responses.aclose()
        assert await rest(channel.unary_stream(SPLIT, b"ab", timeout=TIMEOUT)) == [b"a", b"b"]
        await until_closed(*(probe for probe in requests if probe.begun.is_set()))
        await until_closed(*(handler for handler in handlers if handler.begun.is_set()))


async def test_a_handler_waits_for_grpcio_to_read() -> None:
    """While grpcio does not read, the generator is suspended; then it goes on."""
    handler = Probe()
    async with (
        serving(Streams(split=handler.messages)) as server,
        grpcio_channel(server.port, (("grpc.http2.bdp_probe", 0),)) as channel,
    ):
        call = split_of(channel)(b"", timeout=TIMEOUT)
        await call.read()
        stopped_at = await handler.settled()
        assert stopped_at < FEW
        for _ in range(stopped_at + 100):
            await call.read()
        assert handler.sent > stopped_at
        call.cancel()
        await until_closed(handler)


async def test_requests_wait_for_grpcio_to_read() -> None:
    """While grpcio's handler does not read, the requests' generator is suspended."""
    requests, handler = Probe(), Probe(pause_after=1)
    async with (
        grpcio_streams(Streams(join=handler.collect), (("grpc.http2.bdp_probe", 0),)) as (_, port),
        calling(port) as channel,
    ):
        calls = asyncio.ensure_future(channel.stream_unary(JOIN, requests.messages()))
        await handler.paused.wait()
        assert await requests.settled() < FEW
        calls.cancel()
        await until_closed(requests, handler)


async def test_a_deadline_of_grpcio_closes_the_generator() -> None:
    """Both sides know the deadline; the handler's `finally` runs."""
    handler = Probe(pause_after=3)
    async with (
        serving(Streams(split=handler.messages)) as server,
        grpcio_channel(server.port) as channel,
    ):
        await join_of(channel)(iter([b"a connection"]), timeout=TIMEOUT)
        call = split_of(channel)(b"", timeout=0.5)
        with pytest.raises(grpc.aio.AioRpcError):
            await drained(call)
        assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await until_closed(handler)


async def drained(call: AsyncIterable[bytes]) -> None:
    async for _ in call:
        pass


async def test_streams_of_grpcio_cross_a_goaway() -> None:
    """A server that drains serves its streams to their end; grpcio goes on elsewhere."""
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def questions() -> AsyncIterator[bytes]:
        while question := await asked.get():
            yield question

    async with serving() as server, grpcio_channel(server.port) as channel:
        call = talk_of(channel)(questions(), timeout=TIMEOUT)
        asked.put_nowait(b"before")
        assert await call.read() == b"before"
        draining = asyncio.ensure_future(server.drain(TIMEOUT))
        for number in range(20):
            asked.put_nowait(b"%d" % number)
            assert await call.read() == b"%d" % number
        asked.put_nowait(b"")
        assert await call.read() is grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK
        assert await draining == 0


async def test_streams_cross_a_goaway_of_grpcio() -> None:
    """A server that limits the age of connections loses none of many streams."""
    age = (("grpc.max_connection_age_ms", 50), ("grpc.max_connection_age_grace_ms", 20_000))
    messages = [b"%d" % number for number in range(20)]

    async def slowly(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for part in parts:
            for _ in range(5):
                await asyncio.sleep(0)
            yield part

    async with (
        grpcio_streams(Streams(talk=slowly), age) as (_, port),
        calling(port) as channel,
    ):

        async def caller() -> int:
            found = 0
            for _ in range(10):
                # A call that crosses the GOAWAY may be refused; requests cannot be sent twice.
                with suppress(CallLostError):
                    responses = await rest(channel.stream_stream(TALK, messages, timeout=TIMEOUT))
                    assert responses == messages
                    found += 1
            return found

        counts = await asyncio.gather(*(caller() for _ in range(20)))
        words = [rest(channel.unary_stream(SPLIT, b"abc", timeout=TIMEOUT)) for _ in range(200)]
        assert await asyncio.gather(*words) == [[b"a", b"b", b"c"]] * 200
    assert sum(counts) > 150
