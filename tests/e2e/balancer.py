"""A TCP balancer: one address for several replicas of an agent."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager


class Balancer:
    """Passes each connection to the next replica that accepts it, as a Service of Kubernetes does.

    `ports` are the replicas' ports, and `chosen` those that got a connection, in order.
    """

    def __init__(self) -> None:
        self.address = ""
        self.ports: list[int] = []
        self.chosen: list[int] = []
        self._turn = itertools.count()
        self._connections: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Start to pass a connection on."""
        task = asyncio.create_task(self._pass_on(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    @property
    def port(self) -> int:
        """The port of the address."""
        return int(self.address.rpartition(":")[2])

    async def close(self) -> None:
        """End every connection."""
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            replica_reader, replica_writer = await self._connect()
            with contextlib.closing(replica_writer):
                await asyncio.gather(_copy(reader, replica_writer), _copy(replica_reader, writer))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self.ports:
            port = self.ports[next(self._turn) % len(self.ports)]
            with contextlib.suppress(OSError):
                streams = await asyncio.open_connection("127.0.0.1", port)
                self.chosen.append(port)
                return streams
        raise ConnectionRefusedError("no replica accepts a connection")


@asynccontextmanager
async def balancer(ports: Sequence[int] = ()) -> AsyncIterator[Balancer]:
    """Listen on an address of its own, until the block ends."""
    balancing = Balancer()
    balancing.ports.extend(ports)
    server = await asyncio.start_server(balancing.accept, "127.0.0.1", 0)
    balancing.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield balancing
    finally:
        server.close()
        await balancing.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
