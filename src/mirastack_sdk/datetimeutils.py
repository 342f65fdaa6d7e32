"""Formats of times that backends expect, from the engine's UTC epoch milliseconds.

The engine has already parsed what the user typed; an agent only formats. Every `ms` is an `int` of
UTC epoch milliseconds, negative before 1970. Any other type raises `TypeError`. A number that does
not fit into 64 bits raises `ValueError`, and so does a date outside the years 1 to 9999.
"""

import operator
import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import SupportsIndex

__all__ = [
    "format_epoch_micros",
    "format_epoch_millis",
    "format_epoch_seconds",
    "format_in_timezone",
    "format_lookback_millis",
    "format_rfc3339",
    "now_utc_ms",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT64 = range(-(2**63), 2**63)
_MILLIS_PER_SECOND = 1000
_MICROS_PER_MILLI = 1000


def format_epoch_seconds(ms: int) -> str:
    """Format as whole seconds, rounded down: `"1774973400"`. For VictoriaMetrics and Prometheus."""
    return str(_checked(ms, "ms") // _MILLIS_PER_SECOND)


def format_epoch_millis(ms: int) -> str:
    """Format as milliseconds: `"1774973400000"`. For Jaeger."""
    return str(_checked(ms, "ms"))


def format_epoch_micros(ms: int) -> str:
    """Format as microseconds: `"1774973400000000"`. For VictoriaTraces."""
    return str(_checked(ms, "ms") * _MICROS_PER_MILLI)


def format_rfc3339(ms: int) -> str:
    """Format as RFC 3339 in UTC: `"2026-04-08T00:00:00Z"`. For VictoriaLogs and REST APIs.

    Milliseconds are printed unless they are zero (`"2026-04-08T00:00:00.250Z"`), so that a range
    does not lose its last fraction of a second.
    """
    moment = _moment(_checked(ms, "ms"))
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def format_lookback_millis(start: int, end: int) -> str:
    """Format the length of the window from `start` to `end` in milliseconds: `"3600000"`.

    For parameters such as Jaeger's `lookback`. Raises `ValueError` if `end` is before `start`.
    """
    length = _checked(end, "end") - _checked(start, "start")
    if length < 0:
        raise ValueError(f"end must not be before start, got start {start} and end {end}")
    return str(length)


def format_in_timezone(ms: int, tz: str) -> str:
    """Format for people, in their time zone: `"2026-04-08 05:30:00 IST (UTC+05:30)"`.

    `tz` is an IANA name such as `TimeRange.timezone`. If it is blank or unknown, the result is in
    UTC (`"2026-04-08 00:00:00 UTC"`), since a wrong name must not fail a query.
    """
    moment = _moment(_checked(ms, "ms"))
    try:
        local = moment.astimezone(_zone(tz))
    except OverflowError:  # the offset of the zone leads out of the years 1 to 9999
        local = moment
    return f"{local.replace(tzinfo=None).isoformat(' ', 'seconds')} {_zone_label(local)}"


def now_utc_ms() -> int:
    """Return the current time in UTC epoch milliseconds."""
    return time.time_ns() // 1_000_000


def _checked(value: SupportsIndex, name: str) -> int:
    """Convert any integer type, such as numpy's, to `int`; refuse bool, float and text."""
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        raise TypeError(
            f"{name} must be an int of UTC epoch milliseconds, got {type(value).__name__}"
        )
    number = operator.index(value)
    if number not in _INT64:
        raise ValueError(f"{name} must be UTC epoch milliseconds of 64 bits, got a larger number")
    return number


def _moment(ms: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        raise ValueError(
            f"ms must be within the years 1 to 9999 as UTC epoch milliseconds, got {ms}"
        ) from None


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - it finds Python's folders, which takes time

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        # An unknown name, an absolute path, a directory, a name that is too long, not a string.
        return UTC


def _zone_label(moment: datetime) -> str:
    """`UTC`, `IST (UTC+05:30)`, or only the offset if the zone has no abbreviation."""
    abbreviation = moment.tzname() or ""
    if abbreviation == "UTC":
        return abbreviation
    offset = f"(UTC{moment:%:z})"
    return f"{abbreviation} {offset}" if abbreviation.isalpha() else offset
