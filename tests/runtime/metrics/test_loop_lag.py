"""The lag of the event loop."""

import asyncio

from mirastack_sdk._runtime.metrics.loop_lag import LoopLag


class Instants:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Lags(asyncio.Queue[float]):
    """What was measured, as it comes."""

    async def next(self) -> float:
        async with asyncio.timeout(30):
            return round(await self.get(), 6)


async def test_a_timer_that_runs_late_is_measured() -> None:
    """The lag is what passed beyond the interval."""
    instants, lags = Instants(), Lags()
    with LoopLag(lags.put_nowait, monotonic=instants, interval=0.001):
        instants.now = 0.601
        assert await lags.next() == 0.6
        instants.now = 0.602
        assert await lags.next() == 0


async def test_a_blocked_loop_is_seen_from_outside() -> None:
    """While nothing runs on the loop, another thread can see for how long."""
    instants, lags = Instants(), Lags()
    lag = LoopLag(lags.put_nowait, monotonic=instants, interval=0.25)
    assert lag.blocked_seconds() == 0
    with lag:
        assert lag.blocked_seconds() == 0
        instants.now = 2.25
        assert lag.blocked_seconds() == 2
    assert lag.blocked_seconds() == 0


async def test_nothing_is_measured_after_the_end() -> None:
    """The timer is gone."""
    instants, lags = Instants(), Lags()
    with LoopLag(lags.put_nowait, monotonic=instants, interval=0.001):
        await lags.next()
    later = asyncio.Event()
    asyncio.get_running_loop().call_later(0.002, later.set)
    await later.wait()
    assert lags.empty()
