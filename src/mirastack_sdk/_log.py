"""The SDK's loggers, which never raise, and a limit on warnings that peers can cause."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar

from mirastack_sdk._text import one_line, printable

PREFIX = "mirastack_sdk."
"""The prefix of the names of the SDK's loggers."""

BLOCKS = frozenset({"stack"})
"""Fields of several lines each, which are shown below the line."""

_INTERVAL = 10.0

type _Raised = BaseException | bool | None

type LoggedCall = tuple[str, str, str, str]
"""A call of the author's code: execution id, step id, action and tenant id; any may be empty."""

NO_CALL: LoggedCall = ("", "", "", "")

_FIELD_NAMES = ("execution_id", "step_id", "action", "tenant_id")
# The engine chooses them freely.
_LONGEST_FIELD = 200
_CALL: ContextVar[LoggedCall] = ContextVar("mirastack_logged_call", default=NO_CALL)

# The variable's own methods, which cost no Python call.
enter_logged_call: Callable[[LoggedCall], object] = _CALL.set
running_call: Callable[[], LoggedCall] = _CALL.get
"""Let log records of the running task, and of what it starts, name a call."""


@contextlib.contextmanager
def logged_call(call: LoggedCall) -> Iterator[None]:
    """Let log records name a call while this is entered, and in what is started meanwhile."""
    token = _CALL.set(call)
    try:
        yield
    finally:
        _CALL.reset(token)


def log_fields() -> dict[str, str]:
    """Return what identifies the running call, for your own log output.

    Of `execution_id`, `step_id`, `action` and `tenant_id`, those that the engine has sent, each in
    one line of at most 200 characters. Empty outside of a call of your code. As a processor of
    structlog, without its bridge to `logging`:

        def add_call(logger, method, event):
            return {**log_fields(), **event}
    """
    named = zip(_FIELD_NAMES, _CALL.get(), strict=True)
    return {name: one_line(value, _LONGEST_FIELD) for name, value in named if value}


class Log(logging.LoggerAdapter[logging.Logger]):
    """One of the SDK's loggers, which never raises.

    Handlers belong to the author: one may be broken, or write to a closed stream.
    """

    def __init__(self, part: str) -> None:
        super().__init__(logging.getLogger(PREFIX + part))

    def log(  # type: ignore[override] # fewer kinds of exc_info than logging takes
        self,
        level: int,
        msg: str,
        *args: object,
        exc_info: _Raised = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        """Write a record with the caller's file and line, if the level is enabled.

        Arguments and fields come from peers, too: they are written in one line, so that none looks
        like a line of the log's own.
        """
        if not self.logger.isEnabledFor(level):
            return
        with contextlib.suppress(Exception):
            self.logger.log(
                level,
                msg,
                *map(_in_one_line, args),
                exc_info=exc_info,
                extra=extra and {name: _field(name, value) for name, value in extra.items()},
                stacklevel=2,
            )


def _in_one_line(value: object) -> object:
    """A value whose text is one printable line: the value itself, if it is one already."""
    text = str(value)
    return value if text.isprintable() else printable(text)


def _field(name: str, value: object) -> object:
    return value if name in BLOCKS else _in_one_line(value)


class RateLimitedLog:
    """Writes a line of each kind at most once in ten seconds, with the number suppressed."""

    def __init__(self, logger: logging.Logger | Log) -> None:
        self._logger = logger
        self._last: dict[str, float] = {}
        self._suppressed: dict[str, int] = {}

    def write(self, kind: str, text: str, *values: object, level: int = logging.WARNING) -> None:
        """Write a line, unless one of its kind was written in the last ten seconds."""
        now = time.monotonic()
        last = self._last.get(kind)
        if last is not None and now - last < _INTERVAL:
            self._suppressed[kind] = self._suppressed.get(kind, 0) + 1
            return
        self._last[kind] = now
        suppressed = self._suppressed.pop(kind, 0)
        more = f" ({suppressed} more like it before)" if suppressed else ""
        self._logger.log(level, "%s%s", text % values, more)
