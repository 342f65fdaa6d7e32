"""The warnings of OpenTelemetry's exporters, of which each is logged once in a while."""

import logging
from collections.abc import Iterable

# How long the same warning about the collector is not repeated.
_SILENT_SECONDS = 300.0
_WARNINGS_REMEMBERED = 100
# Loggers that report a full queue, or an exporter that raised, beside the exporters' own.
_TALKATIVE = (
    "opentelemetry.sdk._shared_internal",
    "opentelemetry.sdk.trace.export",
    "opentelemetry.sdk.metrics._internal.export",
)


def limit_warnings(modules: Iterable[str]) -> None:
    """Limit what the loggers of an exporter's modules report, and what is logged of its queue."""
    for name in (*modules, *_TALKATIVE):
        logging.getLogger(name).addFilter(_ONCE_IN_A_WHILE)


class _OnceInAWhile(logging.Filter):
    """Lets a warning through once in a while.

    Exporters warn at each attempt to reach the collector: several lines every few seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        warning = (record.name, record.msg)
        if record.created - self._logged_at.get(warning, -_SILENT_SECONDS) < _SILENT_SECONDS:
            return False
        if len(self._logged_at) >= _WARNINGS_REMEMBERED:
            self._logged_at.clear()
        self._logged_at[warning] = record.created
        return True


_ONCE_IN_A_WHILE = _OnceInAWhile()
