"""The signals that stop a command which serves until then."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from mirastack_sdk._cli.exit_status import ExitStatus

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignal:
    """What the signals that stop a process do to a command.

    The first signal sets `event` if the command waits for that, which it says with `wait`.
    Otherwise, and with each further signal, the command is cancelled.
    """

    def __init__(self, command: asyncio.Task[object]) -> None:
        self._command = command
        self._event = asyncio.Event()
        self._is_awaited = False
        self._is_cancelled = False
        self._was_interrupted = False

    @property
    def status(self) -> ExitStatus:
        """The exit status: Ctrl-C is an interruption, and any other end is a normal one."""
        return ExitStatus.INTERRUPTED if self._was_interrupted else ExitStatus.SUCCESS

    @property
    def is_cancelled(self) -> bool:
        """Whether a signal has cancelled the command."""
        return self._is_cancelled

    async def wait(self) -> None:
        """Wait for the first signal."""
        self._is_awaited = True
        await self._event.wait()

    def receive(self, number: signal.Signals) -> None:
        """Take a signal."""
        self._was_interrupted |= number is signal.SIGINT
        if self._is_awaited and not self._event.is_set():
            self._event.set()
            return
        self._is_cancelled = True
        self._command.cancel()


@contextmanager
def stop_signal() -> Iterator[StopSignal]:
    """Take the signals that stop this process during the block, on the running loop.

    A signal that cancels the block ends it, and the code after the block runs.
    """
    loop, command = asyncio.get_running_loop(), asyncio.current_task()
    assert command is not None  # noqa: S101 - a coroutine that runs has a task
    stop = StopSignal(command)
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.receive, number)
    try:
        yield stop
    except asyncio.CancelledError:
        if not stop.is_cancelled:
            raise
        command.uncancel()
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
