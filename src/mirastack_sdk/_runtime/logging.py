"""The log: lines with fields on standard error, without secrets."""

import contextlib
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._core.redaction.log_redaction import hide_credentials
from mirastack_sdk._log import BLOCKS, PREFIX
from mirastack_sdk._runtime.standard_streams import LineWriter

_LOST = "[what cannot be shown]"
# Attributes of every record; any other is a field of the log line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class SecretFilter(logging.Filter):
    """Removes from each record the secrets that `hide` knows, tokens, and credentials in URLs.

    It looks at the text, the fields, the exception and the stack. A record without secrets stays as
    it is. Another is replaced by a copy, so that no later reader finds the secret; if an exception
    holds one, only its cleaned text is left of it.
    """

    def __init__(self, hide: Hide) -> None:
        super().__init__()
        self._hide = hide

    def filter(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the record without secrets."""
        changes = dict(self._changes(record))
        if not changes:
            return record
        shown = logging.makeLogRecord(vars(record))
        vars(shown).update(changes)
        return shown

    def _changes(self, record: logging.LogRecord) -> Iterator[tuple[str, object]]:
        # A sentence of our own without arguments holds no secret.
        if record.args or not record.name.startswith(PREFIX):
            message = _message_of(record)
            if (shown := self._shown(message)) != message:
                yield "msg", shown
                yield "args", None
        for name, value in fields_of(record).items():
            if isinstance(value, int | float):
                continue
            text = _text_of(value)
            if (shown := self._shown(text)) != text or text is _LOST:
                yield name, shown
        if record.exc_info or record.exc_text:
            yield from self._exception_changes(record)
        if record.stack_info and (shown := self._shown(record.stack_info)) != record.stack_info:
            yield "stack_info", shown

    def _exception_changes(self, record: logging.LogRecord) -> Iterator[tuple[str, object]]:
        text = record.exc_text or _traceback_of(record)
        if (shown := self._shown(text)) != text or text is _LOST:
            yield "exc_text", shown
            yield "exc_info", None

    def _shown(self, text: str) -> str:
        return hide_credentials(self._hide(text))


@contextmanager
def hiding_in_logs(hide: Hide) -> Iterator[None]:
    """Hide secrets while this is entered: in the SDK's own records, and in all records if the SDK
    has configured logging.

    Each logger gets the filter: that of a parent does not see the records of its children.
    """
    secrets = SecretFilter(hide)
    guarded = [*_sdk_loggers(), *_sdk_handlers()]
    for place in guarded:
        place.addFilter(secrets)
    try:
        yield
    finally:
        for place in guarded:
            place.removeFilter(secrets)


def _sdk_loggers() -> Sequence[logging.Logger]:
    names = list(logging.Logger.manager.loggerDict)
    own = [name for name in names if name.startswith(PREFIX)]
    # asyncio reports what the author's own tasks raise.
    return [logging.getLogger(name) for name in (*own, "asyncio")]


def _sdk_handlers() -> Sequence[logging.Handler]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, SdkHandler)]


def _message_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - the handler that formats it will report the mistake
        return _text_of(record.msg)


def _text_of(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - an object of the author's
        return _LOST


def _traceback_of(record: logging.LogRecord) -> str:
    if not isinstance(record.exc_info, tuple) or record.exc_info[1] is None:
        return ""
    try:
        return "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
    except Exception:  # noqa: BLE001 - an exception of the author's
        return _LOST


def fields_of(record: logging.LogRecord) -> Mapping[str, object]:
    """The fields of a record: the attributes that not every record has, by name."""
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


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


class SdkHandler(logging.Handler):
    """Writes to standard error; neither a full pipe nor a closed one concerns whoever logs."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(FieldFormatter())
        self._lines = LineWriter(sys.stderr)

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


def configure_logging(level: str, *, is_set: bool) -> None:
    """Log to standard error, unless the author has configured logging already.

    Then `level` counts for the SDK's own lines, if an operator has set it.
    """
    root = logging.getLogger()
    if root.handlers:
        limit_sdk_lines(level, is_set=is_set)
        return
    root.addHandler(SdkHandler())
    root.setLevel(level)


def limit_sdk_lines(level: str, *, is_set: bool) -> None:
    """Log the SDK's own lines from `level` on, if an operator has set it."""
    if is_set:
        logging.getLogger(PREFIX.rstrip(".")).setLevel(level)


def _quoted(value: object) -> str:
    text = str(value)
    plain = text.isprintable() and not any(c.isspace() or c in "\"'=" for c in text)
    return text if text and plain else repr(text)
