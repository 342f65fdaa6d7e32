"""The parts of a log record, read without raising anything."""

import logging
import traceback
from collections.abc import Mapping

LOST = "[what cannot be shown]"
"""In place of an object of the author's that has no text."""

# Attributes of every record; any other is a field of the log line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def fields_of(record: logging.LogRecord) -> Mapping[str, object]:
    """The fields of a record: the attributes that not every record has, by name."""
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def message_of(record: logging.LogRecord) -> str:
    """The text of a record, without its arguments if they do not fit."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - the handler that formats it will report the mistake
        return text_of(record.msg)


def text_of(value: object) -> str:
    """The text of a value."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - an object of the author's
        return LOST


def exception_of(record: logging.LogRecord) -> str:
    """The traceback of a record's exception, or an empty text."""
    if record.exc_text:
        return record.exc_text
    if not isinstance(record.exc_info, tuple) or record.exc_info[1] is None:
        return ""
    try:
        return "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
    except Exception:  # noqa: BLE001 - an exception of the author's
        return LOST
