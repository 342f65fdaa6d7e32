"""The format of log lines for people."""

import logging

from mirastack_sdk._log import BLOCKS
from mirastack_sdk._runtime.log_output.record_parts import fields_of


class FieldFormatter(logging.Formatter):
    """Writes the time, the level, the text, and the record's extra fields as `key=value`.

    Further lines, such as those of a traceback, are indented: the text of an error may come from a
    peer, and must not look like a line of the log's own.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")
        self.default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines."""
        return "\n    ".join(super().format(record).splitlines())

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line, fields included."""
        line = super().formatMessage(record)
        fields = {name: value for name, value in fields_of(record).items() if name not in BLOCKS}
        return " ".join([line, *(f"{name}={_quoted(value)}" for name, value in fields.items())])


def _quoted(value: object) -> str:
    text = str(value)
    plain = text.isprintable() and not any(c.isspace() or c in "\"'=" for c in text)
    return text if text and plain else repr(text)
