"""The requests to stop, told apart from repetitions of one by several signals."""

import math
import signal
import time
from collections.abc import Callable, Mapping
from types import FrameType

# `timeout` signals a process and its group, and a parent may pass on a signal that its child has
# already got from the terminal: the same signal twice within this time counts once.
_ONE_SIGNAL_SECONDS = 0.2
# A parent that ends after a Ctrl-C sends its children SIGTERM, and a service manager sends SIGHUP
# and SIGTERM: signals of different kinds within this time are one request.
_ONE_REQUEST_SECONDS = 1.0

type Handler = Callable[[int, FrameType | None], object] | int | None
"""What `signal.signal` takes and returns."""


class StopRequests:
    """Counts the signals of one request once."""

    def __init__(self) -> None:
        # When each kind of signal came first.
        self._came: dict[int, float] = {}
        self._late_handlers: dict[int, Handler] = {}

    def is_new(self, signum: int) -> bool:
        """Whether a signal that has just come is a request of its own."""
        now = time.monotonic()
        if signum in self._came:
            return now - self._came[signum] >= _ONE_SIGNAL_SECONDS
        is_new = now - self._first >= _ONE_REQUEST_SECONDS
        self._came[signum] = now
        return is_new

    def restore(self, handlers: Mapping[int, Handler]) -> None:
        """Restore what handled signals before; repetitions of a request are still ignored.

        Otherwise one would end a program that is about to end in order.
        """
        for number, handler in handlers.items():
            # Python does not know the handlers that others have set.
            previous = signal.SIG_DFL if handler is None else handler
            late = self._late_handler(previous) if self._came else previous
            self._late_handlers[number] = late
            signal.signal(number, late)

    def ignore_repetitions(self) -> None:
        """Ignore repetitions while Python ends, when it runs no handlers any more."""
        if time.monotonic() - self._first >= _ONE_REQUEST_SECONDS:
            return
        for number, handler in self._late_handlers.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, signal.SIG_IGN)

    @property
    def _first(self) -> float:
        return min(self._came.values(), default=-math.inf)

    def _late_handler(self, previous: Handler) -> Handler:
        def handle(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's signature
            if self.is_new(signum):
                signal.signal(signum, previous)
                signal.raise_signal(signum)

        return handle
