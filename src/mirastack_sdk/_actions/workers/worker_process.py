"""One worker process, and the agent's end of its pipe."""

import atexit
import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from weakref import WeakSet

from mirastack_sdk._actions.workers.forwarded_logs import LogLevels, write_forwarded
from mirastack_sdk._actions.workers.worker_main import end_group, work
from mirastack_sdk._actions.workers.worker_messages import (
    Answer,
    CallOrder,
    End,
    ForwardedLines,
    ForwardedProgress,
    ForwardedRecord,
    GoOn,
    Order,
    Outcome,
    Partial,
    Ready,
)
from mirastack_sdk._core.model.worker_marks import SERVED_IN_WORKER, WORKER_NAME
from mirastack_sdk.errors import WorkerError

_CHECK_SECONDS = 0.5
_END_SECONDS = 1.0

# Not fork: a child would have the agent's sockets, and locks that its threads held. Not forkserver:
# it is another process that can be lost, and the agent could not see how a worker has ended.
_SPAWN = multiprocessing.get_context("spawn")
_STARTING = threading.Lock()

type OnNote = Callable[[ForwardedProgress | ForwardedLines], None]


class WorkerProcess:
    """A process that runs one call at a time; it starts with the first.

    Not `ProcessPoolExecutor`: that fails all calls when one process ends, does not say how it
    ended, cannot end one process (before Python 3.14), and leaves its processes behind when the
    agent is killed. The pipe's end, which a worker waits for, ends it in each case.

    `exchange` and `end` block, and belong into a thread; `kill` may be called meanwhile.
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._killed = False
        self._is_ready = False
        self._is_idle = True
        self._parent_end, self._child_end = _SPAWN.Pipe()
        self._process = _SPAWN.Process(
            target=work, args=(self._child_end, LogLevels.read()), name=WORKER_NAME
        )
        _ALL.add(self)

    @property
    def is_usable(self) -> bool:
        """Whether it waits for a call."""
        with self._lock:
            return self._is_idle and not self._killed and self._process.exitcode is None

    def exchange(self, order: CallOrder | GoOn, on_note: OnNote) -> Partial | Outcome:
        """Run a call, or go on with it, up to its next partial result or to its end.

        Log records are written, and `on_note` gets the rest that comes meanwhile. Raises
        `WorkerError` if the process ends instead.
        """
        self._is_idle = False
        try:
            if not self._is_ready:
                self._start()
            self._send(order)
            answer = self._next(on_note)
        except (EOFError, OSError) as error:
            raise self._ended() from error
        self._is_idle = isinstance(answer, Outcome)
        return answer

    def kill(self) -> None:
        """End the process at once, and what it has started."""
        if os.getpid() != self._owner:
            return  # a process that the author's code has forked, and that exits
        with self._lock:
            self._killed = True
            if self._process.pid is None or self._process.exitcode is not None:
                return
            if self._is_ready:
                end_group(self._process.pid)
            self._process.kill()

    def end(self) -> None:
        """Let the process end, and kill it if it does not."""
        with contextlib.suppress(OSError):
            if self.is_usable and self._is_ready:
                self._send(End())
                self._process.join(_END_SECONDS)
        self.kill()
        if self._process.pid is not None:
            self._process.join(_END_SECONDS)
        self._parent_end.close()
        _ALL.discard(self)

    def _start(self) -> None:
        # Or it would unblock the signals that are blocked below.
        with _STARTING:
            resource_tracker.ensure_running()
            with _stop_signals_blocked():
                self._process.start()
        self._child_end.close()
        if self._killed:
            self.kill()
        self._receive()  # Ready
        self._is_ready = True
        if self._killed:
            self.kill()

    def _next(self, on_note: OnNote) -> Partial | Outcome:
        while True:
            match self._receive():
                case Partial() | Outcome() as answer:
                    return answer
                case ForwardedRecord() as record:
                    write_forwarded(record)
                case ForwardedProgress() | ForwardedLines() as note:
                    on_note(note)
                case Ready():
                    raise EOFError

    def _send(self, order: Order) -> None:
        self._parent_end.send_bytes(pickle.dumps(order, pickle.HIGHEST_PROTOCOL))

    def _receive(self) -> Answer:
        # A process that the author's code has forked may keep the pipe open.
        while not self._parent_end.poll(_CHECK_SECONDS):
            with self._lock:
                has_ended = self._process.exitcode is not None
            if has_ended and not self._parent_end.poll():
                raise EOFError
        answer: Answer = pickle.loads(self._parent_end.recv_bytes())  # noqa: S301 - from a process of our own
        return answer

    def _ended(self) -> WorkerError:
        self._process.join(_END_SECONDS)
        status = self._process.exitcode
        if status == SERVED_IN_WORKER:
            return WorkerError(
                "the agent's program serves when a worker process imports it: call serve() below "
                '`if __name__ == "__main__":`',
                reason="serves_when_imported",
            )
        if not self._is_ready:
            return WorkerError(
                f"a worker process could not start ({_describe(status)}): standard error says why",
                reason="worker_not_started",
            )
        return WorkerError(
            f"the worker process that ran the action {_describe(status)}; the next call gets "
            "another one",
            reason="worker_ended",
            retryable=True,
        )


_ALL = WeakSet[WorkerProcess]()


@atexit.register
def _kill_all() -> None:
    """Kill what is left: `multiprocessing`, whose function runs after this, would wait for it."""
    for worker in list(_ALL):
        worker.kill()


def _describe(status: int | None) -> str:
    """How a process has ended, from its exit status."""
    if status is None:
        return "has closed its connection"
    if status >= 0:
        return f"has ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    memory = ", as it is when memory runs out" if name == "SIGKILL" else ""
    return f"was ended by {name}{memory}"


def _stop_signals() -> Sequence[signal.Signals]:
    return [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@contextlib.contextmanager
def _stop_signals_blocked() -> Iterator[None]:
    """Block the signals that stop an agent, in this thread and in a process that it starts.

    The process handles them as soon as it runs the SDK's code.
    """
    if os.name == "nt":
        yield
        return
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, _stop_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)
