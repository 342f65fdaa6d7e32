"""Standard output and standard error, which may be pipes that nobody reads, or that are closed."""

import contextlib
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TextIO

# How long a write may take while the process starts, and while it ends.
_TIMEOUT_SECONDS = 0.5
_MOST_LINES = 10_000


def occupy_standard_descriptors() -> None:
    """Open the null device on each of the descriptors 0, 1 and 2 that is closed.

    Otherwise sockets would take these numbers, and what a C library or a child process writes to
    its standard output would be sent to a peer.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            _open_null_device(descriptor)


def write_in_time(stream: TextIO | None, text: str = "", seconds: float = _TIMEOUT_SECONDS) -> bool:
    """Write `text`, and what the stream still holds; return whether all was written in time.

    `None` is a stream that was closed when the process started.
    """
    if stream is None:
        return not text
    ends = time.monotonic() + seconds
    try:
        with _never_blocking(stream) as descriptor:
            written = _flushed(stream)
            while not written and _may_write(descriptor, ends - time.monotonic()):
                written = _flushed(stream)
            return written and _written(stream, descriptor, text, ends)
    except (OSError, ValueError):
        return False


def settle_standard_streams() -> None:
    """Write what standard output and standard error still hold, or drop it.

    At the end, Python itself would wait for a reader for ever, and would end with status 120 if
    there is none.
    """
    for stream, descriptor in ((sys.stdout, 1), (sys.stderr, 2)):
        if not write_in_time(stream):
            _open_null_device(descriptor)


def describe_dropped(count: int) -> str:
    """Say that `count` log lines are missing."""
    return f"{count} log lines were dropped: nobody read them"


class LineWriter:
    """Writes lines to a stream in a thread, so that a full pipe delays nobody.

    Up to 10,000 lines wait. More are dropped and counted, and `describe_dropped` gives the line
    that says how many. The thread writes to the descriptor, and not to the stream: blocked there,
    it would hold a lock that Python needs at its end.
    """

    def __init__(
        self, stream: TextIO | None, describe_dropped: Callable[[int], str] = describe_dropped
    ) -> None:
        self._stream = stream
        self._describe_dropped = describe_dropped
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """Begin without a thread and without lines, as in a process that has just been forked."""
        self._waiting: deque[str] = deque()
        self._dropped = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def write(self, line: str) -> None:
        """Write a line soon; raises what writing to a stream without a descriptor raises."""
        if self._stream is None:
            return
        try:
            descriptor = self._stream.fileno()
        except (OSError, AttributeError):
            self._stream.write(line)
            self._stream.flush()
            return
        with self._changed:
            if len(self._waiting) >= _MOST_LINES:
                self._dropped += 1
                return
            self._waiting.append(line)
            self._changed.notify_all()
            if self._thread is None and not self._start(descriptor):
                self._waiting.clear()
                write_in_time(self._stream, line)

    def _start(self, descriptor: int) -> bool:
        """Start the thread, unless the system or a Python that is ending gives none."""
        thread = threading.Thread(
            target=self._work, args=(descriptor,), name="mirastack-log", daemon=True
        )
        with contextlib.suppress(RuntimeError):
            thread.start()
            self._thread = thread
        return self._thread is not None

    def wait(self, seconds: float = _TIMEOUT_SECONDS) -> None:
        """Wait until all lines are written, but not longer than `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, seconds)

    def _work(self, descriptor: int) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                # It stays there until it is written: `wait` waits for it as well.
                line = self._waiting[0]
                if self._dropped:
                    line = f"{self._describe_dropped(self._dropped)}\n{line}"
                    self._dropped = 0
            with contextlib.suppress(OSError, ValueError):
                _write_all(descriptor, line.encode(errors="backslashreplace"))
            with self._changed:
                self._waiting.popleft()
                self._changed.notify_all()


@contextlib.contextmanager
def _never_blocking(stream: TextIO) -> Iterator[int]:
    """Make a stream raise `BlockingIOError` instead of blocking; gives its descriptor, or -1."""
    try:
        descriptor = stream.fileno()
    except (OSError, AttributeError):
        # One that somebody has put in its place.
        yield -1
        return
    was_blocking = os.get_blocking(descriptor)
    os.set_blocking(descriptor, False)
    try:
        yield descriptor
    finally:
        # Other processes may share the pipe.
        with contextlib.suppress(OSError):
            os.set_blocking(descriptor, was_blocking)


def _written(stream: TextIO, descriptor: int, text: str, ends: float) -> bool:
    """Write `text` to the descriptor: a stream's own buffer may lose part of a partial write."""
    if descriptor < 0:
        stream.write(text)
        return _flushed(stream)
    data = text.encode(stream.encoding, "backslashreplace")
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            if not _may_write(descriptor, ends - time.monotonic()):
                return False
    return True


def _flushed(stream: TextIO) -> bool:
    try:
        stream.flush()
    except BlockingIOError:
        return False
    return True


def _open_null_device(descriptor: int) -> None:
    """Let a descriptor, which child processes inherit, take everything and keep nothing."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere == descriptor:
            os.set_inheritable(descriptor, True)
        else:
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


def _may_write(descriptor: int, seconds: float | None) -> bool:
    if seconds is not None and seconds <= 0:
        return False
    return bool(select.select((), (descriptor,), (), seconds)[1])


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            _may_write(descriptor, None)
