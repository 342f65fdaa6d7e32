"""One timer for the deadlines of all calls of a connection."""

import asyncio
import math
from collections.abc import Callable


class DeadlineTimer:
    """Calls `on_due` with the time, when the earliest deadline has passed.

    Nearly every call ends long before its deadline. So the timer is left alone when one ends: it
    fires in vain, but seldom, and calls need no timers of their own.
    """

    __slots__ = ("_handle", "_loop", "_on_due", "due")

    def __init__(self, on_due: Callable[[float], None]) -> None:
        self.due = math.inf
        self._loop = asyncio.get_running_loop()
        self._on_due = on_due
        self._handle: asyncio.TimerHandle | None = None

    def watch(self, deadline: float) -> None:
        """Fire at a deadline, an instant of the loop's clock, unless it fires before."""
        if deadline < self.due:
            self.cancel()
            self.due = deadline
            self._handle = self._loop.call_at(deadline, self._fire)

    def cancel(self) -> None:
        """Do not fire."""
        self.due = math.inf
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fire(self) -> None:
        # A loop may fire a little early: the clock of uvloop has a resolution of 1 ms.
        now = max(self.due, self._loop.time())
        self.due, self._handle = math.inf, None
        self._on_due(now)
