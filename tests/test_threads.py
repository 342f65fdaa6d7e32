"""Blocking functions run in threads, which end when nobody needs them any more."""

import asyncio
import functools
import threading

import pytest

from mirastack_sdk._threads import SerialThread

TIMEOUT = 10.0


def thread_named(name: str) -> threading.Thread:
    """The one thread of a name."""
    (found,) = (thread for thread in threading.enumerate() if thread.name == name)
    return found


async def test_an_own_thread_keeps_the_order() -> None:
    """What it is given is carried out one after the other, also what is given before it ends."""
    thread, done = SerialThread(name="in-order"), list[int]()
    last = [thread.submit(functools.partial(done.append, number)) for number in range(5)][-1]
    thread.end()
    await asyncio.wait_for(last, TIMEOUT)
    assert done == [0, 1, 2, 3, 4]


async def test_an_own_thread_goes_on_after_an_exception() -> None:
    """It is raised to whoever waits for it."""
    thread = SerialThread(name="goes-on")
    with pytest.raises(ZeroDivisionError):
        await thread.submit(lambda: 1 // 0)
    assert await thread.submit(lambda: 2) == 2
    thread.end()


def test_an_own_thread_ends_when_its_loop_has_closed() -> None:
    """There is nobody left who could end it."""
    goes_on = threading.Event()

    async def begin() -> threading.Thread:
        SerialThread(name="left").submit(lambda: goes_on.wait(TIMEOUT))
        return thread_named("left")

    thread = asyncio.run(begin())
    assert thread.is_alive()
    goes_on.set()
    thread.join(TIMEOUT)
    assert not thread.is_alive()
