"""Signals to an agent, whatever its threads and its loop are doing."""

import asyncio
import atexit
import os
import signal
import socket
import threading
from collections.abc import Iterator

import pytest

from mirastack_sdk._runtime import process, stop_requests
from mirastack_sdk._runtime.process import StopSignals

_TIMEOUT = 10.0
ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
def endings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endings]:
    """Record the end of the process instead of ending it, and restore all handlers."""
    endings = Endings()
    monkeypatch.setattr(process, "_end_now", endings.add)
    monkeypatch.setattr(atexit, "register", lambda _: None)
    before = [signal.getsignal(number) for number in ALL]
    yield endings
    for number, handler in zip(ALL, before, strict=True):
        signal.signal(number, handler)


async def _stopped(stop: asyncio.Event) -> None:
    async with asyncio.timeout(_TIMEOUT):
        await stop.wait()


def _send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", ALL)
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


@pytest.mark.parametrize(
    ("first", "second", "window"),
    [
        (signal.SIGINT, signal.SIGINT, "_ONE_SIGNAL_SECONDS"),
        (signal.SIGINT, signal.SIGTERM, "_ONE_REQUEST_SECONDS"),
        (signal.SIGTERM, signal.SIGHUP, "_ONE_REQUEST_SECONDS"),
    ],
)
async def test_a_second_signal_ends_the_process(
    first: signal.Signals,
    second: signal.Signals,
    window: str,
    endings: Endings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends with the status that a shell expects of the second signal."""
    monkeypatch.setattr(stop_requests, window, 0.0)
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        _send(first)
        await _stopped(stop)
        _send(second)
        assert await endings.wait() == [128 + second]


@pytest.mark.parametrize(
    "repeated",
    [
        [signal.SIGTERM, signal.SIGTERM],
        [signal.SIGINT, signal.SIGTERM],
        [signal.SIGTERM, signal.SIGINT],
        [signal.SIGHUP, signal.SIGTERM, signal.SIGINT],
        [signal.SIGINT, signal.SIGTERM, signal.SIGTERM, signal.SIGINT],
    ],
)
async def test_signals_of_one_stop_count_once(
    repeated: list[signal.Signals], endings: Endings
) -> None:
    """Terminals and wrappers send several signals for one stop, also once the agent has stopped."""
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        for number in repeated:
            _send(number)
        await _stopped(stop)
    for number in repeated:
        _send(number)
    assert endings.statuses == []


async def test_a_signal_counts_when_another_handler_has_replaced_ours(endings: Endings) -> None:
    """The wakeup descriptor reports it, whatever the author's handler does."""
    came: list[int] = []
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        signal.signal(signal.SIGTERM, lambda signum, _: came.append(signum))
        _send(signal.SIGTERM)
        await _stopped(stop)
    assert came == [signal.SIGTERM]
    assert endings.statuses == []


async def test_a_signal_that_the_author_handles_ends_nothing(
    endings: Endings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It passes through the wakeup descriptor too, but is not the first of two that end it."""
    monkeypatch.setattr(stop_requests, "_ONE_REQUEST_SECONDS", 0.0)
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    stop = asyncio.Event()
    try:
        with StopSignals(grace=60) as stopping:
            stopping.attach(stop)
            signal.signal(signal.SIGTERM, lambda *_: None)
            for number in (signal.SIGUSR1, signal.SIGTERM):
                _send(number)
            await _stopped(stop)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert endings.statuses == []


@pytest.mark.usefixtures("endings")
@pytest.mark.parametrize("is_replaced", [False, True])
def test_another_wakeup_descriptor_is_logged(
    caplog: pytest.LogCaptureFixture, *, is_replaced: bool
) -> None:
    """Somebody who has set one of his own meanwhile, as an event loop does, finds it gone."""
    caplog.set_level("DEBUG")
    before = signal.set_wakeup_fd(-1)
    ours, theirs = socket.socketpair()
    try:
        ours.setblocking(False)
        with ours, theirs, StopSignals(grace=60):
            if is_replaced:
                signal.set_wakeup_fd(ours.fileno())
    finally:
        signal.set_wakeup_fd(before)
    assert ("another wakeup descriptor" in caplog.text) is is_replaced


@pytest.mark.usefixtures("endings")
def test_its_threads_do_not_keep_the_process() -> None:
    """Python does not wait for them at the end."""
    with StopSignals(grace=60):
        daemons = {each.name: each.daemon for each in threading.enumerate()}
    assert daemons["mirastack-signals"] is True
    assert daemons["mirastack-guard"] is True


async def test_a_signal_after_the_stop_goes_to_the_handler_of_before(
    monkeypatch: pytest.MonkeyPatch, endings: Endings
) -> None:
    """A program that goes on after serve() has its own handlers again."""
    came: list[int] = []
    signal.signal(signal.SIGTERM, lambda signum, _: came.append(signum))
    own = signal.getsignal(signal.SIGTERM)
    stop = asyncio.Event()
    with StopSignals(grace=60) as stopping:
        stopping.attach(stop)
        _send(signal.SIGTERM)
        await _stopped(stop)
    _send(signal.SIGTERM)
    assert came == []
    monkeypatch.setattr(stop_requests, "_ONE_SIGNAL_SECONDS", 0.0)
    _send(signal.SIGTERM)
    assert came == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is own
    assert endings.statuses == []


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None])
async def test_a_hangup_that_is_ignored_or_handled_stays_so(handler: signal.Handlers) -> None:
    """Under nohup it is ignored, and an author may reload on it."""
    before = signal.signal(signal.SIGHUP, handler)
    try:
        with StopSignals(grace=60):
            assert signal.getsignal(signal.SIGHUP) is handler
        assert signal.getsignal(signal.SIGHUP) is handler
    finally:
        signal.signal(signal.SIGHUP, before)


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


def test_without_a_thread_the_program_ends_by_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that has run out of threads ends with its own status."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    process.end_despite_threads()
    assert "can't start new thread" in caplog.text
