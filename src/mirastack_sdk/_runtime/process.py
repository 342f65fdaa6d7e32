"""The agent's process: its main loop, its signals and its end."""

import asyncio
import atexit
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Self

from mirastack_sdk._core.settings.event_loop_variable import EVENT_LOOP, EventLoop
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.standard_streams import write_in_time
from mirastack_sdk._runtime.stop_requests import Handler, StopRequests
from mirastack_sdk._wire.socket.forking import calling_in_children
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("agent")

type NewLoop = Callable[[], asyncio.AbstractEventLoop]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Sent when a terminal closes; Windows does not have it.
_HANGUP: signal.Signals | None = getattr(signal, "SIGHUP", None)
# How much longer than the grace period, or than its program, the process may run.
SPARE_SECONDS = 1.0
# How long writing the last log line may take.
_LAST_LOG_SECONDS = 0.5
# How many places that ask the event loop to end are logged.
_MOST_ENDINGS = 20
# How often to check whether the program has ended.
_CHECK_SECONDS = 0.1


def loop_factory(name: EventLoop) -> NewLoop | None:
    """What creates the event loop; `None` is asyncio's default, which a policy may change.

    Raises `ConfigurationError` if uvloop is not installed.
    """
    if name == "asyncio":
        return None
    try:
        import uvloop  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise ConfigurationError(
            f"{EVENT_LOOP.name}=uvloop needs uvloop, which is not installed: "
            'pip install "mirastack-agents-sdk-python[speed]"'
        ) from None
    return uvloop.new_event_loop


def run_until_done(main: Coroutine[None, None, None], new_loop: NewLoop | None = None) -> None:
    """Run `main` on a loop of its own; returns, or raises, when it has ended.

    `new_loop` creates the loop; by default, the loop is asyncio's.

    The author's tasks and callbacks share the loop. One that calls `sys.exit`, or stops the loop,
    is logged and does not end the agent; the same holds for anything else that asyncio lets
    through. `KeyboardInterrupt` cancels `main` and passes. A process that the author's code forks,
    and that returns here, ends.
    """
    runner = asyncio.Runner(loop_factory=new_loop)
    logged: set[str] = set()
    try:
        _run(runner.get_loop(), main, logged)
    finally:
        with _outliving_endings(logged):
            runner.close()


def _run(
    loop: asyncio.AbstractEventLoop, main: Coroutine[None, None, None], logged: set[str]
) -> None:
    task = loop.create_task(main, name="mirastack-agent")
    with calling_in_children(lambda: loop.call_soon(_end_returned_child)):
        while not task.done():
            with _outliving_endings(logged, task):
                loop.run_until_complete(task)
    task.result()


@contextlib.contextmanager
def _outliving_endings(logged: set[str], main: asyncio.Task[None] | None = None) -> Iterator[None]:
    """Log what asks the event loop to end, once for each place: `logged` holds those so far.

    What ends `main` is not meant.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if main is not None and main.done():
            return
        if main is not None and main.get_loop().is_closed():
            raise
        # A callback that asks again and again must not fill the log.
        if len(logged) < _MOST_ENDINGS and (place := _place_of(error)) not in logged:
            logged.add(place)
            _LOG.error(
                "something asked the event loop to end; it goes on, since only a signal ends an "
                "agent (logged once for each place)",
                exc_info=error,
            )


def _end_returned_child() -> None:
    """End a forked process before it becomes a second agent that nobody can reach or stop."""
    _log_and_end(
        1,
        "ended: this process was forked by the agent's code, which returned to the agent's event "
        "loop; end such a process with sys.exit or os._exit",
    )


def _place_of(error: BaseException) -> str:
    *_, last = traceback.walk_tb(error.__traceback__)
    frame, line = last
    return f"{frame.f_code.co_filename}:{line}"


def end_despite_threads(*, status: int = 0, spare: float = SPARE_SECONDS) -> None:
    """End the process with `status` if it still runs `spare` seconds after its program's end.

    Python waits for every thread that is not a daemon, and for those of executors, however long
    they block. The program may go on after `serve()` for as long as it likes.
    """
    watching = threading.Thread(
        target=_watch, args=(status, spare), name="mirastack-last-threads", daemon=True
    )
    try:
        watching.start()
    except RuntimeError as error:
        _LOG.warning("nothing ends the author's threads by force: %s", error)


def _watch(status: int, spare: float) -> None:
    pause, last = threading.Event(), threading.Event()
    # Python starts no threads once its program has ended.
    _start_last_resort(last, status)
    while not _program_has_ended():
        pause.wait(_CHECK_SECONDS)
    pause.wait(spare)
    names = [thread.name for thread in threading.enumerate() if not thread.daemon]
    last.set()
    _log_and_end(status, f"ended by force: threads have not ended: {', '.join(names)}")


def _program_has_ended() -> bool:
    """Whether the main thread only waits for the others."""
    main = threading.main_thread()
    if not main.is_alive():
        return True
    frame = sys._current_frames().get(main.ident or 0)  # noqa: SLF001 - documented, and the only way to another thread's place
    if frame is None:
        return False
    while frame.f_back is not None:
        frame = frame.f_back
    code = frame.f_code
    return (code.co_filename, code.co_name) == (threading.__file__, "_shutdown")


class StopSignals:
    """Turns signals into `stop`, from entering to leaving the context.

    The event loop's own handlers are not enough, because the author's code may block the loop.
    Python runs a handler in the main thread, as soon as that thread runs Python code; if the system
    delivers the signal to another thread, a main thread in a blocking system call is not woken. The
    wakeup descriptor works at once, but only until somebody, such as `loop.add_signal_handler`,
    sets another one. So both are used, and each signal counts as soon as either reports it. One
    thread reads the descriptor; another ends the process when the grace period is long over.
    Processes that the author's code forks get neither.
    """

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._previous: dict[int, Handler] = {}
        self._previous_descriptor = -1
        # Reentrant: a handler may interrupt another one in the same thread.
        self._lock = threading.RLock()
        self._handled = self._read = self._taken = 0
        self._requests = StopRequests()
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._reading, self._writing = socket.socketpair()
        self._children = contextlib.ExitStack()

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            _LOG.warning("signals cannot be handled outside of the main thread")
            return self
        self._writing.setblocking(False)
        self._previous_descriptor = signal.set_wakeup_fd(
            self._writing.fileno(), warn_on_full_buffer=False
        )
        for number in _signals():
            self._previous[number] = signal.signal(number, self._on_signal)
        for name, work in (("mirastack-signals", self._listen), ("mirastack-guard", self._guard)):
            threading.Thread(target=work, name=name, daemon=True).start()
        self._children.enter_context(calling_in_children(self._leave_child))
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._finished.set()
        self._stopping.set()
        self._children.close()
        if self._previous:
            self._requests.restore(self._previous)
            atexit.register(self._requests.ignore_repetitions)
            if signal.set_wakeup_fd(self._previous_descriptor) != self._writing.fileno():
                _LOG.debug("another wakeup descriptor had been set meanwhile")
        # Ends the reading thread: it stops at the end of the stream.
        self._writing.close()

    def _leave_child(self) -> None:
        """Leave a forked process the handlers that were there before, and no way to this one."""
        signal.set_wakeup_fd(-1)
        # A signal that has come already ends the child: Python drops what a handler raises here.
        for number in self._previous:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._previous)
        for number, handler in self._previous.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._reading.close()
        self._writing.close()

    def attach(self, stop: asyncio.Event) -> None:
        """Set `stop`, an event of the running loop, at the first signal, also if it came before."""
        self._loop, self._stop = asyncio.get_running_loop(), stop
        if self._taken:
            stop.set()

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's signature
        with self._lock:
            self._handled += 1
            self._take(signum)

    def _listen(self) -> None:
        with self._reading:
            while data := self._reading.recv(64):
                for signum in data:
                    self._on_byte(signum)

    def _on_byte(self, signum: int) -> None:
        if signum not in self._previous:
            return
        with self._lock:
            self._read += 1
            self._take(signum)

    def _take(self, signum: int) -> None:
        """Act on a signal, unless it was counted already because the other way reported it."""
        newest = max(self._handled, self._read)
        if newest == self._taken or self._finished.is_set():
            return
        self._taken = newest
        if not self._requests.is_new(signum):
            return
        if self._stopping.is_set():
            name = signal.Signals(signum).name
            _end_now(128 + signum, f"ended at once by a second signal, {name}")
        self._stopping.set()
        if self._loop is not None and self._stop is not None:
            # The loop may have closed.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)

    def _guard(self) -> None:
        self._stopping.wait()
        if not self._finished.wait(self._grace + SPARE_SECONDS):
            _end_now(0, "ended by force: something did not end within the grace period")


def _signals() -> list[signal.Signals]:
    """The signals that stop an agent: SIGHUP only if nobody ignores it, as nohup does, or handles
    it, as for a reload.
    """
    if _HANGUP is None or signal.getsignal(_HANGUP) is not signal.SIG_DFL:
        return [*_SIGNALS]
    return [*_SIGNALS, _HANGUP]


def _end_now(status: int, reason: str) -> None:
    last = threading.Event()
    last.set()
    _start_last_resort(last, status)
    _log_and_end(status, reason)


def _start_last_resort(last: threading.Event, status: int) -> None:
    """End the process soon after `last`, even if logging does not return.

    A handler of the author's may write to a full pipe, or a thread may hold a lock of logging's.
    """

    def end() -> None:
        last.wait()
        threading.Event().wait(_LAST_LOG_SECONDS)
        os._exit(status)

    threading.Thread(target=end, name="mirastack-end", daemon=True).start()


def _log_and_end(status: int, reason: str) -> None:
    _LOG.warning("%s", reason)
    logging.shutdown()
    write_in_time(sys.stdout)
    os._exit(status)
