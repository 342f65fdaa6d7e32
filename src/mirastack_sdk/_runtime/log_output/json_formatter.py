"""The format of log lines for collectors: one JSON object for each record."""

import json
import logging
import time

from mirastack_sdk._runtime.log_output.plain_values import Plain, PlainValues, free_name
from mirastack_sdk._runtime.log_output.record_parts import (
    exception_of,
    fields_of,
    message_of,
    text_of,
)
from mirastack_sdk._text import compact_json, well_formed


class JsonFormatter(logging.Formatter):
    """Writes each record as one JSON object in one line, for a handler of your own.

    The object has `time` (RFC 3339 in UTC, with milliseconds), `level`, `logger` and `message`,
    then the record's extra fields, and `exception` and `stack` if there are any. An extra field
    with one of these names gets an underscore behind it. Lists, mappings, numbers and booleans stay
    what they are; values of other types become their texts. Texts are cut after 32,768 characters,
    and the whole object after some 131,000: an exception at its beginning, anything else at its
    end. Formatting raises nothing.
    """

    def __init__(self) -> None:
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        plain = PlainValues()
        # What matters most is read first: something may be cut.
        line: dict[str, Plain] = {
            "time": _rfc3339(record.created),
            "level": plain.text(text_of(record.levelname)),
            "logger": plain.text(text_of(record.name)),
            "message": plain.text(message_of(record)),
        }
        blocks: dict[str, Plain] = {}
        if exception := exception_of(record):
            blocks["exception"] = plain.text(exception, keep_end=True)
        if record.stack_info:
            blocks["stack"] = plain.text(text_of(record.stack_info), keep_end=True)
        taken = {**line, "exception": None, **blocks}
        for name, value in fields_of(record).items():
            free = free_name(plain.text(name), taken)
            taken[free] = line[free] = plain.value(value)
        return _one_line(compact_json({**line, **blocks}))


def _rfc3339(seconds: float) -> str:
    milliseconds = int(seconds * 1000)
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{whole}.{milliseconds % 1000:03d}Z"


def _one_line(text: str) -> str:
    """JSON text in which no reader finds a line break or a character that is not printed."""
    text = well_formed(text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
