"""Time, behind a seam: the only module that waits for it."""

import asyncio
import time
from abc import abstractmethod
from typing import Protocol


class Clock(Protocol):
    """Tells and awaits time; tests bring their own."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds since some fixed instant."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait; ends early only when cancelled."""


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed instant."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        await asyncio.sleep(seconds)
