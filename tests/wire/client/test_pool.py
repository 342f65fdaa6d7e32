"""The channel's pool: connections are made, fill up, fail and are retired."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

import pytest

from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.errors import EngineError
from tests.wire.client.test_channel import channel_to, echo
from tests.wire.notes import Gate, Note, Notes, note_codecs


@asynccontextmanager
async def scripted_server(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """Serve connections with bytes of a test's own; gives the port."""
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


SETTINGS = bytes(3) + b"\x04" + bytes(5)
GOAWAY = b"\0\0\x08\x07" + bytes(5) + bytes(8)


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


async def test_a_stream_of_a_call_whose_deadline_has_passed_goes_to_the_next() -> None:
    """A call that gets its stream too late, because the loop was busy, does not use it."""
    gate, loop = Gate(), asyncio.get_running_loop()
    server = await one_at_a_time(gate)
    async with channel_to(server.port) as channel:
        first = asyncio.create_task(echo(channel, "first"))
        await gate.entered.wait()
        late = asyncio.create_task(echo(channel, "late", timeout=0.05))
        deadline = loop.time() + 0.05
        third = asyncio.create_task(echo(channel, "third", timeout=5))
        hand_out = channel.pool.on_capacity

        def hand_out_and_block() -> None:
            hand_out()
            while loop.time() < deadline + 0.01:
                pass

        channel.pool.on_capacity = hand_out_and_block  # type: ignore[method-assign] # a busy loop
        gate.opened.set()
        assert await first == "first"
        assert await third == "third"
        with pytest.raises(EngineError) as caught:
            await late
        assert caught.value.reason == "deadline_exceeded"
    await server.close()


async def test_a_stream_of_a_call_that_cannot_be_sent_goes_to_the_next() -> None:
    """It fails before it waits for one, or gives it back."""
    gate = Gate()
    server = await one_at_a_time(gate)
    async with channel_to(server.port) as channel:
        first = asyncio.create_task(echo(channel, "first"))
        await gate.entered.wait()
        channel.metadata = (("x-text", "5 €"),)
        second = asyncio.create_task(echo(channel, "second"))
        await asyncio.sleep(0)
        channel.metadata = ()
        third = asyncio.create_task(echo(channel, "third", timeout=5))
        await asyncio.sleep(0)
        gate.opened.set()
        assert await first == "first"
        assert await third == "third"
        with pytest.raises(EngineError, match="latin-1"):
            await second
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


@pytest.mark.parametrize("timeout", [0.0, -0.5])
async def test_a_call_whose_deadline_has_passed_is_not_sent(timeout: float) -> None:
    """The server must not carry out what nobody waits for."""
    heard: list[str] = []

    async def note_down(note: Note) -> Note:
        heard.append(note.text)
        return note

    server = Server([Notes(note_down)], note_codecs())
    await server.start()
    async with channel_to(server.port) as channel:
        assert await echo(channel, "in time") == "in time"
        with pytest.raises(EngineError) as caught:
            await echo(channel, "late", timeout=timeout)
        assert caught.value.reason == "deadline_exceeded"
        assert await echo(channel, "next") == "next"
        connection = channel.pool.current
        assert connection is not None
        assert connection._http2._state.highest_local == 3  # noqa: SLF001 - the second stream's id
    await server.close()
    assert heard == ["in time", "next"]


async def test_a_connection_has_nothing_of_the_call_that_opened_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It outlives that call, so that its log lines must not name it."""
    variable = ContextVar[str]("variable", default="no call")
    seen: list[str] = []
    received = ClientConnection.data_received

    def data_received(self: ClientConnection, data: bytes) -> None:
        seen.append(variable.get())
        received(self, data)

    async def note_back(note: Note) -> Note:
        return note

    monkeypatch.setattr(ClientConnection, "data_received", data_received)
    server = Server([Notes(note_back)], note_codecs())
    await server.start()
    async with channel_to(server.port) as channel:
        variable.set("first call")
        await echo(channel, "x")
    await server.close()
    assert set(seen) == {"no call"}
