"""The handler that writes an agent's log to standard error."""

import contextlib
import logging
import sys

from mirastack_sdk._core.settings.log_variables import LogFormat
from mirastack_sdk._log import PREFIX
from mirastack_sdk._runtime.log_output.context_filter import ContextFilter
from mirastack_sdk._runtime.log_output.field_formatter import FieldFormatter
from mirastack_sdk._runtime.standard_streams import LineWriter, describe_dropped


class SdkHandler(logging.Handler):
    """Writes to standard error; neither a full pipe nor a closed one concerns whoever logs.

    Records name the running call.
    """

    def __init__(self, log_format: LogFormat = "text") -> None:
        super().__init__()
        self.setFormatter(_formatter(log_format))
        self.addFilter(ContextFilter())
        self._lines = LineWriter(sys.stderr, self._dropped_line)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record soon."""
        # Standard error may be closed, and an argument may have no text.
        try:
            self._lines.write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - as every handler of logging does
            self.handleError(record)

    def flush(self) -> None:
        """Wait for the lines that are not written yet, but not long."""
        self._lines.wait()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Report the error, if that is possible."""
        # logging itself raises ValueError here when standard error has been closed.
        with contextlib.suppress(Exception):
            super().handleError(record)

    def _dropped_line(self, count: int) -> str:
        """The line that says how many are missing, in the format of the others."""
        return self.format(
            logging.makeLogRecord(
                {
                    "name": f"{PREFIX}log",
                    "levelno": logging.WARNING,
                    "levelname": "WARNING",
                    "msg": describe_dropped(count),
                }
            )
        )


def _formatter(log_format: LogFormat) -> logging.Formatter:
    if log_format == "text":
        return FieldFormatter()
    from mirastack_sdk._runtime.log_output.json_formatter import JsonFormatter  # noqa: PLC0415 - for collectors only

    return JsonFormatter()


def configure_logging(level: str, *, is_set: bool, log_format: LogFormat = "text") -> None:
    """Log to standard error, unless the author has configured logging already.

    Then `level` counts for the SDK's own lines, if an operator has set it, and the author's
    handlers choose the format.
    """
    root = logging.getLogger()
    if root.handlers:
        limit_sdk_lines(level, is_set=is_set)
        return
    root.addHandler(SdkHandler(log_format))
    root.setLevel(level)


def limit_sdk_lines(level: str, *, is_set: bool) -> None:
    """Log the SDK's own lines from `level` on, if an operator has set it."""
    if is_set:
        logging.getLogger(PREFIX.rstrip(".")).setLevel(level)
