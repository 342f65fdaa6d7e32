"""Log lines that strangers cause: of each kind a few, whatever they do."""

import logging
import time

from mirastack_sdk._wire.log import Log

_SECONDS = 10.0


class SparingLog:
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
