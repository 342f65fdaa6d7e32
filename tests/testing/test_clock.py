"""The clock that a test moves."""

import asyncio
import time

import pytest

from mirastack_sdk.testing import ManualClock


def test_time_stands_still_until_advanced() -> None:
    """Reading the clock does not move it; advancing it does, by exactly that much."""
    clock = ManualClock(start=100.0)
    assert clock.monotonic() == 100.0
    clock.advance(2.5)
    assert clock.monotonic() == 102.5


def test_it_starts_at_the_present_instant() -> None:
    """A deadline made from `time.monotonic()` means the same on a new clock."""
    before = time.monotonic()
    assert before <= ManualClock().monotonic() <= time.monotonic()


def test_it_cannot_go_back() -> None:
    """A negative step is refused."""
    with pytest.raises(ValueError, match="seconds must be 0 or more, not -1"):
        ManualClock().advance(-1)


async def test_a_sleeper_wakes_when_its_time_has_come() -> None:
    """A sleep ends at its end, not before."""
    clock = ManualClock()
    sleeper = asyncio.create_task(clock.sleep(10))
    await clock.wait_for_sleepers()
    clock.advance(9.99)
    await asyncio.sleep(0)
    assert not sleeper.done()
    clock.advance(0.01)
    await asyncio.wait_for(sleeper, 1)
    assert clock.sleeping == 0


async def test_sleepers_wake_in_the_order_of_their_ends() -> None:
    """If one step ends several sleeps, the one that ends first wakes first."""
    clock = ManualClock()
    woken: list[float] = []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    async with asyncio.TaskGroup() as tasks:
        for seconds in (3, 1, 2):
            tasks.create_task(sleep(seconds))
        await clock.wait_for_sleepers(3)
        clock.advance(5)
    assert woken == [1, 2, 3]


async def test_sleeping_no_time_returns_without_the_clock() -> None:
    """A sleep of zero or less needs no advance."""
    clock = ManualClock()
    await asyncio.wait_for(clock.sleep(0), 1)
    await asyncio.wait_for(clock.sleep(-1), 1)


async def test_a_cancelled_sleeper_is_no_longer_asleep() -> None:
    """A cancelled sleep does not count, and advancing past its end has no effect."""
    clock = ManualClock()
    sleeper = asyncio.create_task(clock.sleep(1))
    await clock.wait_for_sleepers()
    sleeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeper
    assert clock.sleeping == 0
    clock.advance(2)


async def test_waiting_for_sleepers_ends() -> None:
    """If too few tasks fall asleep, the error says how many did."""
    with pytest.raises(TimeoutError, match=r"0 of 2 tasks were asleep on the clock after 0\.01 s"):
        await ManualClock().wait_for_sleepers(2, timeout=0.01)
