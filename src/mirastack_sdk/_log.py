"""The SDK's log: a failure to write it never ends a call, and strangers cannot flood it."""

import contextlib
import logging
import time
from collections.abc import Mapping

PREFIX = "mirastack_sdk."
"""What the names of the SDK's loggers begin with."""

type _Raised = BaseException | bool | None


class Log(logging.LoggerAdapter[logging.Logger]):
    """One of the SDK's loggers, that never raises.

    Handlers are the author's: one may be broken, or write to a stream that has been closed.
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
        """Write a record that names its caller's place, if anybody wants it."""
        with contextlib.suppress(Exception):
            self.logger.log(level, msg, *args, exc_info=exc_info, extra=extra, stacklevel=2)


_SECONDS = 10.0


class RateLimitedLog:
    """Writes a warning of each kind at most once in ten seconds, and says how many it left out."""

    def __init__(self, logger: logging.Logger | Log) -> None:
        self._logger = logger
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def write(self, kind: str, text: str, *values: object) -> None:
        """Write a line, unless one of its kind has just been written."""
        now = time.monotonic()
        last = self._last.get(kind)
        if last is not None and now - last < _SECONDS:
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return
        self._last[kind] = now
        left_out = self._left_out.pop(kind, 0)
        more = f" ({left_out} more like it before)" if left_out else ""
        self._logger.warning("%s%s", text % values, more)
