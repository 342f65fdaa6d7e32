"""The state that all connections of a server share, and the limit on their number."""

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

DEFAULT_MAX_CONNECTIONS = 1_000

_SECONDS_BETWEEN_REPORTS = 60.0


class ConnectionLimit:
    """Accepts `maximum` connections at once, and logs the number it rejected once a minute."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self._open = 0
        self._rejected = 0
        self._silent_until = float("-inf")

    def acquire(self) -> bool:
        """Count a connection, to be released when it ends; return whether it is accepted."""
        if self._open >= self.maximum:
            self._rejected += 1
            return False
        self._open += 1
        return True

    def release(self) -> None:
        """Make room for another connection."""
        self._open -= 1

    def reject(self) -> None:
        """Count a connection that is closed on arrival."""
        self._rejected += 1

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

    def report(self, now: float) -> None:
        """Log how many were rejected since the last report, if a minute has passed since."""
        if not self._rejected or now < self._silent_until:
            return
        _LOG.warning(
            "rejected %d connections: at most %d may be open at once",
            self._rejected,
            self.maximum,
            extra={"rejected_connections": self._rejected, "max_connections": self.maximum},
        )
        self._rejected = 0
        self._silent_until = now + _SECONDS_BETWEEN_REPORTS


@dataclass(slots=True, kw_only=True, eq=False)
class ServerState:
    """The state that all connections of a server share.

    `running` holds every call whose handler has not ended. While `draining`, every connection,
    including new ones, sends GOAWAY; once `closed`, none stays open.
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
