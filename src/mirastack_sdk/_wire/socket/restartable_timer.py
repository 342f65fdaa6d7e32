"""A timer that can be set again before it fires."""

import asyncio
from collections.abc import Callable


class RestartableTimer:
    """Calls back once, unless it is cancelled or set again before that."""

    __slots__ = ("_handle",)

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None

    def start(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call `callback` in so many seconds, instead of what was set before."""
        self.cancel()
        self._handle = asyncio.get_running_loop().call_later(seconds, callback)

    def cancel(self) -> None:
        """Call nothing."""
        if self._handle is not None:
            self._handle.cancel()
