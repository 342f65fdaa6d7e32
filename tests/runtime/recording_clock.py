"""A manual clock that records the length of each sleep."""

import asyncio

from mirastack_sdk.testing import ManualClock


class RecordingClock(ManualClock):
    """A clock whose `sleeps` are the seconds of every sleep, in the order they began."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeps: list[float] = []
        self._slept = asyncio.Event()
        self._looked_at = 0

    async def sleep(self, seconds: float) -> None:
        """Sleep, and record for how long."""
        self.sleeps.append(seconds)
        self._slept.set()
        await super().sleep(seconds)

    async def next_sleep_but(self, seconds: float) -> float:
        """Wait for the next sleep that is not one of `seconds`; return its length."""
        async with asyncio.timeout(10):
            while True:
                news, self._looked_at = self.sleeps[self._looked_at :], len(self.sleeps)
                found = [one for one in news if one != seconds]
                if found:
                    return found[0]
                self._slept.clear()
                await self._slept.wait()
