"""The SDK's loggers, which never raise, and a limit on warnings that peers can cause."""

import contextlib
import logging
import time
from collections.abc import Mapping

from mirastack_sdk._text import printable

PREFIX = "mirastack_sdk."
"""The prefix of the names of the SDK's loggers."""

BLOCKS = frozenset({"stack"})
"""Fields of several lines each, which are shown below the line."""

_INTERVAL = 10.0

type _Raised = BaseException | bool | None


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
