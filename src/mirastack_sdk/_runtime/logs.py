"""Log lines with fields, on standard error."""

import contextlib
import logging
import sys
from collections.abc import Mapping
from typing import TextIO

# What every record carries; anything else on it is a field of the log line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Several lines each: shown below the line, not in it.
_BLOCKS = frozenset({"stack"})


def fields_of(record: logging.LogRecord) -> Mapping[str, object]:
    """What a record carries beside what every record does, by name."""
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class FieldFormatter(logging.Formatter):
    """Writes the time, the level, the text, and the record's extra fields as `key=value`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")
        self.default_msec_format = "%s.%03d"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line, fields included."""
        line = super().formatMessage(record)
        fields = {name: value for name, value in fields_of(record).items() if name not in _BLOCKS}
        return " ".join([line, *(f"{name}={_quoted(value)}" for name, value in fields.items())])


class SdkHandler(logging.StreamHandler[TextIO]):
    """Writes to standard error, and goes on without a word when that has been closed."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(FieldFormatter())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say what went wrong, where that can be said."""
        # logging itself raises ValueError here when standard error has been closed.
        with contextlib.suppress(Exception):
            super().handleError(record)


def configure_logging(level: str) -> None:
    """Log to standard error, unless the author has configured logging already."""
    root = logging.getLogger()
    if root.handlers:
        return
    root.addHandler(SdkHandler())
    root.setLevel(level)


def _quoted(value: object) -> str:
    text = str(value)
    return repr(text) if not text or any(c.isspace() or c in "\"'=" for c in text) else text
