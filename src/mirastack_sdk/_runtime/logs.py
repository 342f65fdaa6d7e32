"""Log lines with fields, on standard error."""

import logging
import sys

# What every record carries; anything else on it is a field of the log line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Several lines each: shown below the line, not in it.
_BLOCKS = frozenset({"stack"})


class FieldFormatter(logging.Formatter):
    """Writes the time, the level, the text, and the record's extra fields as `key=value`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")
        self.default_msec_format = "%s.%03d"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line, fields included."""
        line = super().formatMessage(record)
        fields = {
            name: value
            for name, value in vars(record).items()
            if name not in _STANDARD and name not in _BLOCKS
        }
        return " ".join([line, *(f"{name}={_quoted(value)}" for name, value in fields.items())])


def configure_logging(level: str) -> None:
    """Log to standard error, unless the author has configured logging already."""
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FieldFormatter())
    root.addHandler(handler)
    root.setLevel(level)


def _quoted(value: object) -> str:
    text = str(value)
    return repr(text) if not text or any(c.isspace() or c in "\"'=" for c in text) else text
