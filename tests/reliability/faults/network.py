"""A network between an agent and its engine, which a test breaks and repairs."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Network:
    """Forwards connections to a port, unless the test breaks it."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.connections = 0
        self.chunk = 65_536
        self._target = target
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._swallows = False
        self._lost: set[asyncio.StreamWriter] = set()
        self._clients: dict[asyncio.StreamWriter, asyncio.StreamWriter] = {}
        self._serving: set[asyncio.Task[None]] = set()

    def stall(self) -> None:
        """Silently hold back everything in both directions."""
        self._flowing.clear()

    def flow(self) -> None:
        """Let everything through again, first what was held back."""
        self._flowing.set()

    def forget(self) -> None:
        """Silently drop everything on the current connections, which are half-open from then on."""
        self._lost.update(self._clients)
        self._lost.update(self._clients.values())

    def swallow(self) -> None:
        """Silently drop everything, on the current connections and on those made from now on."""
        self._swallows = True
        self.forget()

    def carry(self) -> None:
        """Let new connections through again; what was dropped stays lost."""
        self._swallows = False

    def reset(self) -> None:
        """Reset every connection to the agent."""
        for client in list(self._clients):
            sock: socket.socket = client.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.transport.abort()

    def close(self) -> None:
        """End every connection to the agent without a reset."""
        for client in list(self._clients):
            client.close()

    async def end(self) -> None:
        """Stop forwarding."""
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection to its end."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        # A task that is cancelled before it begins closes nothing.
        task.add_done_callback(lambda _: writer.close())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            onward_reader, onward = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            await _end(writer)
            return
        self._clients[writer] = onward
        if self._swallows:
            self._lost.update((writer, onward))
        directions = (
            asyncio.create_task(self._forward(reader, onward)),
            asyncio.create_task(self._forward(onward_reader, writer)),
        )
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._clients[writer]
            for direction in directions:
                direction.cancel()
            # Both before anything is waited for: the wait may be cancelled.
            writer.close()
            onward.close()
            await asyncio.gather(*directions, return_exceptions=True)
            await _end(writer)
            await _end(onward)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(self.chunk):
                await self._flowing.wait()
                if writer in self._lost:
                    continue
                writer.write(data)
                await writer.drain()
        if writer in self._lost:
            await asyncio.Event().wait()


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def network_to(port: int) -> AsyncIterator[Network]:
    """Put a network in front of a port."""
    network = Network(port)
    server = await asyncio.start_server(network.take, "127.0.0.1", 0)
    network.port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield network
        finally:
            # Before the server's end, which waits for its connections.
            await network.end()
