"""The clock that only a test moves."""

import asyncio
import heapq
import itertools
import time


class ManualClock:
    """A clock that stands still until `advance()` moves it.

    It starts at `start` seconds, by default at the current `time.monotonic()`, so that deadlines
    made with either clock are comparable. Tasks that sleep on it wake when it reaches the end of
    their sleep.
    """

    def __init__(self, start: float | None = None) -> None:
        self._now = time.monotonic() if start is None else start
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._fell_asleep = asyncio.Event()

    def monotonic(self) -> float:
        """Return the clock's time in seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the time forward and wake the tasks whose sleep has ended, the earliest first.

        They run when the test next awaits. Raises `ValueError` for negative `seconds`.
        """
        if seconds < 0:
            raise ValueError(f"a clock cannot go back: seconds must be 0 or more, not {seconds!r}")
        self._now += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock has been advanced by `seconds`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        self._fell_asleep.set()
        try:
            await woken
        finally:
            woken.cancel()

    @property
    def sleeping(self) -> int:
        """The number of tasks that are asleep."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    async def wait_for_sleepers(self, count: int = 1, *, timeout: float = 5.0) -> None:
        """Wait until at least `count` tasks are asleep.

        Raises `TimeoutError` after `timeout` seconds of real time.
        """
        try:
            async with asyncio.timeout(timeout):
                while self.sleeping < count:
                    self._fell_asleep.clear()
                    await self._fell_asleep.wait()
        except TimeoutError as error:
            raise TimeoutError(
                f"{self.sleeping} of {count} tasks were asleep on the clock after {timeout} s"
            ) from error
