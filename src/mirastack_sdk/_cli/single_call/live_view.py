"""What an agent does while it runs an action, shown line by line as it happens."""

import json
import logging
import math
import time
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mirastack_sdk._cli.loading.author_code import author_traceback, summary
from mirastack_sdk._cli.rendering.plain_texts import (
    compact_json,
    on_one_line,
    printable,
    seconds_text,
)
from mirastack_sdk._cli.single_call.call_report import Callback, Happenings, LogRecord
from mirastack_sdk._core.contract.progress_messages import progress_of
from mirastack_sdk._log import PREFIX
from mirastack_sdk._runtime.log_output.sdk_handler import SdkHandler
from mirastack_sdk.testing import ObservedCall

_MOST_CHARACTERS = 400
_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "cache_get": ("key",),
    "cache_get_batch": ("keys",),
    "cache_set": ("key",),
    "call_plugin": ("target_plugin", "action_id"),
    "get_kpi": ("kpi_id",),
    "list_kpis": ("kind", "layer"),
    "log_event": ("event_type",),
    "request_approval": ("description",),
}
_LIFE = frozenset({"register_plugin", "deregister_plugin", "heartbeat"})
# What each record has, or says of the only execution.
_NO_FIELDS = frozenset(
    {
        *("time", "level", "logger", "message", "exception", "stack"),
        *("execution_id", "step_id", "action", "tenant_id"),
    }
)
_LEVEL_STYLES: Mapping[str, str] = {"WARNING": "warning", "ERROR": "bad", "CRITICAL": "bad"}


class LiveView:
    """Prints each happening and keeps it for the report.

    `started` is the instant of the monotonic clock from which times are counted.
    """

    def __init__(self, console: Console, *, is_quiet: bool) -> None:
        self._console = console
        self._is_quiet = is_quiet
        self.started = math.inf
        self.happenings = Happenings()

    def start(self) -> None:
        """Count times from now on."""
        self.started = time.monotonic()

    def show_call(self, call: ObservedCall) -> None:
        """Show a call of the engine that has ended; for `LocalEngine.observe`."""
        is_of_execution = call.started >= self.started and call.method not in _LIFE
        if call.duration is None or not is_of_execution:
            return
        callback = _callback(call, self.started)
        self.happenings.callbacks.append(callback)
        if call.method == "publish_result":
            self._show_partial(call.request.get("result_json"))
        elif call.method == "log_event":
            self._show_event(call.request)
        else:
            outcome = Text(callback.outcome, "bad" if callback.error else "")
            took = seconds_text(callback.duration_ms / 1000)
            line = Text.assemble(_short(callback.subject), "  " if callback.subject else "")
            self._line(call.method, line.append_text(outcome).append(f"  {took}", "quiet"))

    def show_record(self, record: LogRecord) -> None:
        """Show a record of the agent's log."""
        self.happenings.log.append(record)
        style = _LEVEL_STYLES.get(record.level, "")
        name = f"{record.logger}: " if record.logger != "root" else ""
        fields = "".join(f" {key}={compact_json(value)}" for key, value in record.fields.items())
        text = _short(f"{name}{record.text}{fields}")
        self._line("log", Text.assemble((f"{record.level} ", style), text))
        if record.traceback and not self._is_quiet:
            self._console.print(Text(printable(record.traceback), "quiet"), soft_wrap=True)

    def show_violation(self, text: str) -> None:
        """Show a violation of the engine's contract by the agent."""
        self.happenings.violations.append(text)
        self._line("violation", Text(_short(text), "bad"))

    def _show_partial(self, value: object) -> None:
        progress = progress_of(value)
        if progress is None:
            self.happenings.partial_results.append(value)
            self._line("partial", Text(_short(compact_json(value))))
            return
        self.happenings.progress.append(progress)
        percent = "" if progress.fraction is None else f"{progress.fraction:.0%} "
        self._line("progress", Text(_short(percent + progress.message)))

    def _show_event(self, request: Mapping[str, object]) -> None:
        event = {
            "event": request.get("event_type"),
            "severity": request.get("severity"),
            "data": request.get("data_json"),
        }
        self.happenings.events.append(event)
        data = compact_json(event["data"]) if event["data"] else ""
        self._line("event", Text(_short(f"{event['event']} {data}")))

    def _line(self, kind: str, text: Text) -> None:
        if self._is_quiet:
            return
        at = seconds_text(max(time.monotonic() - self.started, 0.0))
        cells = (Text(f"{at:>8}", "quiet"), Text(kind, "name"), text)
        if not self._console.is_terminal and "\n" not in text.plain:
            # In a file, a line that is not wrapped can be searched.
            self._console.print(Text("  ").join(cells), soft_wrap=True)
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True, justify="right")
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(*cells)
        self._console.print(grid)


class LiveHandler(SdkHandler):
    """Shows the agent's log in a live view; the SDK's own lines only from WARNING on.

    The SDK removes secrets from what its handlers get.
    """

    def __init__(self, view: LiveView) -> None:
        # JSON is made of whatever a record holds.
        super().__init__("json")
        self._view = view

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record."""
        is_own = f"{record.name}.".startswith(PREFIX)
        if is_own and record.levelno < logging.WARNING:
            return
        members: dict[str, object] = json.loads(self.format(record))
        self._view.show_record(
            LogRecord(
                level=record.levelname,
                logger=record.name,
                text=str(members["message"]),
                fields={name: text for name, text in members.items() if name not in _NO_FIELDS},
                traceback=_traceback(record) or str(members.get("exception", "")),
            )
        )


def _traceback(record: logging.LogRecord) -> str:
    """The author's part of a record's traceback, if the exception is still there.

    An error of the SDK that no code of the author has raised is only its sentence.
    """
    if not isinstance(record.exc_info, tuple) or record.exc_info[1] is None:
        return ""
    error = record.exc_info[1]
    is_own = f"{type(error).__module__}.".startswith(PREFIX)
    return author_traceback(error) or (summary(error) if is_own else "")


def _callback(call: ObservedCall, started: float) -> Callback:
    subject = (call.request.get(name) for name in _SUBJECTS.get(call.method, ()))
    return Callback(
        method=call.method,
        subject=" ".join(compact_json(part) for part in subject if part),
        outcome=call.error or _outcome(call.method, call.response or {}),
        started_ms=round((call.started - started) * 1000, 3),
        duration_ms=round((call.duration or 0.0) * 1000, 3),
        request=call.request,
        response=call.response,
        error=call.error,
    )


def _outcome(method: str, response: Mapping[str, object]) -> str:
    match method, response:
        case "cache_get", {"found": found}:
            return "hit" if found else "miss"
        case "cache_get_batch", {"entries": [*entries]}:
            found = sum(1 for entry in entries if isinstance(entry, dict) and entry.get("found"))
            return f"{found} of {len(entries)} found"
        case "request_approval", {"approved": approved}:
            return "approved" if approved else "denied"
        case "call_plugin", {"success": False, **rest}:
            return f"failed: {rest.get('error', '')}"
        case _:
            return "ok"


def _short(text: str) -> str:
    return on_one_line(text, _MOST_CHARACTERS)
