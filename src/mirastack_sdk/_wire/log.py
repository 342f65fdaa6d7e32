"""Where the SDK writes its log: nothing that goes wrong there may end a call."""

import contextlib
import logging
from collections.abc import Mapping

__all__ = ["PREFIX", "Log"]

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
