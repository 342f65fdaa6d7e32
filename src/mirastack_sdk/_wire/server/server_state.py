"""The state that all connections of a server share, and the limit on their number."""

import logging
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import ChannelCodec
from mirastack_sdk._wire.codec.methods import Handlers
from mirastack_sdk._wire.grpc.request_check import BearerToken, RequestCheck
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.connection_age import ConnectionAge
from mirastack_sdk._wire.server.server_call import ServerCall
from mirastack_sdk._wire.socket.protocol import FairScheduler, WriteBatch

if TYPE_CHECKING:
    # Only agents with TLS load it.
    from mirastack_sdk._wire.tls.tls_server import ServerSecurity

_LOG = Log("server")


_SECONDS_BETWEEN_REPORTS = 60.0


class Capacity(NamedTuple):
    """How many connections and calls with streams there may be at once.

    `age` is how old a connection may become.
    """

    connections: int = 1_000
    streaming_calls: int = 1_000
    age: ConnectionAge = ConnectionAge()


DEFAULT_CAPACITY = Capacity()


class Evictable(Protocol):
    """A connection that can be closed to make room for another one."""

    @abstractmethod
    def evict(self) -> None:
        """Close at once, without being released."""


class ConnectionLimit:
    """Accepts `maximum` connections at once, and logs once a minute how many it closed.

    At the limit, the oldest connection that has made no accepted call yet is closed for the new
    one: clients without the token, or without anything to say, must not keep out those that call.
    `open` is how many are open, `closed_in_all` how many were closed because of the limit.
    """

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.open = 0
        self.closed_in_all = 0
        # In the order in which they came.
        self._strangers: dict[Evictable, None] = {}
        self._closed = 0
        self._silent_until = float("-inf")

    @property
    def is_reached(self) -> bool:
        """Whether no connection is accepted, since all that are open have made calls."""
        return self.open >= self.maximum and not self._strangers

    def acquire(self, connection: Evictable) -> bool:
        """Count a connection, to be released when it ends; return whether it is accepted."""
        if self.is_reached:
            self.count_closed()
            return False
        if self.open >= self.maximum:
            oldest = next(iter(self._strangers))
            self.release(oldest)
            self.count_closed()
            oldest.evict()
        self.open += 1
        self._strangers[connection] = None
        return True

    def trust(self, connection: Evictable) -> None:
        """Keep a connection whatever comes: it has made a call that was accepted."""
        self._strangers.pop(connection, None)

    def release(self, connection: Evictable) -> None:
        """Make room for another connection."""
        self.open -= 1
        self._strangers.pop(connection, None)

    def count_closed(self) -> None:
        """Count a connection that was closed because there are too many."""
        self._closed += 1
        self.closed_in_all += 1

    def report(self, now: float) -> None:
        """Log how many were closed since the last report, if a minute has passed since."""
        if not self._closed or now < self._silent_until:
            return
        _LOG.warning(
            "closed %d connections that had made no call: at most %d may be open at once",
            self._closed,
            self.maximum,
            extra={"closed_connections": self._closed, "max_connections": self.maximum},
        )
        self._closed = 0
        self._silent_until = now + _SECONDS_BETWEEN_REPORTS

    def lower(self, spare: int, descriptors: int) -> None:
        """Accept at most `spare` connections, for the process may have so many descriptors."""
        if spare < self.maximum:
            _LOG.warning(
                "at most %d connections may be open at once, not %d: the process may have %d file "
                "descriptors (ulimit -n), and calls need some of them",
                spare,
                self.maximum,
                descriptors,
            )
            self.maximum = spare


@dataclass(slots=True, kw_only=True, eq=False)
class ServerState:
    """The state that all connections of a server share.

    `running` holds every call whose handler has not ended, and at most `max_streaming_calls` of
    them have streams of messages; `streaming` is how many have. While `draining`, every connection,
    including new ones, sends GOAWAY; once `closed`, none stays open.
    """

    methods: Handlers
    codecs: Mapping[Encoding, ChannelCodec]
    limits: Limits
    timeouts: ClientTimeouts = field(default_factory=ClientTimeouts)
    connection_age: ConnectionAge = field(default_factory=ConnectionAge)
    connection_limit: ConnectionLimit = field(
        default_factory=lambda: ConnectionLimit(DEFAULT_CAPACITY.connections)
    )
    scheduler: FairScheduler = field(default_factory=FairScheduler)
    write_batch: WriteBatch = field(default_factory=WriteBatch)
    running: set[ServerCall] = field(default_factory=set)
    streaming: int = 0
    max_streaming_calls: int = DEFAULT_CAPACITY.streaming_calls
    draining: bool = False
    closed: bool = False
    tls: "ServerSecurity | None" = None
    bearer: BearerToken | None = None
    request_check: RequestCheck = field(init=False)
    # The paths of the methods that take streams of requests, and of those that need no token.
    sequences: frozenset[str] = frozenset()
    open_paths: frozenset[str] = frozenset()
    log: RateLimitedLog = field(default_factory=lambda: RateLimitedLog(_LOG))

    def __post_init__(self) -> None:
        self.request_check = RequestCheck(
            self.methods, self.bearer, self.limits.max_header_list_size, self.open_paths
        )

    def log_client(self, kind: str, text: str, *values: object) -> None:
        """Log what a client has done; a flood of clients must not become a flood of lines."""
        self.log.write(kind, text, *values, level=logging.INFO)
