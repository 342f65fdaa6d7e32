"""The network of an agent that is served within the test's process."""

import asyncio
from abc import abstractmethod
from typing import Protocol

from mirastack_sdk._runtime.engine_access.engine_config import EngineConfig
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.lifecycle import InProcessNetwork
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._wire.client.pool import ConnectionOptions, ReconnectBackoff
from mirastack_sdk._wire.server.grpc_server import Servable, Server
from mirastack_sdk._wire.socket.jitter import uniform
from mirastack_sdk._wire.socket.memory_transport import connect_in_memory

# Execute waits as long for the config, too.
_CONFIG_SECONDS = 10.0


class Accepting(Protocol):
    """A server that accepts connections without a port."""

    @abstractmethod
    def accept(self) -> asyncio.Protocol | None:
        """Return the protocol of a new connection, or `None` where none is accepted."""


class MemoryNetwork(InProcessNetwork):
    """Connects one agent with its engine, which is served as `engine`, and with its callers."""

    def __init__(self, engine: Servable) -> None:
        self._engine = Server([engine], CODECS)
        self._engine.start_without_port()
        self._agent: Server | None = None
        self._status: ServingStatus | None = None
        self._config: EngineConfig | None = None
        self._listens = asyncio.Event()

    def listen(self, server: Server, status: ServingStatus, config: EngineConfig | None) -> None:
        """Start the agent's server."""
        server.start_without_port()
        self._agent, self._status, self._config = server, status, config
        self._listens.set()

    def engine_options(self) -> ConnectionOptions:
        """How the agent connects to its engine."""
        return ConnectionOptions(
            backoff=ReconnectBackoff(uniform),
            address_source="the engine in this process",
            open_transport=lambda client: _connect(client, self._engine, "the engine"),
        )

    def agent_options(self) -> ConnectionOptions:
        """How callers connect to the agent."""
        return ConnectionOptions(
            open_transport=lambda client: _connect(client, self._agent, "the agent")
        )

    async def ready(self) -> None:
        """Wait until the agent is registered, and has been given its config."""
        await self._listens.wait()
        assert self._status is not None  # noqa: S101 - set together with the event
        while not self._status.is_started:
            await self._status.change()
        if self._config is not None:
            await self._config.wait(_CONFIG_SECONDS)

    async def close(self) -> None:
        """End the connections to the engine."""
        await self._engine.close()


def _connect(client: asyncio.Protocol, server: Accepting | None, name: str) -> asyncio.Transport:
    accepted = None if server is None else server.accept()
    if accepted is None:
        raise ConnectionRefusedError(f"{name} accepts no connection")
    return connect_in_memory(client, accepted)
