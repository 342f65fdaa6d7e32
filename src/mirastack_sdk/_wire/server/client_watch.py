"""The timeouts of a server's clients, decided without I/O: a status comes in, actions go out."""

from collections.abc import Mapping
from types import MappingProxyType

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._wire.http2.streams import Progress

# A large or slow request gets one more second for each so many bytes that have arrived.
_BODY_BYTES_PER_SECOND = 65_536
# How often connections are checked: a share of the shortest timeout, within these bounds.
_MAX_CHECK_INTERVAL = 0.5
_MIN_CHECK_INTERVAL = 0.01
_CHECK_SHARE = 0.5


class ClientTimeouts(NamedTuple):
    """How many seconds a server waits for its clients.

    `handshake` limits the time until the client's settings, `body` the time for a request, frame or
    header block that has begun. `stalled_reader` limits the time without progress of a client that
    does not read, or whose flow-control window stays closed; `overfull` replaces it while too much
    data is queued. A client that has been silent for `keepalive_time` is pinged, and must answer
    within `keepalive_timeout` (gRFC A9). Idle connections that answer stay open.
    """

    handshake: float = 10.0
    body: float = 30.0
    stalled_reader: float = 15.0
    overfull: float = 1.0
    keepalive_time: float = 30.0
    keepalive_timeout: float = 10.0

    @property
    def check_interval(self) -> float:
        """How often connections must be checked to enforce these timeouts, in seconds."""
        return max(_MIN_CHECK_INTERVAL, min(_MAX_CHECK_INTERVAL, min(self) * _CHECK_SHARE))


class PartialBody(NamedTuple):
    """An incomplete request, or an incomplete message of a stream: the `message`-th one."""

    stream_id: int
    message: int = 0


class ClientStatus(NamedTuple):
    """The state of a connection at the time of a check.

    Times are instants of the event loop's clock: `heard_at` is when the last bytes arrived,
    `unfinished_since` when the current incomplete frame or header block began. `unsent_bytes` wait
    for the socket. `bodies` is how much has arrived of each incomplete request or message, and
    `blocked` the progress of each stream whose response waits for a flow-control window.
    """

    settings_received: bool
    heard_at: float
    unfinished_since: float | None = None
    unsent_bytes: int = 0
    bodies: Mapping[PartialBody, int] = MappingProxyType({})
    blocked: Mapping[int, Progress] = MappingProxyType({})
    overfull: bool = False


class Actions(NamedTuple):
    """What to do: ping, fail streams, or close the connection for the reason `close`.

    `is_lost` says that the client does not read, so there is nothing to send before closing.
    """

    ping: bool = False
    close: str = ""
    is_lost: bool = False
    late_bodies: tuple[PartialBody, ...] = ()
    stalled: tuple[int, ...] = ()


class ClientWatch:
    """Watches one connection, from check to check.

    A stream counts as stalled only after the client has answered a PING that was sent behind its
    data: until then the data may still be on its way to a slow client.
    """

    def __init__(self, timeouts: ClientTimeouts, now: float) -> None:
        self._timeouts = timeouts
        self._made_at = now
        # The PING that waits for its answer: when it was sent, and how long the answer may take.
        self._pinged_at: float | None = None
        self._ping_timeout = 0.0
        self._pinged_for: Mapping[int, Progress] = {}
        self._stuck: dict[int, tuple[Progress, float]] = {}
        self._bodies: dict[PartialBody, float] = {}
        self._unsent_bytes = 0
        self._written_at = now

    def ping_answered(self, now: float) -> None:
        """Note that the client has answered the PING: it has read everything sent before it."""
        self._pinged_at = None
        for stream_id, progress in self._pinged_for.items():
            self._stuck.setdefault(stream_id, (progress, now))
        self._pinged_for = {}

    def check(self, status: ClientStatus, now: float) -> Actions:
        """Decide what to do about the status at `now`."""
        if status.unsent_bytes != self._unsent_bytes:
            self._unsent_bytes, self._written_at = status.unsent_bytes, now
        late, lost = self._late(status, now), self._lost(status, now)
        if late or lost:
            return Actions(close=late or lost, is_lost=not late)
        stalled = self._stalled(status, now)
        return Actions(
            ping=self._must_ping(status, now),
            late_bodies=self._late_bodies(status.bodies, now),
            stalled=stalled,
        )

    def _late(self, status: ClientStatus, now: float) -> str:
        timeouts = self._timeouts
        if not status.settings_received and now - self._made_at >= timeouts.handshake:
            return f"no HTTP/2 settings within {timeouts.handshake:g} s"
        since = status.unfinished_since
        if since is not None and now - since >= timeouts.body:
            return f"a frame or header block did not end within {timeouts.body:g} s"
        return ""

    def _lost(self, status: ClientStatus, now: float) -> str:
        if status.unsent_bytes:
            # Reading is paused while the client does not read, so its silence means nothing.
            waited = now - self._written_at
            limit = self._timeouts.stalled_reader
            return f"the client has read nothing for {limit:g} s" if waited >= limit else ""
        if self._pinged_at is None or status.heard_at > self._pinged_at:
            return ""
        if now - max(self._pinged_at, self._written_at) < self._ping_timeout:
            return ""
        return f"the client has not answered a ping for {self._ping_timeout:g} s"

    def _stalled(self, status: ClientStatus, now: float) -> tuple[int, ...]:
        blocked = status.blocked
        self._stuck = {
            stream_id: (progress, since)
            for stream_id, (progress, since) in self._stuck.items()
            if blocked.get(stream_id) == progress
        }
        timeouts = self._timeouts
        limit = timeouts.overfull if status.overfull else timeouts.stalled_reader
        return tuple(number for number, (_, since) in self._stuck.items() if now - since >= limit)

    def _must_ping(self, status: ClientStatus, now: float) -> bool:
        if not status.settings_received or status.unsent_bytes:
            return False
        timeouts = self._timeouts
        if self._pinged_at is not None:
            if now - self._pinged_at < self._ping_timeout:
                return False
            # It sends other frames, but no answer: it must not gain time by that.
            self.ping_answered(now)
        if status.blocked.keys() - self._stuck.keys():
            self._pinged_for, self._ping_timeout = dict(status.blocked), timeouts.stalled_reader
        elif now - max(status.heard_at, self._written_at) >= timeouts.keepalive_time:
            self._ping_timeout = timeouts.keepalive_timeout
        else:
            return False
        self._pinged_at = now
        return True

    def _late_bodies(
        self, bodies: Mapping[PartialBody, int], now: float
    ) -> tuple[PartialBody, ...]:
        self._bodies = {body: self._bodies.get(body, now) for body in bodies}
        return tuple(
            body
            for body, since in self._bodies.items()
            if now - since >= self._timeouts.body + bodies[body] / _BODY_BYTES_PER_SECOND
        )
