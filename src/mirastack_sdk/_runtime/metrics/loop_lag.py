"""The lag of the event loop: how much later than planned it runs what is due."""

import asyncio
import time
from collections.abc import Callable
from typing import Self

INTERVAL = 0.25
"""Seconds between two measurements."""


class LoopLag:
    """Measures the running loop while it is entered; `observe` is called with each lag, in seconds.

    A timer that is due every quarter of a second costs an idle agent nothing that counts, and finds
    whatever blocks the loop for longer.
    """

    def __init__(
        self,
        observe: Callable[[float], object],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        interval: float = INTERVAL,
    ) -> None:
        self._observe = observe
        self._monotonic = monotonic
        self._interval = interval
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def blocked_seconds(self) -> float:
        """How long the loop has not run what is due; any thread may ask."""
        due = self._due
        return 0.0 if due is None else max(0.0, self._monotonic() - due)

    def __enter__(self) -> Self:
        self._schedule()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = None

    def _schedule(self) -> None:
        self._due = self._monotonic() + self._interval
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._measure)

    def _measure(self) -> None:
        self._observe(self.blocked_seconds())
        self._schedule()
