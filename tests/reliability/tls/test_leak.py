"""The bytes that cross the network between agent and engine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mirastack_sdk.security import Security
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority
from tests.reliability.tls.engines import port_of
from tests.reliability.tls.peers import Keeper

TOKEN = "a-token-nobody-should-read"
SAID = "a-parameter-nobody-should-read"
SECRETS = (TOKEN.encode(), SAID.encode(), b"keeper:said", b"x-plugin-name")


class Tap:
    """Forwards bytes between clients and a port, and keeps all of them."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.target = 0
        self._connections: set[asyncio.Task[None]] = set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one connection, both ways, until either side ends it."""
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        pipes = [self._pipe(reader, back), self._pipe(there, writer)]
        try:
            await asyncio.gather(*pipes)
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()
            back.transport.abort()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            self.heard += data
            writer.write(data)
        writer.close()

    async def close(self) -> None:
        """End every connection."""
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)


@asynccontextmanager
async def tapped() -> AsyncIterator[tuple[Tap, int]]:
    """A tap and the port that it listens on."""
    tap = Tap()
    server = await asyncio.start_server(tap.accept, "127.0.0.1", 0)
    try:
        yield tap, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await tap.close()


async def tapped_bytes(engine_side: Security, agent_side: Security) -> tuple[bytes, bytes]:
    """The bytes that cross the network in both directions in an agent's life."""
    async with (
        tapped() as (to_engine, engine_port),
        tapped() as (to_agent, agent_port),
        LocalEngine(security=engine_side) as engine,
    ):
        to_engine.target = port_of(engine)
        async with served(
            Keeper(),
            agent_side,
            engine=f"127.0.0.1:{engine_port}",
            MIRASTACK_PLUGIN_ADVERTISE_ADDR=f"127.0.0.1:{agent_port}",
        ) as port:
            to_agent.target = port
            agent = await engine.wait_registered("keeper")
            # In protobuf, where parameters stand as they are; JSON has them in base64.
            params = {"said": SAID, "remember": "yes"}
            done = await agent.execute("echo", params, encoding=Encoding.PROTOBUF)
            assert done.output == {"result": SAID}
        await engine.wait_deregistered("keeper")
        return bytes(to_engine.heard), bytes(to_agent.heard)


async def test_nothing_can_be_read_on_the_way(authority: Authority) -> None:
    """Neither token nor parameters, results, cache keys or headers cross in plain text."""
    ours, theirs = authority.issue(*LOOPBACK), authority.issue(*LOOPBACK)
    trust = authority.trusted()
    both = await tapped_bytes(
        Security(server=theirs.server(), client=trust, token=TOKEN),
        Security(server=ours.server(), client=trust, token=TOKEN),
    )
    for heard in both:
        assert len(heard) > 1000
        assert [secret for secret in SECRETS if secret in heard] == []


async def test_without_tls_it_can() -> None:
    """Without TLS the tap finds all of them, so the test above can fail."""
    to_engine, to_agent = await tapped_bytes(Security(token=TOKEN), Security(token=TOKEN))
    assert all(secret in to_engine for secret in (TOKEN.encode(), b"keeper:said", b"x-plugin-name"))
    assert all(secret in to_agent for secret in (TOKEN.encode(), SAID.encode()))
