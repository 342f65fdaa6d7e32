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
        self._logs = list[SentLogs]()
        self._ended = False

    def progress(self, _: Context, progress: Progress) -> None:
        """Send a report; raises `EngineError` after the call."""
        if self._ended:
            raise EngineError(
                "progress: the execution this context belongs to has ended",
                reason="execution_ended",
            )
        self._send(ForwardedProgress(progress.fraction, progress.message))

    def logs(self, lines: Iterable[str]) -> Logs:
        """Logs that begin with these lines, and whose changes are sent."""
        made = SentLogs(lines, self)
        self._logs.append(made)
        return made

    def lines(self, start: int, lines: Iterable[str]) -> None:
        """Send lines for the response, as long as there will be one."""
        if not self._ended:
            self._send(ForwardedLines(start, tuple(lines)))

    def end(self) -> None:
        """Send what is left, and then nothing more."""
        for logs in self._logs:
            logs.send_rest()
        self._ended = True


CURRENT_NOTES: ContextVar[CallNotes] = ContextVar("mirastack_call_notes")
"""Where the call that a worker process is running sends its notes."""


class SentLogs(Logs):
    """Log lines that reach the agent.

    New ones do so at once, so that a call which is stopped keeps them. What else is done to the
    list shows when the call ends.
    """

    def __init__(self, lines: Iterable[str], notes: CallNotes) -> None:
        super().__init__(lines)
        self._notes = notes
        self._sent = list(self)

    def append(self, line: str, /) -> None:
        super().append(line)
        self._send_from(len(self) - 1)

    def extend(self, lines: Iterable[str], /) -> None:
        start = len(self)
        super().extend(lines)
        self._send_from(start)

    def insert(self, index: SupportsIndex, line: str, /) -> None:
        super().insert(index, line)
        self._send_from(0)

    def __iadd__(self, lines: Iterable[str], /) -> Self:  # type: ignore[override, misc] # as list's own
        self.extend(lines)
        return self

    def send_rest(self) -> None:
        """Send the lines if the agent has others."""
        if self._sent != self:
            self._send_from(0)

    def _send_from(self, start: int) -> None:
        lines = self[start:]
        self._sent[start:] = lines
        self._notes.lines(start, lines)


def read_only(values: dict[object, object]) -> Mapping[object, object]:
    """A mapping that cannot be changed; its type has no name by which it could be pickled."""
    return MappingProxyType(values)


def rebuilt_context(values: dict[str, object]) -> Context:
    """The context of the call that is running, from its values."""
    return Context(**values, _note=CURRENT_NOTES.get().progress)  # type: ignore[arg-type] # the values of a Context


def rebuilt_logs(lines: list[str]) -> Logs:
    """The logs of the call that is running."""
    return CURRENT_NOTES.get().logs(lines)
