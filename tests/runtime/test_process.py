"""Signals to an agent, whatever its threads and its loop are doing."""

import asyncio
import os
import signal
import threading

import pytest

from mirastack_sdk._runtime import process
from mirastack_sdk._runtime.process import StopSignals

_TIMEOUT = 10.0


class Endings:
    """The statuses with which the process would have ended."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self._came = threading.Event()

    def add(self, status: int, reason: str) -> None:
        self.statuses.append(status)
        self._came.set()

    async def wait(self) -> list[int]:
        """Wait for one, without holding up the main thread."""
        await asyncio.to_thread(self._came.wait, _TIMEOUT)
        return self.statuses


@pytest.fixture
def endings(monkeypatch: pytest.MonkeyPatch) -> Endings:
    """Record the end of the process instead of ending it."""
    endings = Endings()
    monkeypatch.setattr(process, "_end_now", endings.add)
    return endings


async def _stopped(stop: asyncio.Event) -> None:
    async with asyncio.timeout(_TIMEOUT):
        await stop.wait()


def _send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_first_signal_asks_for_an_end(number: signal.Signals, endings: Endings) -> None:
    """Either signal sets the event, and the process goes on to shut down in order."""
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        _send(number)
        await _stopped(stop)
    assert endings.statuses == []


async def test_a_signal_received_in_two_ways_counts_once(endings: Endings) -> None:
    """A signal that arrives through both handler and descriptor counts once."""
    for _ in range(100):
        stop = asyncio.Event()
        with StopSignals(grace=60) as stopping:
            stopping.attach(stop)
            _send(signal.SIGTERM)
            await _stopped(stop)
    assert endings.statuses == []


async def test_a_second_signal_ends_the_process(endings: Endings) -> None:
    """It ends with the status that a shell expects of that signal."""
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        _send(signal.SIGINT)
        await _stopped(stop)
        _send(signal.SIGTERM)
        assert await endings.wait() == [128 + signal.SIGTERM]


async def test_the_same_signal_twice_at_one_moment_is_one(endings: Endings) -> None:
    """The same signal twice at once, as wrappers send it, counts once."""
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        _send(signal.SIGTERM)
        await _stopped(stop)
        _send(signal.SIGTERM)
        await asyncio.sleep(0)
    assert endings.statuses == []


async def test_the_same_signal_a_moment_later_is_a_second_one(
    endings: Endings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same signal a moment later, as with two Ctrl-C, is a second one."""
    monkeypatch.setattr(process, "_ONE_SIGNAL_SECONDS", 0.0)
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        _send(signal.SIGINT)
        await _stopped(stop)
        _send(signal.SIGINT)
        assert await endings.wait() == [128 + signal.SIGINT]


async def test_a_signal_before_the_loop_runs_is_kept(endings: Endings) -> None:
    """A signal during the start stops the agent as soon as it has started."""
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        _send(signal.SIGTERM)
        stopping.attach(stop)
        await _stopped(stop)
    assert endings.statuses == []


async def test_another_handler_on_the_loop_takes_nothing_away(endings: Endings) -> None:
    """An author's `add_signal_handler`, which sets the wakeup descriptor, does no harm."""
    stop, reload = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        loop.add_signal_handler(signal.SIGUSR1, reload.set)
        try:
            _send(signal.SIGUSR1)
            await _stopped(reload)
            _send(signal.SIGTERM)
            await _stopped(stop)
        finally:
            loop.remove_signal_handler(signal.SIGUSR1)
    assert endings.statuses == []


async def test_what_was_there_before_comes_back() -> None:
    """Signal handlers, the wakeup descriptor and threads are restored."""
    handler, threads = signal.getsignal(signal.SIGTERM), set(threading.enumerate())
    descriptor = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(descriptor)
    with StopSignals(grace=60):
        assert signal.getsignal(signal.SIGTERM) != handler
        ours = set(threading.enumerate()) - threads
    assert signal.getsignal(signal.SIGTERM) == handler
    restored = signal.set_wakeup_fd(descriptor)
    assert restored == descriptor
    for thread in ours:
        thread.join(_TIMEOUT)
    assert [thread.is_alive() for thread in ours] == [False, False]


async def test_what_outlives_the_grace_period_is_ended(endings: Endings) -> None:
    """The guard waits the grace period and a second, then ends the process."""
    stop = asyncio.Event()
    with StopSignals(grace=-0.99) as stopping:
        stopping.attach(stop)
        _send(signal.SIGTERM)
        assert await endings.wait() == [0]
