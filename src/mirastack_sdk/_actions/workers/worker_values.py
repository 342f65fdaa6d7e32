"""The values by which an action in a worker process reaches the agent: its context and its logs."""

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Self, SupportsIndex

from mirastack_sdk._actions.workers.worker_messages import (
    ForwardedLines,
    ForwardedProgress,
    Note,
)
from mirastack_sdk._core.model.context import Context, Progress
from mirastack_sdk._core.model.execution import Logs
from mirastack_sdk.errors import EngineError


class CallNotes:
    """Sends what an action notes to the agent, until the call ends."""

    def __init__(self, send: Callable[[Note], None]) -> None:
        self._send = send
        self._ended = False

    def progress(self, _: Context, progress: Progress) -> None:
        """Send a report; raises `EngineError` after the call."""
        if self._ended:
            raise EngineError(
                "progress: the execution this context belongs to has ended",
                reason="execution_ended",
            )
        self._send(ForwardedProgress(progress.fraction, progress.message))

    def lines(self, start: int, lines: Iterable[str]) -> None:
        """Send lines for the response, as long as there will be one."""
        if not self._ended:
            self._send(ForwardedLines(start, tuple(lines)))

    def end(self) -> None:
        """Send nothing more."""
        self._ended = True


CURRENT_NOTES: ContextVar[CallNotes] = ContextVar("mirastack_call_notes")
"""Where the call that a worker process is running sends its notes."""


class SentLogs(Logs):
    """Log lines that reach the agent at once, so that a call which is stopped keeps them."""

    def __init__(self, lines: Iterable[str], notes: CallNotes) -> None:
        super().__init__(lines)
        self._notes = notes

    def append(self, line: str, /) -> None:
        super().append(line)
        self._notes.lines(len(self) - 1, [line])

    def extend(self, lines: Iterable[str], /) -> None:
        start = len(self)
        super().extend(lines)
        self._notes.lines(start, self[start:])

    def insert(self, index: SupportsIndex, line: str, /) -> None:
        super().insert(index, line)
        self._notes.lines(0, self)

    def __iadd__(self, lines: Iterable[str], /) -> Self:  # type: ignore[override, misc] # as list's own
        self.extend(lines)
        return self


def read_only(values: dict[object, object]) -> Mapping[object, object]:
    """A mapping that cannot be changed; its type has no name by which it could be pickled."""
    return MappingProxyType(values)


def rebuilt_context(values: dict[str, object]) -> Context:
    """The context of the call that is running, from its values."""
    return Context(**values, _note=CURRENT_NOTES.get().progress)  # type: ignore[arg-type] # the values of a Context


def rebuilt_logs(lines: list[str]) -> Logs:
    """The logs of the call that is running."""
    return SentLogs(lines, CURRENT_NOTES.get())
