"""Times as backends expect them, from the engine's UTC epoch milliseconds.

The engine has parsed what the user typed; an agent only formats. Every `ms` is an `int` of UTC
epoch milliseconds, negative before 1970: `TypeError` for anything else, `ValueError` for one that
does not fit into 64 bits, or into the years 1 to 9999 where a date is printed.
"""

import operator
import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import SupportsIndex
from zoneinfo import ZoneInfo

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
    """`"1774973400"`: whole seconds, rounded down. For VictoriaMetrics and Prometheus."""
    return str(_checked(ms, "ms") // _MILLIS_PER_SECOND)


def format_epoch_millis(ms: int) -> str:
    """`"1774973400000"`: milliseconds. For Jaeger."""
    return str(_checked(ms, "ms"))


def format_epoch_micros(ms: int) -> str:
    """`"1774973400000000"`: microseconds. For VictoriaTraces."""
    return str(_checked(ms, "ms") * _MICROS_PER_MILLI)


def format_rfc3339(ms: int) -> str:
    """`"2026-04-08T00:00:00Z"`: a date and time in UTC. For VictoriaLogs and REST APIs.

    Milliseconds appear where there are any (`"2026-04-08T00:00:00.250Z"`), so that a range does
    not lose its last fraction of a second.
    """
    moment = _moment(_checked(ms, "ms"))
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def format_lookback_millis(start: int, end: int) -> str:
    """`"3600000"`: how long the window from `start` to `end` is, in milliseconds.

    Text like the others, because backends take it as a parameter (Jaeger's `lookback`). Raises
    `ValueError` when the window ends before it starts.
    """
    length = _checked(end, "end") - _checked(start, "start")
    if length < 0:
        raise ValueError(f"end must not be before start, got start {start} and end {end}")
    return str(length)


def format_in_timezone(ms: int, tz: str) -> str:
    """`"2026-04-08 05:30:00 IST (UTC+05:30)"`: for people to read.

    `tz` is an IANA name such as `TimeRange.timezone`. Where it is blank or unknown the time is
    UTC's and says so (`"2026-04-08 00:00:00 UTC"`): a wrong name must not fail a query.
    """
    moment = _moment(_checked(ms, "ms"))
    try:
        local = moment.astimezone(_zone(tz))
    except OverflowError:  # the zone's offset leads out of the years 1 to 9999
        local = moment
    return f"{local.replace(tzinfo=None).isoformat(' ', 'seconds')} {_zone_label(local)}"


def now_utc_ms() -> int:
    """The current time."""
    return time.time_ns() // 1_000_000


def _checked(value: SupportsIndex, name: str) -> int:
    """The int that `value` is, such as one of numpy's; no bool, float or text."""
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
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        # Unknown, not a relative path, a directory or too long, no text.
        return UTC


def _zone_label(moment: datetime) -> str:
    """`UTC`, `IST (UTC+05:30)`, or the offset alone where the zone has no abbreviation."""
    abbreviation = moment.tzname() or ""
    if abbreviation == "UTC":
        return abbreviation
    offset = f"(UTC{moment:%:z})"
    return f"{abbreviation} {offset}" if abbreviation.isalpha() else offset
