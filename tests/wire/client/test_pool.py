"""The channel's pool: connections are made, fill up, fail and are retired."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._wire.client.keepalive import Keepalive
from mirastack_sdk._wire.client.pool import ConnectionOptions
from mirastack_sdk._wire.http2.codes import Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import HeadersReceived
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.errors import EngineError
from tests.wire.client.test_channel import channel_to, echo
from tests.wire.notes import Gate, Notes, note_codecs


@asynccontextmanager
async def scripted_server(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """Serve connections with bytes of a test's own; gives the port."""
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


SETTINGS = bytes(3) + b"\x04" + bytes(5)
SHORT_KEEPALIVE = ConnectionOptions(keepalive=Keepalive(timeout=0.05))
GOAWAY = b"\0\0\x08\x07" + bytes(5) + bytes(8)


async def test_a_server_that_leaves_at_once_is_tried_a_few_times() -> None:
    """A server that answers every call with GOAWAY costs only a few connections."""
    connections = 0

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.write(SETTINGS + GOAWAY)
        await reader.read()
        writer.close()

    async with scripted_server(leave) as port, channel_to(port) as channel:
        with pytest.raises(EngineError, match="sent GOAWAY at once") as caught:
            await echo(channel, "x")
    assert caught.value.reason == "unavailable"
    assert 1 <= connections <= 8


async def test_callers_at_any_turn_of_a_leaving_connection_get_their_answer() -> None:
    """A call ends, whatever happens to its connection at the same moment."""

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(SETTINGS + GOAWAY)
        writer.close()

    async with scripted_server(leave) as port, channel_to(port) as channel:
        calls = []
        for _ in range(300):
            calls.append(asyncio.create_task(echo(channel, "x", timeout=5)))
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(outcome, EngineError) for outcome in outcomes)


async def test_closing_a_channel_that_connects_is_no_cancellation() -> None:
    """Closing a channel while it connects fails the call, but does not cancel its caller."""

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    connected = asyncio.Event()
    async with scripted_server(silence) as port, channel_to(port) as channel:
        call = asyncio.create_task(echo(channel, "x"))
        await connected.wait()
        channel.close()
        with pytest.raises(EngineError, match="channel was closed"):
            await call


async def one_at_a_time(gate: Gate) -> Server:
    """Start a server that lets a client run one call at a time."""
    limits = Limits(max_concurrent_streams=1)
    server = Server([Notes(gate.respond)], note_codecs(), limits=limits)
    await server.start()
    return server


async def test_a_call_waits_for_room() -> None:
    """Calls above the server's limit wait their turn."""
    gate = Gate()
    server = await one_at_a_time(gate)
    async with channel_to(server.port) as channel:
        calls = [asyncio.create_task(echo(channel, str(number))) for number in range(5)]
        await gate.entered.wait()
        gate.opened.set()
        assert await asyncio.gather(*calls) == ["0", "1", "2", "3", "4"]
    await server.close()


async def test_room_that_a_cancelled_call_was_given_goes_to_the_next() -> None:
    """A call that is cancelled as it gets a stream passes it on."""
    gate = Gate()
    server = await one_at_a_time(gate)
    async with channel_to(server.port) as channel:
        first = asyncio.create_task(echo(channel, "first"))
        await gate.entered.wait()
        second = asyncio.create_task(echo(channel, "second"))
        third = asyncio.create_task(echo(channel, "third", timeout=5))
        await asyncio.sleep(0)
        first.add_done_callback(lambda _: second.cancel())
        gate.opened.set()
        assert await first == "first"
        assert await third == "third"
        await asyncio.wait([second])
    await server.close()


async def test_closing_a_channel_ends_the_calls_that_wait_for_room() -> None:
    """A call that waits for a stream does not connect again when its channel is closed."""
    gate = Gate()
    server = await one_at_a_time(gate)
    async with channel_to(server.port) as channel:
        running = asyncio.create_task(echo(channel, "running"))
        await gate.entered.wait()
        waiting = asyncio.create_task(echo(channel, "waiting"))
        await asyncio.sleep(0)
        channel.close()
        for call in (running, waiting):
            with pytest.raises(EngineError, match="channel was closed"):
                await call
    await server.close()


async def test_a_proxys_page_is_what_its_status_says() -> None:
    """A page with a body instead of a response is translated from its HTTP status."""
    http2 = Connection(Role.SERVER)

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            for event in http2.receive(data, 0.0):
                if isinstance(event, HeadersReceived):
                    page = ((":status", "503"), ("content-type", "text/html"))
                    http2.send_headers(event.stream_id, page)
                    http2.send_data(event.stream_id, b"<html>busy</html>", end_stream=True)
            writer.write(http2.data_to_send())
        writer.close()

    async with scripted_server(refuse) as port, channel_to(port) as channel:
        with pytest.raises(EngineError, match="HTTP status 503") as caught:
            await echo(channel, "x")
    assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)


async def test_a_path_that_has_died_is_noticed() -> None:
    """After a call without a response, a ping without an answer ends the connection."""
    connections: list[asyncio.StreamWriter] = []

    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        writer.write(SETTINGS)
        await reader.read()

    async with scripted_server(die) as port, channel_to(port, options=SHORT_KEEPALIVE) as channel:
        slow = asyncio.create_task(echo(channel, "slow", timeout=10))
        with pytest.raises(EngineError) as caught:
            await echo(channel, "quick", timeout=0.05)
        assert caught.value.reason == "deadline_exceeded"
        with pytest.raises(EngineError, match="not even a ping"):
            await slow
        with pytest.raises(EngineError):
            await echo(channel, "again", timeout=0.05)
        assert len(connections) == 2
        for writer in connections:
            writer.close()


async def test_a_slow_server_that_answers_pings_keeps_its_connection() -> None:
    """A call that expires does not end the connection of a server that is alive."""
    gate = Gate()
    server = Server([Notes(gate.respond)], note_codecs())
    await server.start()
    async with channel_to(server.port, options=SHORT_KEEPALIVE) as channel:
        slow = asyncio.create_task(echo(channel, "slow", timeout=10))
        await gate.entered.wait()
        with pytest.raises(EngineError):
            await echo(channel, "quick", timeout=0.05)
        with pytest.raises(EngineError):
            await echo(channel, "quick", timeout=0.1)
        gate.opened.set()
        assert await slow == "slow"
    await server.close()
