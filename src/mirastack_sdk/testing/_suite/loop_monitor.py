"""The measurement of how long the author's code keeps the event loop from running anything else."""

import asyncio
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from types import CodeType, FrameType

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.watchdog import is_library

LIMIT_SECONDS = 0.1
"""How long one callback may keep the loop."""

_SAMPLE_SECONDS = 0.01
# The part of the limit after which it is worth looking what a callback does.
_UNSUSPICIOUS = 0.2
# What asyncio's loop calls for each callback, and for each step of a task.
_CALLBACK = asyncio.Handle._run.__code__  # noqa: SLF001 - there is no public place that each callback passes
_TOOL = "mirastack_sdk event loop"
TOOL_IDS = (3, 4, sys.monitoring.PROFILER_ID, sys.monitoring.DEBUGGER_ID)


@dataclass(slots=True)
class _Running:
    """A callback that runs: when it began, and which of the author's lines were seen in it."""

    began: float
    waited: float
    places: Counter[str] = field(default_factory=Counter)


class LoopMonitor:
    """Measures each callback of the running loop while it is entered.

    `blocks` has the seconds for each of the author's lines that kept the loop for `limit`. The time
    during which the machine ran other programs does not count, where the system tells it.
    `unexplained` counts the callbacks that took as long, and of which no line was seen: the machine
    was too busy to look, or it was no line of the author.
    """

    def __init__(self, limit: float = LIMIT_SECONDS) -> None:
        self.blocks: dict[str, float] = {}
        self.unexplained = 0
        self._limit = limit
        self._thread = threading.get_ident()
        self._running: _Running | None = None
        self._run_delay: Callable[[], float] = _no_delay
        self._stopped = threading.Event()

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """Measure during the block; does nothing where other tools use all of Python's hooks."""
        tool = next((n for n in TOOL_IDS if sys.monitoring.get_tool(n) is None), None)
        if tool is None:
            yield
            return
        sampler = threading.Thread(target=self._sample, name="mirastack-sampler", daemon=True)
        with _run_delay() as self._run_delay, _hooked(tool, self._hooks()):
            sampler.start()
            try:
                yield
            finally:
                self._stopped.set()
                sampler.join()

    def _hooks(self) -> Mapping[int, Callable[..., object]]:
        events = sys.monitoring.events
        return {events.PY_START: self._on_start, events.PY_RETURN: self._on_return}

    def _on_start(self, code: CodeType, _offset: int) -> None:
        if code is _CALLBACK and threading.get_ident() == self._thread:
            self._running = _Running(time.perf_counter(), self._run_delay())

    def _on_return(self, code: CodeType, _offset: int, _result: object) -> None:
        running = self._running
        if code is not _CALLBACK or running is None or threading.get_ident() != self._thread:
            return
        self._running = None
        seconds = time.perf_counter() - running.began
        if seconds < self._limit:
            return
        seconds -= self._run_delay() - running.waited
        if seconds < self._limit:
            return
        if not running.places:
            self.unexplained += 1
            return
        ((place, _),) = running.places.most_common(1)
        self.blocks[place] = max(seconds, self.blocks.get(place, 0.0))

    def _sample(self) -> None:
        """Look where a callback is that has run for a while, again and again."""
        while not self._stopped.wait(_SAMPLE_SECONDS):
            running = self._running
            if running is None or time.perf_counter() - running.began < self._limit * _UNSUSPICIOUS:
                continue
            frame = sys._current_frames().get(self._thread)  # noqa: SLF001 - documented, and the only way to another thread's place
            place = None if frame is None else _author_place(frame)
            if place is not None and self._running is running:
                running.places[place] += 1


def _author_place(frame: FrameType) -> str | None:
    """The innermost of the author's lines in the running callback, if there is one."""
    current: FrameType | None = frame
    while current is not None and current.f_code is not _CALLBACK:
        name = current.f_code.co_filename
        if not is_library(name):
            return f"{name}:{current.f_lineno} in {current.f_code.co_qualname}"
        current = current.f_back
    return None


@contextmanager
def _hooked(tool: int, hooks: Mapping[int, Callable[..., object]]) -> Iterator[None]:
    """Have Python call `hooks` when a callback of a loop begins and ends."""
    monitoring = sys.monitoring
    monitoring.use_tool_id(tool, _TOOL)
    try:
        for event, hook in hooks.items():
            monitoring.register_callback(tool, event, hook)
        monitoring.set_local_events(tool, _CALLBACK, sum(hooks))
        yield
    finally:
        monitoring.set_local_events(tool, _CALLBACK, 0)
        for event in hooks:
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)


@contextmanager
def _run_delay() -> Iterator[Callable[[], float]]:
    """Give a function that returns how long this thread has waited for a processor, in seconds."""
    try:
        descriptor = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
    except OSError:
        # Not Linux, or a kernel without these statistics.
        yield _no_delay
        return
    try:
        yield lambda: run_delay_in(os.pread(descriptor, 100, 0))
    finally:
        os.close(descriptor)


def run_delay_in(statistics: bytes) -> float:
    """The second number of Linux's schedstat: nanoseconds on the run queue."""
    numbers = statistics.split()
    return int(numbers[1]) / 1e9 if len(numbers) > 1 else 0.0


def _no_delay() -> float:
    return 0.0
