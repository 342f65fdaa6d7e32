"""Counts what a peer makes us do, and says when it is too much."""

from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.failures import ConnectionFailure
from mirastack_sdk._wire.http2.limits import Rate


class Budget:
    """A bucket of tokens that fills at a rate; an empty one ends the connection."""

    __slots__ = ("_burst", "_filled_at", "_per_second", "_tokens", "_what")

    def __init__(self, what: str, rate: Rate, now: float) -> None:
        self._what = what
        self._burst = rate.burst
        self._per_second = rate.per_second
        self._tokens: float = rate.burst
        self._filled_at = now

    def spend(self, now: float) -> None:
        """Take one token; raises `ConnectionFailure` (ENHANCE_YOUR_CALM) when there is none."""
        self._tokens -= 1
        if self._tokens >= 0:
            return
        # Filled only when it is empty, so that the ordinary case costs one subtraction.
        earned = (now - self._filled_at) * self._per_second
        self._filled_at = now
        self._tokens = min(float(self._burst), self._tokens + earned)
        if self._tokens < 0:
            raise ConnectionFailure(ErrorCode.ENHANCE_YOUR_CALM, f"too many {self._what}")
