"""Keepalive: when to ping a silent server, and when to give the connection up (gRFC A8)."""

import enum

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._deferred.named_tuples import NamedTuple

# Backing off beyond an hour would amount to no keepalive at all.
_MAX_INTERVAL = 3_600.0


@dataclass(slots=True, kw_only=True)
class Keepalive:
    """How long a server may be silent while calls wait, and how long it may take to answer a ping.

    In seconds. All connections of a channel share one, so that a server that complains is pinged
    less often from then on.
    """

    interval: float = 30.0
    timeout: float = 10.0

    def back_off(self) -> None:
        """Double the interval, as gRFC A8 asks for after GOAWAY "too_many_pings"."""
        self.interval = min(self.interval * 2, _MAX_INTERVAL)


class Action(enum.Enum):
    """What to do after a check of a connection."""

    REST = "rest"
    """Nothing, until a call waits again."""
    WAIT = "wait"
    PING = "ping"
    GIVE_UP = "give up"


class Step(NamedTuple):
    """What to do now, and in how many seconds to check again."""

    action: Action
    again_in: float = 0.0


class KeepaliveTimer:
    """Measures the silence on one connection; times are instants of any monotonic clock.

    Pings are at least an interval apart, and only sent after as much silence: grpc-go counts pings
    without other traffic, and closes the connection at the third (gRFC A8, "too_many_pings").
    """

    def __init__(self, keepalive: Keepalive) -> None:
        self._keepalive = keepalive
        self._pinged_at: float | None = None
        self._next_ping = float("-inf")

    def check(
        self, now: float, *, heard_at: float, waiting_since: float | None, in_doubt: bool = False
    ) -> Step:
        """Decide on the silence since `heard_at`.

        `waiting_since` is when the oldest waiting call was made, `None` if none waits. `in_doubt`
        says that a call has just expired in silence, so there is no reason to wait longer.
        """
        if self._pinged_at is not None:
            # An answer may come in the same instant: uvloop's clock has a resolution of 1 ms.
            if heard_at < self._pinged_at:
                left = self._pinged_at + self._keepalive.timeout - now
                return Step(Action.WAIT, left) if left > 0 else Step(Action.GIVE_UP)
            self._pinged_at = None
        due = self._next_ping
        if not in_doubt:
            if waiting_since is None:
                return Step(Action.REST)
            due = max(due, max(heard_at, waiting_since) + self._keepalive.interval)
        if now < due:
            return Step(Action.WAIT, due - now) if waiting_since is not None else Step(Action.REST)
        self._pinged_at = now
        self._next_ping = now + self._keepalive.interval
        return Step(Action.PING, self._keepalive.timeout)
