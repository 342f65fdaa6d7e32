"""A gRPC server that answers each call in the encoding it came in, and ends without losing any."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from grpclib.config import Configuration
from grpclib.const import Handler
from grpclib.protocol import H2Protocol
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes

from mirastack_sdk._wire.channel_codec import Codecs, channel_codecs
from mirastack_sdk._wire.handler import CallHandler, ServerState
from mirastack_sdk._wire.listening import listen

DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024 * 1024

# Concurrent calls that a connection may have open; h2 would advertise 100.
_MAX_CONCURRENT_STREAMS = 1000
# How long cancelled handlers may take to end, and connections to close.
_CLOSE_SECONDS = 1.0


class Servable(Protocol):
    """A generated service base with its methods filled in."""

    def __mapping__(self) -> Mapping[str, Handler]:
        """Return the handler of each method path."""


class Server:
    """Serves generated services in every encoding of `codecs`, on one port.

    `drain()` and then `close()` end it; a server that was never started needs neither.
    """

    def __init__(
        self,
        services: Sequence[Servable],
        codecs: Codecs,
        *,
        max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
    ) -> None:
        methods = {path: h for service in services for path, h in service.__mapping__().items()}
        self._state = ServerState(methods=methods, codecs=channel_codecs(codecs, max_message_bytes))
        self._connections: set[_ServerConnection] = set()
        self._listener: asyncio.Server | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on `host` (all interfaces if empty) and `port` (a free one if 0).

        Raises `OSError` when the address cannot be bound.
        """
        self._state.draining = self._state.ending = False
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._connection, sock=listen(host, port))
        self._port = self._listener.sockets[0].getsockname()[1]

    async def drain(self, grace: float) -> int:
        """Refuse new calls and let the running ones finish within `grace` seconds.

        What still runs then is cancelled and answered with UNAVAILABLE. Returns how many calls
        were cancelled.
        """
        self._state.draining = True
        self._stop_listening()
        running = self._state.running
        if running:
            await asyncio.wait(running, timeout=grace)
        late = set(running)
        self._state.ending = True
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_CLOSE_SECONDS)
        return len(late)

    async def close(self) -> None:
        """End every connection; calls that still run are cancelled."""
        self._state.draining = True
        self._stop_listening()
        connections = list(self._connections)
        for connection in connections:
            connection.leave()
        if connections:
            closed = [asyncio.ensure_future(c.closed.wait()) for c in connections]
            await asyncio.wait(closed, timeout=_CLOSE_SECONDS)
            for waiter in closed:
                waiter.cancel()
        for connection in list(self._connections):
            connection.abort()

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _connection(self) -> "_ServerConnection":
        return _ServerConnection(self._state, self._connections)


class _ServerConnection(H2Protocol):
    """One connection of a client."""

    def __init__(self, state: ServerState, connections: "set[_ServerConnection]") -> None:
        super().__init__(CallHandler(state), _CONFIG, _H2_CONFIG)
        self._connections = connections
        self._transport: asyncio.BaseTransport | None = None
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._transport = transport
        self._connections.add(self)
        self._http2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: _MAX_CONCURRENT_STREAMS})
        self.connection.flush()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._connections.discard(self)
        self.closed.set()
        super().connection_lost(exc)

    def leave(self) -> None:
        """Say GOAWAY, write what is left and close."""
        if not self.connection.is_closing():
            self._http2.close_connection()
            self.connection.flush()
            self.processor.close(reason="server closed")

    def abort(self) -> None:
        """Close without waiting for a peer that does not read."""
        if isinstance(self._transport, asyncio.Transport):
            self._transport.abort()

    @property
    def _http2(self) -> H2Connection:
        return self.connection._connection  # noqa: SLF001 - grpclib offers no other way to h2


_CONFIG = Configuration().__for_server__()
_H2_CONFIG = H2Configuration(
    client_side=False,
    # Bytes that are not ASCII belong to one call; they must not end the connection.
    header_encoding="latin-1",
    validate_inbound_headers=False,
    validate_outbound_headers=False,
    normalize_inbound_headers=False,
    normalize_outbound_headers=False,
)
