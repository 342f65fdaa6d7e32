"""The timeouts of clients that keep a server waiting, and of those that are merely slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from h2.settings import SettingCodes

from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.grpc_server import Server
from tests.wire.notes import ECHO, Note, Notes, note_codecs
from tests.wire.raw_peer import RawPeer, frame

LARGE = 40_000
CALLS = 10
# Room for the answers of two calls and a part of a third.
LIMITS = Limits(max_queued_bytes=100_000)


class Large:
    """Returns large responses, and counts the calls."""

    def __init__(self) -> None:
        self.calls = 0

    async def respond(self, note: Note) -> Note:
        self.calls += 1
        return Note("x" * LARGE)


@asynccontextmanager
async def serving(
    timeouts: ClientTimeouts | None = None, limits: Limits = LIMITS
) -> AsyncIterator[tuple[Server, Large]]:
    """Serve large responses."""
    large = Large()
    server = Server([Notes(large.respond)], note_codecs(), limits=limits, timeouts=timeouts)
    await server.start()
    try:
        yield server, large
    finally:
        await server.close()


@asynccontextmanager
async def reluctant(server: Server) -> AsyncIterator[RawPeer]:
    """Connect a client whose windows stay closed until `open_up`."""
    async with await RawPeer.connect(server.port) as peer:
        peer.http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
        peer.flush()
        # h2 counts by its own settings once they are acknowledged.
        while peer.http2.local_settings.initial_window_size:
            await peer.read()
        yield peer


def open_up(peer: RawPeer) -> None:
    """Open the windows for every response."""
    peer.http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 2**20})
    peer.http2.increment_flow_control_window(2**24)
    peer.flush()


async def until_answered(peer: RawPeer) -> None:
    """Wait until the server has processed everything sent so far: it answers a ping."""
    peer.http2.ping(b"are you?")
    peer.flush()
    async with asyncio.timeout(10):
        while not peer.pongs:
            await peer.read()


async def test_no_call_begins_while_too_much_waits_for_the_client() -> None:
    """While responses are not read, no more calls start."""
    async with serving() as (server, large), reluctant(server) as peer:
        for _ in range(CALLS):
            peer.request(ECHO, frame(b"x"))
        await until_answered(peer)
        assert large.calls == 3


async def test_calls_that_had_to_wait_are_served_when_the_client_reads() -> None:
    """A client that reads gets every response, however many calls it made at once."""
    async with serving() as (server, large), reluctant(server) as peer:
        streams = [peer.request(ECHO, frame(b"x")) for _ in range(CALLS)]
        await until_answered(peer)
        open_up(peer)
        for stream in streams:
            assert len((await peer.answer(stream)).data) == LARGE + 5
        assert large.calls == CALLS


async def test_a_deferred_call_that_is_reset_never_starts() -> None:
    """A deferred call that is reset never reaches its handler."""
    async with serving() as (server, large), reluctant(server) as peer:
        streams = [peer.request(ECHO, frame(b"x")) for _ in range(CALLS)]
        for stream in streams[3:-1]:
            peer.http2.reset_stream(stream)
        await until_answered(peer)
        open_up(peer)
        assert (await peer.answer(streams[-1])).status == "0"
        assert large.calls == 4


async def test_a_call_that_had_to_wait_too_long_is_answered() -> None:
    """A deadline applies to a call that has not started."""
    timeouts = ClientTimeouts(keepalive_time=0.02, keepalive_timeout=10)
    async with serving(timeouts) as (server, large), reluctant(server) as peer:
        for _ in range(3):
            peer.request(ECHO, frame(b"x"))
        late = peer.request(ECHO, frame(b"x"), grpc_timeout="1m")
        assert (await peer.answer(late)).status == "4"
        assert large.calls == 3


async def test_a_drain_serves_calls_that_had_to_wait() -> None:
    """An accepted call gets its response, if the client reads it."""
    async with serving() as (server, large), reluctant(server) as peer:
        streams = [peer.request(ECHO, frame(b"x")) for _ in range(CALLS)]
        await until_answered(peer)
        draining = asyncio.create_task(server.drain(10))
        open_up(peer)
        for stream in streams:
            assert (await peer.answer(stream)).status == "0"
        assert await draining == 0
        assert large.calls == CALLS


async def test_a_late_body_is_answered_and_its_connection_goes_on() -> None:
    """A request that does not become complete gets a status; the next one is served."""
    async with (
        serving(ClientTimeouts(body=0.05)) as (server, _),
        await RawPeer.connect(server.port) as peer,
    ):
        slow = await peer.answer(peer.begin(ECHO, frame(b"hello")[:-1]))
        assert (slow.status, slow.message) == ("4", "the request was not complete in time")
        assert (await peer.answer(peer.request(ECHO, frame(b"x")))).status == "0"


async def test_an_idle_client_that_answers_pings_is_kept() -> None:
    """A silent client stays connected as long as it answers pings."""
    async with (
        serving(ClientTimeouts(keepalive_time=0.02)) as (server, _),
        await RawPeer.connect(server.port) as peer,
    ):
        while len(peer.pings) < 3:
            await peer.read()
        assert (await peer.answer(peer.request(ECHO, frame(b"x")))).status == "0"
