"""State that all connections of a server share, with the limit on how many there are."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import ChannelCodec
from mirastack_sdk._wire.codec.methods import Handlers
from mirastack_sdk._wire.grpc.request_check import BearerToken, RequestCheck
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.server_call import ServerCall
from mirastack_sdk._wire.socket.protocol import FairScheduler
from mirastack_sdk._wire.tls.tls_server import ServerSecurity

_LOG = Log("server")

_SECONDS_BETWEEN_WORDS = 60.0


class ConnectionLimit:
    """Lets in `most` at once, and tells at most once a minute how many it turned away."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._inside = 0
        self._turned_away = 0
        self._silent_until = float("-inf")

    def enter(self) -> bool:
        """Let one in, who has to `leave`, or say that there is no room."""
        if self._inside >= self.most:
            self._turned_away += 1
            return False
        self._inside += 1
        return True

    def reject(self) -> asyncio.Protocol:
        """Return what a connection speaks to that is not even to begin."""
        self._turned_away += 1
        return _RejectedConnection()

    def leave(self) -> None:
        """Make room for another one."""
        self._inside -= 1

    def report(self, now: float) -> None:
        """Log how many were turned away since the last time, if a minute has passed since."""
        if not self._turned_away or now < self._silent_until:
            return
        _LOG.warning(
            "connections were closed as they came (%d): there may be %d at once",
            self._turned_away,
            self.most,
            extra={"turned_away": self._turned_away, "max_connections": self.most},
        )
        self._turned_away = 0
        self._silent_until = now + _SECONDS_BETWEEN_WORDS


class _RejectedConnection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio gives a Protocol
        transport.abort()


DEFAULT_MAX_CONNECTIONS = 1_000


@dataclass(slots=True, kw_only=True, eq=False)
class ServerState:
    """What all connections of a server share.

    `running` holds every call whose handler has not ended. While `draining`, every connection, new
    ones too, asks its client to make its next calls elsewhere; once `closed`, none stays.
    """

    methods: Handlers
    codecs: Mapping[Encoding, ChannelCodec]
    limits: Limits
    timeouts: ClientTimeouts = field(default_factory=ClientTimeouts)
    connection_limit: ConnectionLimit = field(
        default_factory=lambda: ConnectionLimit(DEFAULT_MAX_CONNECTIONS)
    )
    scheduler: FairScheduler = field(default_factory=FairScheduler)
    running: set[ServerCall] = field(default_factory=set)
    draining: bool = False
    closed: bool = False
    tls: ServerSecurity | None = None
    bearer: BearerToken | None = None
    request_check: RequestCheck = field(init=False)
    log: RateLimitedLog = field(default_factory=lambda: RateLimitedLog(_LOG))

    def __post_init__(self) -> None:
        self.request_check = RequestCheck(self.methods, self.bearer)
