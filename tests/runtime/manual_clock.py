"""A clock that moves only when a test says so."""

import asyncio


class ManualClock:
    """Sleepers wake when `advance()` passes their time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self._slept = asyncio.Condition()

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, waiter))
        async with self._slept:
            self._slept.notify_all()
        await waiter

    async def asleep(self, times: int) -> None:
        """Wait until `times` sleeps have begun in all."""
        async with asyncio.timeout(10), self._slept:
            await self._slept.wait_for(lambda: len(self.sleeps) >= times)

    def advance(self, seconds: float) -> None:
        """Move time on and wake whoever has slept enough."""
        self.now += seconds
        due = [waiter for until, waiter in self._sleepers if until <= self.now]
        self._sleepers = [pair for pair in self._sleepers if pair[0] > self.now]
        for waiter in due:
            if not waiter.done():
                waiter.set_result(None)
