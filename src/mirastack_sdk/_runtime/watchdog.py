"""The watchdog of the event loop: it reports code that blocks the loop, and where."""

import asyncio
import functools
import os
import sys
import threading
import traceback
from types import FrameType
from typing import Self

from mirastack_sdk._log import Log

_LOG = Log("watchdog")

_BLOCKED_SECONDS = 1.0
_CHECK_SECONDS = 0.5


class LoopWatchdog:
    """Watches the running loop from a thread while it is entered.

    A loop that is blocked for a second is reported once, with the line that blocks it: nothing else
    runs on that loop meanwhile, not even health checks.
    """

    def __init__(self, *, blocked_seconds: float = _BLOCKED_SECONDS) -> None:
        self._blocked_seconds = blocked_seconds
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mirastack-watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(_CHECK_SECONDS):
            responded = threading.Event()
            try:
                self._loop.call_soon_threadsafe(responded.set)
            except RuntimeError:
                # The loop is closed.
                return
            if not responded.wait(self._blocked_seconds):
                self._report()
                self._wait_until_over(responded)

    def _wait_until_over(self, responded: threading.Event) -> None:
        while not self._stopped.is_set() and not self._loop.is_closed():
            if responded.wait(_CHECK_SECONDS):
                return

    def _report(self) -> None:
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 - documented, and the only way to another thread's place
        if frame is None:
            return
        place = _author_place(frame)
        _LOG.warning(
            "the event loop has been blocked for more than %g s at %s: health checks and other "
            "calls wait; use async code, or a plain `def`, which runs in a thread; for long "
            'computations, use @agent.action(run_in="process")',
            self._blocked_seconds,
            place,
            extra={"place": place, "stack": "".join(traceback.format_stack(frame))},
        )


def _author_place(frame: FrameType) -> str:
    """Name the innermost line that is neither Python's own nor a library's."""
    stack = traceback.extract_stack(frame)
    own = [entry for entry in stack if not is_library(entry.filename)]
    entry = (own or stack)[-1]
    return f"{entry.filename}:{entry.lineno} in {entry.name}"


def is_library(filename: str) -> bool:
    """Whether a file belongs to Python, to an installed package or to the SDK."""
    return filename.startswith(_libraries())


@functools.cache
def _libraries() -> tuple[str, ...]:
    import sysconfig  # noqa: PLC0415 - loaded only if the loop is blocked

    paths = sysconfig.get_paths()
    folders = [paths[name] for name in ("stdlib", "platlib", "purelib")]
    this_package = os.path.dirname(os.path.dirname(__file__))
    return ("<", *(folder + os.sep for folder in (*folders, this_package)))
