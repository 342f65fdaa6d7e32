"""A client's connections and calls, cancelled at each of their suspensions."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from mirastack_sdk._files.named_file import NamedFile
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.client.connecting import Connector
from mirastack_sdk._wire.client.connection_owner import Owner
from mirastack_sdk._wire.client.keepalive import Keepalive
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.tls.tls_client import ClientSecurity
from mirastack_sdk._wire.tls.tls_contexts import KeyPair
from mirastack_sdk._wire.tls.tls_server import ServerSecurity
from mirastack_sdk.testing import Encoding
from tests.cancellation import MOMENTS, TIMEOUT, Moment, cancel_everywhere, nothing_left
from tests.reliability.tls.certificates import LOOPBACK, Authority
from tests.wire.client.test_channel import echo
from tests.wire.notes import Gate, Notes, note_codecs


class Pool(Owner[ClientConnection]):
    """A pool that only makes connections."""

    def __init__(self) -> None:
        self.waiters = deque()

    def new(self) -> ClientConnection:
        """A connection of this pool."""
        return ClientConnection(Limits(), 1000, Keepalive(), self)

    def on_capacity(self) -> None:
        pass

    def on_served(self) -> None:
        pass

    def on_ping(self) -> None:
        pass

    def on_retired(self, connection: ClientConnection) -> None:
        pass


class World:
    """A server that runs one call at a time, and a channel to it."""

    def __init__(
        self, host: str, server_tls: ServerSecurity | None, tls: ClientSecurity | None
    ) -> None:
        self.gate = Gate()
        self.server = Server(
            [Notes(self.gate.respond)],
            note_codecs(),
            limits=Limits(max_concurrent_streams=1),
            tls=server_tls,
        )
        self.calls: list[asyncio.Task[str]] = []
        self._host = host
        self._tls = tls

    def make_channel(self) -> None:
        """Make a channel to the server, which is not connected yet."""
        port = self.server.port
        self.channel = Channel(
            self._host, port, note_codecs(), encoding=Encoding.PROTOBUF, tls=self._tls
        )
        self.connector = Connector(self._host, port, timeout=TIMEOUT, source="TEST", tls=self._tls)

    def call(self, text: str) -> "asyncio.Task[str]":
        """Start a call."""
        self.calls.append(asyncio.create_task(echo(self.channel, text)))
        return self.calls[-1]

    async def connect(self) -> None:
        """Connect without the channel."""
        (await self.connector.connect(Pool().new)).close()


type MakeWorld = Callable[[], AbstractAsyncContextManager[World]]


@asynccontextmanager
async def _started(world: World) -> AsyncIterator[World]:
    await world.server.start()
    try:
        # Inside: a server that closes ends the connections that its clients have forgotten.
        async with nothing_left():
            world.make_channel()
            yield world
            world.channel.close()
    finally:
        await world.server.close()


@pytest.fixture(params=["127.0.0.1", "localhost", "TLS"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> MakeWorld:
    """A server by its address, by its name, or over TLS."""
    if request.param != "TLS":
        return lambda: _started(World(request.param, None, None))
    authority = Authority(tmp_path)
    issued = authority.issue(*LOOPBACK)
    identity = KeyPair(
        NamedFile("certificate", str(issued.certificate)), NamedFile("key", str(issued.key))
    )
    trusted = NamedFile("authorities", str(authority.ca))
    return lambda: _started(
        World("127.0.0.1", ServerSecurity(identity), ClientSecurity(authorities=trusted))
    )


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_cancelled_connecting_leaves_no_socket(world: MakeWorld, moment: Moment) -> None:
    """From the lookup of the name to the server's settings; it can connect again."""
    number = await cancel_everywhere(world, World.connect, World.connect, moment)
    assert number >= 3


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_cancelled_first_call_leaves_a_channel_that_connects(
    world: MakeWorld, moment: Moment
) -> None:
    """Wherever the connection is when the call that needed it is cancelled."""

    async def call(world: World) -> None:
        world.gate.opened.set()
        assert await echo(world.channel, "first") == "first"

    number = await cancel_everywhere(world, call, call, moment, with_children=True)
    assert number > 3


async def _wait_for_the_stream(world: World) -> None:
    world.call("first")
    await world.gate.entered.wait()
    asyncio.get_running_loop().call_soon(world.gate.opened.set)
    waiting = echo(world.channel, "second")
    asyncio.get_running_loop().call_soon(world.call, "third")
    await waiting


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_stream_of_a_cancelled_call_goes_to_the_next(
    world: MakeWorld, moment: Moment
) -> None:
    """Also if the call has just been given the stream; no call waits for ever."""

    async def check(world: World) -> None:
        world.gate.opened.set()
        await asyncio.sleep(0)
        for call in world.calls:
            assert await call in ("first", "third")
        assert await echo(world.channel, "last") == "last"

    assert await cancel_everywhere(world, _wait_for_the_stream, check, moment) >= 3
