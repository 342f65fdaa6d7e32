"""The gRPC server: one port, the connections on it, and their orderly end."""

import asyncio
import socket
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._threads import start_in_thread
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import ChannelCodec, Codecs, channel_codecs
from mirastack_sdk._wire.codec.methods import Handlers, StreamHandler, UnaryHandler
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.lazy_service import LazyService, Methods
from mirastack_sdk._wire.server.server_call import SHUTTING_DOWN
from mirastack_sdk._wire.server.server_connection import ServerConnection
from mirastack_sdk._wire.server.server_state import (
    DEFAULT_CAPACITY,
    Capacity,
    ConnectionLimit,
    ServerState,
)
from mirastack_sdk._wire.socket.descriptors import descriptor_limit, spare_descriptors
from mirastack_sdk._wire.socket.listening import Listener, listen

if TYPE_CHECKING:
    # Only agents with TLS load it.
    from mirastack_sdk._wire.tls.tls_server import ServerSecurity

DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024 * 1024

# The steps after the grace period, which together take less than a second: cancelled handlers end
# and their responses are written; clients close connections after GOAWAY; the rest is written.
_CANCEL_SECONDS = 0.5
_GOAWAY_SECONDS = 0.25
_CLOSE_SECONDS = 0.2
# At least so many handshakes may go on at once: a client must get as far as its first bytes before
# as many others have come.
_LEAST_HANDSHAKES = 256


class Servable(Protocol):
    """A generated service base with its methods filled in."""

    @abstractmethod
    def __mapping__(self) -> Handlers:
        """Return the handler of each method path."""


class ServerCounts(NamedTuple):
    """How many connections and calls there are, and how many connections there may be.

    `closed_connections` counts those that the limit has closed since the start.
    """

    connections: int
    max_connections: int
    closed_connections: int
    calls: int


class Server:
    """Serves generated services on one port, in every encoding of `codecs`.

    With `tls` it speaks TLS; with `bearer` every call must carry that token. Beyond its `capacity`,
    the oldest connection without an accepted call is closed, or else the new one, and calls with
    streams are refused. Clients that exceed `timeouts` are disconnected, and those whose connection
    reaches its maximum age have to open another one.

    `drain()` and then `close()` end it; a server that was never started needs neither. It can be
    started again after that.
    """

    def __init__(
        self,
        services: Sequence[Servable | LazyService],
        codecs: Codecs,
        *,
        max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
        capacity: Capacity = DEFAULT_CAPACITY,
        limits: Limits | None = None,
        tls: "ServerSecurity | None" = None,
        bearer: BearerToken | None = None,
        timeouts: ClientTimeouts | None = None,
    ) -> None:
        lazy = [service for service in services if isinstance(service, LazyService)]
        handlers: dict[str, UnaryHandler | StreamHandler] = {}
        for service in services:
            if not isinstance(service, LazyService):
                handlers.update(service.__mapping__())
        tables = channel_codecs(codecs, max_message_bytes)
        self._state = ServerState(
            methods=Methods(handlers, lazy, lambda more: _add_codecs(tables, more)),
            sequences=frozenset(
                path for path, handler in handlers.items() if handler.method.client_streaming
            ).union(*(service.sequences for service in lazy)),
            open_paths=frozenset().union(*(one.paths for one in lazy if not one.needs_token)),
            codecs=tables,
            limits=limits or Limits(),
            tls=tls,
            bearer=bearer,
            timeouts=timeouts or ClientTimeouts(),
            connection_age=capacity.age,
            connection_limit=ConnectionLimit(capacity.connections),
            max_streaming_calls=capacity.streaming_calls,
        )
        self._tls = tls
        self._max_handshakes = max(capacity.connections, _LEAST_HANDSHAKES)
        self._connections: set[ServerConnection] = set()
        self._changed = asyncio.Event()
        self._listener: Listener | None = None
        self._next_check: asyncio.TimerHandle | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    @property
    def counts(self) -> ServerCounts:
        """The numbers of this moment; they may be read in any thread."""
        limit = self._state.connection_limit
        return ServerCounts(
            connections=limit.open,
            max_connections=limit.maximum,
            closed_connections=limit.closed_in_all,
            calls=len(self._state.running),
        )

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on `host` (all interfaces if empty) and `port` (a free one if 0).

        Raises `OSError` when the address cannot be bound. After a cancellation nothing listens.
        """
        # A host name is looked up in a thread: that may take long.
        listening = start_in_thread(lambda: listen(host, port), name="mirastack-listen")
        try:
            sockets = await asyncio.shield(listening)
        except asyncio.CancelledError:
            listening.add_done_callback(_close_sockets)
            raise
        self._limit_connections()
        self.start_without_port()
        self._listener = Listener(sockets, self.accept)
        self._port = self._listener.port

    def start_without_port(self) -> None:
        """Serve the connections that `accept` returns, and no others."""
        self._state.draining = self._state.closed = False
        self._check_connections()

    def accept(self) -> asyncio.Protocol | None:
        """Return the protocol of a new connection, or `None` where none is accepted."""
        connection, limit = (
            ServerConnection(self._state, self._on_change),
            self._state.connection_limit,
        )
        if self._tls is None:
            return connection if connection.acquire_place() else None
        # A connection over TLS counts as one after its handshake, and during it among those.
        if self._tls.handshakes >= self._max_handshakes:
            self._tls.drop_handshake()
            limit.count_closed()
        return self._tls.wrap(connection)

    async def drain(self, grace: float) -> int:
        """Accept no new calls, and let the running ones finish within `grace` seconds.

        The others are cancelled, and their clients get UNAVAILABLE. Returns how many calls were
        cancelled.
        """
        self._state.draining = True
        await self._stop_listening()
        for connection in list(self._connections):
            connection.drain()
        await self._until_ended(grace)
        late = list(self._state.running)
        for call in late:
            call.cancel(ending=SHUTTING_DOWN)
        await self._until_ended(_CANCEL_SECONDS)
        # Clients close the connection after GOAWAY (RFC 9113 §6.8). If we closed it, bytes that are
        # still on their way here would reset it, and the client could not read its last responses.
        await self._wait(lambda: not self._connections, _GOAWAY_SECONDS)
        return len(late)

    async def close(self) -> None:
        """Close every connection; calls that still run are cancelled."""
        self._state.draining = self._state.closed = True
        await self._stop_listening()
        for connection in list(self._connections):
            connection.close()
        await self._wait(lambda: not self._connections, _CLOSE_SECONDS)
        for connection in list(self._connections):
            connection.abort()
        if self._tls is not None:
            self._tls.abort()
        if self._next_check is not None:
            self._next_check.cancel()

    async def _until_ended(self, timeout: float) -> None:
        """Wait until no call runs or can still arrive, and every response has been written."""
        await self._wait(
            lambda: not self._state.running and not any(one.is_busy for one in self._connections),
            timeout,
        )

    async def _wait(self, condition: Callable[[], bool], timeout: float) -> None:
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    async def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            await listener.close()

    def _limit_connections(self) -> None:
        """Accept no more connections than the process has descriptors for."""
        limit = descriptor_limit()
        if limit is not None:
            spare = spare_descriptors(limit)
            if self._tls is not None:
                # Sockets whose handshake goes on do not count among the connections.
                spare = max(1, spare // 2)
            self._state.connection_limit.lower(spare, limit)
            self._max_handshakes = min(self._max_handshakes, spare)

    def _check_connections(self) -> None:
        """Check the timeouts of every connection, and set the timer for the next check."""
        loop = asyncio.get_running_loop()
        self._next_check = loop.call_later(
            self._state.timeouts.check_interval, self._check_connections
        )
        now = loop.time()
        for connection in list(self._connections):
            connection.check(now)
        self._state.connection_limit.report(now)

    def _on_change(self, connection: ServerConnection) -> None:
        if connection.is_closed:
            self._connections.discard(connection)
        else:
            self._connections.add(connection)
        self._changed.set()


def _close_sockets(listening: asyncio.Future[list[socket.socket]]) -> None:
    """Close what a thread has opened for a server that does not start any more."""
    if listening.exception() is None:
        for listener in listening.result():
            listener.close()


def _add_codecs(tables: Mapping[Encoding, ChannelCodec], codecs: Codecs) -> None:
    for table in tables.values():
        table.add(codecs)
