"""Calls whose deadline has passed: they are neither sent nor carried out."""

import asyncio

import pytest

from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import Encoding
from tests.wire.client.test_channel import channel_to, echo
from tests.wire.notes import Gate, Note, Notes, note_codecs


class Heard:
    """What has reached the server."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def respond(self, note: Note) -> Note:
        self.texts.append(note.text)
        return note


@pytest.mark.parametrize("timeout", [0, 0.0, -0.5, -1e9, -float("inf"), 1e-12])
@pytest.mark.parametrize("is_connected", [True, False])
@pytest.mark.parametrize("encoding", list(Encoding))
async def test_a_late_call_is_not_sent(
    encoding: Encoding, timeout: float, *, is_connected: bool
) -> None:
    """Whether there is a connection or not; the calls around it are answered."""
    heard = Heard()
    server = Server([Notes(heard.respond)], note_codecs())
    await server.start()
    async with channel_to(server.port, encoding) as channel:
        if is_connected:
            await echo(channel, "before")
        with pytest.raises(EngineError) as caught:
            await echo(channel, "late", timeout=timeout)
        assert caught.value.reason == "deadline_exceeded"
        await echo(channel, "after")
    await server.close()
    assert heard.texts == ["before", "after"][not is_connected :]


@pytest.mark.parametrize("late", [1, 5])
async def test_a_call_that_waits_for_a_stream_until_it_is_late_is_not_sent(late: int) -> None:
    """The stream goes to the next call that is in time."""
    gate = Gate()
    heard: list[str] = []

    async def respond(note: Note) -> Note:
        heard.append(note.text)
        return await gate.respond(note)

    server = Server([Notes(respond)], note_codecs(), limits=Limits(max_concurrent_streams=1))
    await server.start()
    async with channel_to(server.port) as channel:
        first = asyncio.create_task(echo(channel, "first"))
        await gate.all_entered(1)
        waiting = [
            asyncio.create_task(echo(channel, f"late {number}", timeout=0.01))
            for number in range(late)
        ]
        last = asyncio.create_task(echo(channel, "last"))
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(end, EngineError) for end in ends)
        gate.opened.set()
        assert [await first, await last] == ["first", "last"]
    await server.close()
    assert heard == ["first", "last"]


async def test_a_call_that_becomes_late_while_it_connects_is_not_sent() -> None:
    """The connection is made for the calls that follow."""
    heard = Heard()
    server = Server([Notes(heard.respond)], note_codecs())
    await server.start()
    async with channel_to(server.port) as channel:
        late = asyncio.create_task(echo(channel, "late", timeout=1e-6))
        in_time = asyncio.create_task(echo(channel, "in time"))
        with pytest.raises(EngineError):
            await late
        assert await in_time == "in time"
    await server.close()
    assert heard.texts == ["in time"]
