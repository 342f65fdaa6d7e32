"""The clock: the only module that sleeps."""

import asyncio
import time
from abc import abstractmethod
from typing import Protocol


class Clock(Protocol):
    """Measures time and sleeps; tests bring their own."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds since some fixed instant."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait; ends early only when cancelled."""


class SystemClock:
    """The machine's clock."""

    monotonic = staticmethod(time.monotonic)

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        await asyncio.sleep(seconds)


async def sleep_until(clock: Clock, seconds: float, *events: asyncio.Event) -> bool:
    """Wait for `seconds`, or until one of `events` is set; say whether one was."""
    sleep = asyncio.ensure_future(clock.sleep(seconds))
    others = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait((sleep, *others), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in (sleep, *others):
            waiter.cancel()
    return any(other in done for other in others)
