"""SIGINT and SIGTERM: the first asks for an end in order, the second ends the process at once."""

import asyncio
import logging
import os
import signal
import sys
import threading
from types import FrameType
from typing import Self

_LOG = logging.getLogger("mirastack_sdk.agent")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# How much longer than the grace period the process may live, whatever holds it up.
_SPARE_SECONDS = 1.0


class StopSignals:
    """Turns signals into `stop`, from entering to leaving the context.

    Handlers of Python's own, not the event loop's: those wait for a loop that an author's blocking
    code may hold up. For the same reason a thread of its own ends the process when the grace period
    has long passed.
    """

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._number: signal.Signals | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._previous: dict[signal.Signals, object] = {}
        self._guard: threading.Timer | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            _LOG.warning("signals cannot be handled outside of the main thread")
            return self
        for number in _SIGNALS:
            self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._guard is not None:
            self._guard.cancel()
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # what signal.signal has returned

    def attach(self, stop: asyncio.Event) -> None:
        """Set `stop`, an event of the running loop, at the first signal, also if it came before."""
        self._loop, self._stop = asyncio.get_running_loop(), stop
        if self._number is not None:
            stop.set()

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's signature
        number = signal.Signals(signum)
        if self._number is not None:
            _end_now(128 + signum, f"ended at once by a second signal, {number.name}")
        self._number = number
        self._guard = threading.Timer(self._grace + _SPARE_SECONDS, _give_up)
        self._guard.daemon = True
        self._guard.start()
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)


def _give_up() -> None:
    _end_now(0, "ended by force: something did not end within the grace period")


def _end_now(status: int, reason: str) -> None:
    _LOG.warning(reason)
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)
