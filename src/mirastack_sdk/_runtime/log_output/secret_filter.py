"""The filter that keeps secrets out of log records."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._core.redaction.log_redaction import hide_credentials
from mirastack_sdk._log import PREFIX
from mirastack_sdk._runtime.log_output.plain_values import Plain, PlainValues
from mirastack_sdk._runtime.log_output.record_parts import (
    LOST,
    exception_of,
    fields_of,
    message_of,
    text_of,
)
from mirastack_sdk._runtime.log_output.sdk_handler import SdkHandler


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
            message = message_of(record)
            if (shown := self._shown(message)) != message:
                yield "msg", shown
                yield "args", None
        yield from self._field_changes(record)
        if record.exc_info or record.exc_text:
            yield from self._exception_changes(record)
        if record.stack_info and (shown := self._shown(record.stack_info)) != record.stack_info:
            yield "stack_info", shown

    def _field_changes(self, record: logging.LogRecord) -> Iterator[tuple[str, object]]:
        for name, value in fields_of(record).items():
            if isinstance(value, Mapping | list | tuple | AbstractSet):
                # JSON logs show the texts in it, and not only its own.
                plain = PlainValues().value(value)
                if (hidden := self._hidden(plain)) != plain:
                    yield name, hidden
                    continue
            text = text_of(value)
            if (shown := self._shown(text)) != text or text is LOST:
                yield name, shown

    def _exception_changes(self, record: logging.LogRecord) -> Iterator[tuple[str, object]]:
        text = exception_of(record)
        if (shown := self._shown(text)) != text or text is LOST:
            yield "exc_text", shown
            yield "exc_info", None

    def _hidden(self, value: Plain) -> Plain:
        match value:
            case None | bool():
                return value
            case list():
                return [self._hidden(item) for item in value]
            case dict():
                return {self._shown(name): self._hidden(item) for name, item in value.items()}
            case _:
                text = str(value)
                return value if (shown := self._shown(text)) == text else shown

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
