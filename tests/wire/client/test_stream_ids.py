"""A client that has used up the stream ids of a connection makes another one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.http2.codes import LARGEST_STREAM_ID, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import Encoding
from tests.wire.client.test_channel import channel_to, echo
from tests.wire.notes import ECHO, Gate, Notes, note_codecs
from tests.wire.raw_peer import RawPeer, frame
from tests.wire.streaming.probes import until


class Scene:
    """A server whose calls wait, and a channel to it."""

    def __init__(self, gate: Gate, server: Server, channel: Channel) -> None:
        self.gate, self.server, self.channel = gate, server, channel
        self._calls = 0

    async def begin(self, text: str, *, runs: bool = True) -> asyncio.Task[str]:
        """Begin a call; it is running on return, unless it cannot get a stream."""
        call = asyncio.create_task(echo(self.channel, text))
        if runs:
            self._calls += 1
            await self.gate.all_entered(self._calls)
        else:
            await asyncio.sleep(0)
        return call

    def use_up_ids(self, *, left: int) -> ClientConnection:
        """Return the connection in use, which has so many ids left."""
        connection = self.channel.pool.current
        assert connection is not None
        connection._http2._state.highest_local = LARGEST_STREAM_ID - 2 * left  # noqa: SLF001 - as above
        return connection


@asynccontextmanager
async def scene(
    limits: Limits | None = None, encoding: Encoding = Encoding.PROTOBUF
) -> AsyncIterator[Scene]:
    """Open a scene."""
    gate = Gate()
    server = Server([Notes(gate.respond)], note_codecs(), limits=limits or Limits())
    await server.start()
    async with channel_to(server.port, encoding) as channel:
        yield Scene(gate, server, channel)
    await server.close()


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("left", [1, 2, 3, 4])
async def test_the_calls_that_run_go_on(left: int, encoding: Encoding) -> None:
    """New calls use another connection, and the old one is closed when its calls have ended."""
    async with scene(encoding=encoding) as one:
        first = await one.begin("first")
        old = one.use_up_ids(left=left)
        running = [await one.begin(str(number)) for number in range(5)]
        assert one.channel.pool.current is not old
        assert not old.is_closed
        one.gate.opened.set()
        assert await asyncio.gather(first, *running) == ["first", "0", "1", "2", "3", "4"]
        assert one.channel.pool.retirements == 1
        await until(lambda: old.is_closed)


async def test_calls_that_wait_for_a_stream_do_not_wait_for_the_old_connection() -> None:
    """They go to another connection when the last id is taken, though the call with it runs on."""
    async with scene(Limits(max_concurrent_streams=1)) as one:
        first = await one.begin("first")
        one.use_up_ids(left=1)
        waiting = [await one.begin(text, runs=False) for text in ("second", "third")]
        first.cancel()
        await one.gate.all_entered(3)
        one.gate.opened.set()
        assert await asyncio.gather(*waiting) == ["second", "third"]


@pytest.mark.parametrize("at_once", [2, 10, 50])
async def test_many_calls_at_once_as_the_ids_run_out(at_once: int) -> None:
    """One connection more is made for all of them, and none is lost."""
    async with scene() as one:
        first = await one.begin("first")
        one.use_up_ids(left=1)
        running = [asyncio.create_task(echo(one.channel, str(number))) for number in range(at_once)]
        await one.gate.all_entered(at_once + 1)
        one.gate.opened.set()
        assert await asyncio.gather(*running) == [str(number) for number in range(at_once)]
        assert await first == "first"
        assert one.channel.pool.retirements == 1


async def test_a_call_that_is_given_up_as_the_ids_run_out() -> None:
    """It takes nothing from the calls that follow, before or after it has a stream."""
    async with scene(Limits(max_concurrent_streams=1)) as one:
        first = await one.begin("first")
        one.use_up_ids(left=1)
        given_up = [await one.begin(text, runs=False) for text in ("a", "b", "c")]
        last = await one.begin("last", runs=False)
        for call in given_up:
            call.cancel()
        await asyncio.wait(given_up)
        one.gate.opened.set()
        assert [await first, await last] == ["first", "last"]


async def test_every_connection_may_be_used_up() -> None:
    """One after the other."""
    async with scene() as one:
        running = [await one.begin("first")]
        for number in range(3):
            one.use_up_ids(left=1)
            running += [await one.begin(f"last of {number}"), await one.begin(f"after {number}")]
        one.gate.opened.set()
        assert len(set(await asyncio.gather(*running))) == 7
        assert one.channel.pool.retirements == 3


async def test_a_server_that_leaves_at_the_same_time() -> None:
    """The calls on the old connection and on the new one are answered."""
    async with scene() as one:
        first = await one.begin("first")
        one.use_up_ids(left=1)
        running = [first, await one.begin("last"), await one.begin("after")]
        one.gate.opened.set()
        assert await one.server.drain(10) == 0
        assert await asyncio.gather(*running) == ["first", "last", "after"]


async def test_a_server_that_is_gone_for_new_connections() -> None:
    """New calls fail with the reason, at once; those that run are answered."""
    async with scene() as one:
        first = await one.begin("first")
        one.use_up_ids(left=1)
        last = await one.begin("last")
        await one.server._stop_listening()  # noqa: SLF001 - it does so before it ends
        with pytest.raises(EngineError, match="cannot be reached"):
            await echo(one.channel, "after")
        one.gate.opened.set()
        assert [await first, await last] == ["first", "last"]


@pytest.mark.parametrize("end", ["cancelled", "closed"])
async def test_the_end_of_the_last_call(end: str) -> None:
    """A call that has the last id may be cancelled, and the channel may be closed under it."""
    async with scene() as one:
        await one.begin("first")
        old = one.use_up_ids(left=1)
        last = await one.begin("last")
        if end == "cancelled":
            last.cancel()
        else:
            one.channel.close()
        outcome = (await asyncio.gather(last, return_exceptions=True))[0]
        assert isinstance(outcome, asyncio.CancelledError if end == "cancelled" else EngineError)
        assert old.is_retiring


@pytest.mark.parametrize("drains", [False, True])
async def test_a_client_with_the_largest_id_is_answered(drains: bool) -> None:
    """2**31 - 1 is an id like any other, also for a server that drains meanwhile."""
    async with scene() as one, await RawPeer.connect(one.server.port) as peer:
        peer.http2.highest_outbound_stream_id = LARGEST_STREAM_ID - 2
        stream_id = peer.request(ECHO, frame(b"last"))
        assert stream_id == LARGEST_STREAM_ID
        await one.gate.all_entered(1)
        draining = asyncio.create_task(one.server.drain(3_600)) if drains else None
        while drains and len(peer.goaways) < 2:
            await peer.read()
        one.gate.opened.set()
        assert (await peer.answer(stream_id)).data == frame(b"last")
        if draining is not None:
            assert await draining == 0


def test_a_drain_names_the_largest_id_once() -> None:
    """The second GOAWAY is the last one, though it names the same stream as the first."""
    http2 = Connection(Role.SERVER)
    http2._state.highest_remote = LARGEST_STREAM_ID  # noqa: SLF001 - after a billion calls
    http2.drain()
    http2.finish_draining()
    assert http2.has_sent_last_goaway
    assert http2.data_to_send()
    http2.finish_draining()
    assert http2.data_to_send() == b""
