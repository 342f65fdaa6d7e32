"""Threads for blocking functions, which end when they are not needed any more."""

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
    """Functions run one after the other, in order, including those given before it ends."""
    thread, done = SerialThread(name="in-order"), list[int]()
    last = [thread.submit(functools.partial(done.append, number)) for number in range(5)][-1]
    thread.end()
    await asyncio.wait_for(last, TIMEOUT)
    assert done == [0, 1, 2, 3, 4]


async def test_an_own_thread_goes_on_after_an_exception() -> None:
    """An exception is raised to its caller, and the thread goes on."""
    thread = SerialThread(name="goes-on")
    with pytest.raises(ZeroDivisionError):
        await thread.submit(lambda: 1 // 0)
    assert await thread.submit(lambda: 2) == 2
    thread.end()


def test_an_own_thread_ends_when_its_loop_has_closed() -> None:
    """A thread ends by itself when its loop has been closed."""
    goes_on = threading.Event()

    async def begin() -> threading.Thread:
        SerialThread(name="left").submit(lambda: goes_on.wait(TIMEOUT))
        return thread_named("left")

    thread = asyncio.run(begin())
    assert thread.is_alive()
    goes_on.set()
    thread.join(TIMEOUT)
    assert not thread.is_alive()
