"""What `dev` prints, and the approvals that are decided in the terminal."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime

from rich.console import Console

from mirastack_sdk._cli.console import is_terminal
from mirastack_sdk._cli.dev.styled_lines import StyledLines
from mirastack_sdk._cli.inspector.approval_desk import (
    AlreadyDecidedError,
    ApprovalDesk,
    ApprovalRecord,
)
from mirastack_sdk._cli.inspector.log_line import LogLine
from mirastack_sdk._cli.rendering.plain_texts import on_one_line

_LEVEL_STYLES = {
    "DEBUG": "quiet",
    "INFO": "name",
    "WARNING": "warning",
    "ERROR": "bad",
    "CRITICAL": "bad",
}
_MARK = ("  │ ", "quiet")
# The page shows these lines, too; in the terminal, they would be most of what a reload prints.
_SDK = f"{__name__.partition('.')[0]}."
_ROUTINE_LEVELS = frozenset({"DEBUG", "INFO"})
# What is the same for all records of an execution, which its id stands for.
_OF_THE_CALL = frozenset({"step_id", "action", "tenant_id"})
_ID_CHARACTERS = 8
_MOST_CHARACTERS = 500
_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


class DevTerminal:
    """Prints a line for everything that happens, and the agent's log behind a mark."""

    def __init__(self, console: Console) -> None:
        self._lines = StyledLines(console)
        self.asks = console.is_terminal and is_terminal(sys.stdin)

    def say(self, subject: str, text: str, style: str = "") -> None:
        """Print one line about `subject`; further lines are indented."""
        first, *more = text.split("\n")
        self._lines.write((f"{subject:<10} ", "title"), (first, style))
        for line in more:
            self._lines.write((f"{'':<10} {line}", style))

    def log(self, line: LogLine) -> None:
        """Print a line of the agent's log, except what the SDK says at each start."""
        if not line.level:
            self._lines.write_printed(_MARK, line.text)
        elif line.level not in _ROUTINE_LEVELS or not line.logger.startswith(_SDK):
            self._write_record(line)

    def _write_record(self, line: LogLine) -> None:
        at = datetime.fromtimestamp(line.at / 1000).astimezone()
        first, *more = line.text.split("\n")
        self._lines.write(
            _MARK,
            (f"{at:%H:%M:%S} ", "quiet"),
            (f"{line.level:<7} ", _LEVEL_STYLES.get(line.level, "")),
            (first, ""),
            (_fields(line.fields), "quiet"),
        )
        for further in more:
            self._lines.write(_MARK, (f"  {further}", "quiet"))

    def show_approval(self, record: ApprovalRecord) -> None:
        """Print a request for approval, or the decision on it."""
        asked = record.asked
        if record.decision is None:
            hint = f"; type y {record.number} or n {record.number}" if self.asks else ""
            description = on_one_line(asked.description, _MOST_CHARACTERS)
            text = f"{record.number}: {description} ({asked.permission.name}){hint}"
            self.say("approval", text, "warning")
            return
        by = f" by {record.reviewer}" if record.reviewer else ""
        self.say("approval", f"{record.number}: {record.decision.replace('_', ' ')}{by}")

    @contextmanager
    def asking(self, approvals: ApprovalDesk) -> Iterator[None]:
        """Decide approvals by what is typed during the block, if this is a terminal."""
        if not self.asks:
            yield
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(sys.stdin, self._typed, approvals, lambda: loop.remove_reader(sys.stdin))
        try:
            yield
        finally:
            loop.remove_reader(sys.stdin)

    def _typed(self, approvals: ApprovalDesk, stop: Callable[[], object]) -> None:
        line = sys.stdin.readline()
        if not line:
            stop()
            return
        answer, _, number = line.strip().lower().partition(" ")
        if not answer:
            return
        waiting = list(approvals.waiting())
        chosen = [record for record in waiting if str(record.number) == number.strip()]
        match _ANSWERS.get(answer), chosen or ([] if number else waiting):
            case None, _:
                self.say("approval", f"{answer!r} is neither y nor n", "warning")
            case _, []:
                self.say("approval", "there is no such request", "warning")
            case approved, [record, *_]:
                with suppress(AlreadyDecidedError):
                    approvals.answer(record, approved=bool(approved), reviewer="terminal")
            case _:
                pass


def _fields(fields: Mapping[str, object]) -> str:
    shown = {name: value for name, value in fields.items() if name not in _OF_THE_CALL}
    if (execution_id := shown.get("execution_id")) is not None:
        shown["execution_id"] = str(execution_id)[:_ID_CHARACTERS]
    return "".join(f" {name}={value}" for name, value in shown.items())
