"""The age of a server's connections, decided without I/O: when each is drained and closed.

A balancer that spreads connections sends every call of a client with one connection to the same
server. Clients whose connections end now and then are spread again (gRFC A9).
"""

from collections.abc import Callable
from enum import Enum, auto

from mirastack_sdk._deferred.named_tuples import NamedTuple

# So that connections that were opened together do not end together.
_JITTER = 0.1
# A client closes a drained connection when its last call has ended. One that does not is closed
# after this time, in which it can read that call's response.
_IDLE_SECONDS = 1.0
# How long calls may take to end that were cancelled.
_CANCEL_SECONDS = 0.5


class ConnectionAge(NamedTuple):
    """How old connections become, in seconds; 0 means no limit.

    At the `maximum`, more or less a tenth of it, a connection accepts no more calls. Those that run
    have `grace` to finish.
    """

    maximum: float = 0.0
    grace: float = 0.0


class AgeStep(Enum):
    """What to do about the age of a connection."""

    NOTHING = auto()
    DRAIN = auto()
    CANCEL_CALLS = auto()
    CLOSE = auto()


class AgeWatch:
    """Decides about one connection, from check to check.

    `uniform(low, high)` returns a number between the two, as `random.uniform` does.
    """

    __slots__ = ("_cancelled_at", "_drained_at", "_due", "_grace", "_idle_since")

    def __init__(
        self, age: ConnectionAge, now: float, uniform: Callable[[float, float], float]
    ) -> None:
        self._grace = age.grace
        self._due = float("inf")
        if age.maximum:
            self._due = now + age.maximum * uniform(1 - _JITTER, 1 + _JITTER)
        self._drained_at: float | None = None
        self._idle_since: float | None = None
        self._cancelled_at: float | None = None

    def next_step(self, now: float, *, is_busy: bool) -> AgeStep:
        """Decide what to do at `now`; `is_busy` says whether calls run or may still arrive."""
        if now < self._due:
            return AgeStep.NOTHING
        if self._drained_at is None:
            self._drained_at = now
            return AgeStep.DRAIN
        if is_busy:
            self._idle_since = None
            return self._end_calls(now, self._drained_at)
        if self._idle_since is None:
            self._idle_since = now
        return AgeStep.CLOSE if now - self._idle_since >= _IDLE_SECONDS else AgeStep.NOTHING

    def _end_calls(self, now: float, drained_at: float) -> AgeStep:
        if not self._grace or now - drained_at < self._grace:
            return AgeStep.NOTHING
        if self._cancelled_at is None:
            self._cancelled_at = now
            return AgeStep.CANCEL_CALLS
        return AgeStep.CLOSE if now - self._cancelled_at >= _CANCEL_SECONDS else AgeStep.NOTHING
