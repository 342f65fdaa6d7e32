"""How long a server waits for a client, and when it stops: decisions on what a look at it finds."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from mirastack_sdk._wire.http2.streams import Progress

# A body that is large or comes slowly may take a second more for each so many bytes that have come.
_BODY_BYTES_A_SECOND = 65_536
# How often connections are looked at: the most, the least, and what part of the shortest timeouts.
_LONGEST_TICK = 0.5
_SHORTEST_TICK = 0.01
_TICK_SHARE = 0.5


class ClientTimeouts(NamedTuple):
    """How many seconds a server waits for what a client owes it.

    `handshake` is for its first words, `body` for the rest of a request, a frame or a header block
    that has begun, and `stalled_reader` for any progress of a client that reads nothing, or gives
    no room for its answers; `overfull` replaces it once more waits to be sent than may. A client
    that has been silent for `keepalive_time` is pinged, and must answer within
    `keepalive_timeout`. A connection that is idle, and answers, is kept.
    """

    handshake: float = 10.0
    body: float = 30.0
    stalled_reader: float = 15.0
    overfull: float = 1.0
    keepalive_time: float = 30.0
    keepalive_timeout: float = 10.0

    @property
    def tick(self) -> float:
        """How often connections must be looked at for that, in seconds."""
        return max(_SHORTEST_TICK, min(_LONGEST_TICK, min(self) * _TICK_SHARE))


class ClientStatus(NamedTuple):
    """What a look at a connection finds.

    Instants are the event loop's. `heard_at` is when something came last, `unfinished_since` when
    the frame or header block that is not whole began. `unsent_bytes` is how much the socket does
    not take, `bodies` how much of each incomplete request is there, and `blocked` the progress of
    each stream whose answer has no room.
    """

    settings_received: bool
    heard_at: float
    unfinished_since: float | None = None
    unsent_bytes: int = 0
    bodies: Mapping[int, int] = MappingProxyType({})
    blocked: Mapping[int, Progress] = MappingProxyType({})
    overfull: bool = False


class Actions(NamedTuple):
    """What is to be done: `ended` says why the connection ends, and `lost` that nobody listens."""

    ask: bool = False
    ended: str = ""
    lost: bool = False
    late_bodies: tuple[int, ...] = ()
    stalled: tuple[int, ...] = ()


class ClientWatch:
    """Watches one connection, from look to look.

    A stream counts as stalled only once the client has answered a PING sent behind its data: what
    is still on its way to a slow client is no fault of the client.
    """

    def __init__(self, timeouts: ClientTimeouts, now: float) -> None:
        self._timeouts = timeouts
        self._made_at = now
        # The PING that waits for its answer: when it was sent, and how long that may take.
        self._asked_at: float | None = None
        self._allowed = 0.0
        self._asked_about: Mapping[int, Progress] = {}
        self._stuck: dict[int, tuple[Progress, float]] = {}
        self._bodies: dict[int, float] = {}
        self._unsent_bytes = 0
        self._written_at = now

    def answered(self, now: float) -> None:
        """Note that the client has answered the PING: it has read all that was sent before."""
        self._asked_at = None
        for stream_id, progress in self._asked_about.items():
            self._stuck.setdefault(stream_id, (progress, now))
        self._asked_about = {}

    def look(self, status: ClientStatus, now: float) -> Actions:
        """Decide on what is seen at `now`."""
        if status.unsent_bytes != self._unsent_bytes:
            self._unsent_bytes, self._written_at = status.unsent_bytes, now
        late, lost = self._overdue(status, now), self._lost(status, now)
        if late or lost:
            return Actions(ended=late or lost, lost=not late)
        stalled = self._stalled(status, now)
        return Actions(
            ask=self._must_ask(status, now),
            late_bodies=self._late_bodies(status.bodies, now),
            stalled=tuple(stalled),
        )

    def _overdue(self, status: ClientStatus, now: float) -> str:
        timeouts = self._timeouts
        if not status.settings_received and now - self._made_at >= timeouts.handshake:
            return f"no HTTP/2 settings came within {timeouts.handshake:g} s"
        begun = status.unfinished_since
        if begun is not None and now - begun >= timeouts.body:
            return f"a frame or header block did not end within {timeouts.body:g} s"
        return ""

    def _lost(self, status: ClientStatus, now: float) -> str:
        if status.unsent_bytes:
            # Nothing is read from a client that does not read: it cannot be heard, either.
            waited = now - self._written_at
            limit = self._timeouts.stalled_reader
            return f"the client has read nothing for {limit:g} s" if waited >= limit else ""
        if self._asked_at is None or status.heard_at > self._asked_at:
            return ""
        if now - max(self._asked_at, self._written_at) < self._allowed:
            return ""
        return f"the client has not answered a ping for {self._allowed:g} s"

    def _stalled(self, status: ClientStatus, now: float) -> Iterable[int]:
        blocked = status.blocked
        self._stuck = {
            stream_id: (progress, since)
            for stream_id, (progress, since) in self._stuck.items()
            if blocked.get(stream_id) == progress
        }
        timeouts = self._timeouts
        limit = timeouts.overfull if status.overfull else timeouts.stalled_reader
        return [number for number, (_, since) in self._stuck.items() if now - since >= limit]

    def _must_ask(self, status: ClientStatus, now: float) -> bool:
        if not status.settings_received or status.unsent_bytes:
            return False
        timeouts = self._timeouts
        if self._asked_at is not None:
            if now - self._asked_at < self._allowed:
                return False
            # It speaks, and does not answer: it must not gain by that.
            self.answered(now)
        if status.blocked.keys() - self._stuck.keys():
            self._asked_about, self._allowed = dict(status.blocked), timeouts.stalled_reader
        elif now - max(status.heard_at, self._written_at) >= timeouts.keepalive_time:
            self._allowed = timeouts.keepalive_timeout
        else:
            return False
        self._asked_at = now
        return True

    def _late_bodies(self, bodies: Mapping[int, int], now: float) -> tuple[int, ...]:
        self._bodies = {number: self._bodies.get(number, now) for number in bodies}
        return tuple(
            number
            for number, since in self._bodies.items()
            if now - since >= self._timeouts.body + bodies[number] / _BODY_BYTES_A_SECOND
        )
