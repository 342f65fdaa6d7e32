"""The SDK's loggers, which never raise, and a limit on warnings that peers can cause."""

import contextlib
import logging
import time
from collections.abc import Mapping

PREFIX = "mirastack_sdk."
"""The prefix of the names of the SDK's loggers."""

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
        """Write a record with the caller's file and line, if the level is enabled."""
        with contextlib.suppress(Exception):
            self.logger.log(level, msg, *args, exc_info=exc_info, extra=extra, stacklevel=2)


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
