"""When the next connection may be tried: at once, then ever more seldom while none comes about."""

from collections.abc import Callable

_FIRST_DELAY = 1.0
_GROWTH = 1.6
_LONGEST_DELAY = 30.0
# Only less: recovery must not wait longer than the delay says.
_JITTER = 0.2


class ReconnectPace:
    """The time between attempts: the second comes at once, then 1 s, growing by 1.6 to 30 s.

    `uniform(low, high)` picks a number between the two, as `random.uniform` does. Times are
    instants of any steady clock, in seconds.
    """

    def __init__(self, uniform: Callable[[float, float], float]) -> None:
        self._uniform = uniform
        self._delay = 0.0
        self._closed_until = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until an attempt may be made; 0 means now."""
        return max(0.0, self._closed_until - now)

    def failed(self, now: float) -> None:
        """Take note of an attempt that led to nothing."""
        self._closed_until = now + self._uniform(self._delay * (1 - _JITTER), self._delay)
        grown = self._delay * _GROWTH if self._delay else _FIRST_DELAY
        self._delay = min(grown, _LONGEST_DELAY)

    def succeeded(self) -> None:
        """Take note of a connection that has served: the next failure is the first."""
        self._delay = 0.0
        self._closed_until = float("-inf")

    def allow(self) -> None:
        """Let the next attempt be made now; should it fail, the delay goes on growing."""
        self._closed_until = float("-inf")
