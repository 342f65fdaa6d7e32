"""Times as backends expect them, with the published SDK's values.

Every `epoch_ms` is UTC epoch milliseconds. Where the values differ from those of
`mirastack_sdk.datetimeutils`, the docstrings say so. A date outside the years 1 to 9999 raises
`ValueError`.
"""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = [
    "format_custom",
    "format_date",
    "format_datetime",
    "format_epoch_micros",
    "format_epoch_millis",
    "format_epoch_nanos",
    "format_epoch_seconds",
    "format_in_timezone",
    "format_lookback_millis",
    "format_rfc3339",
    "format_rfc3339_nano",
    "from_datetime",
    "now_utc_ms",
    "to_datetime",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def format_epoch_seconds(epoch_ms: int) -> str:
    """`"1774973400.999"`: seconds with three digits; `mirastack_sdk` has whole seconds."""
    sign, absolute = ("-" if epoch_ms < 0 else ""), abs(epoch_ms)
    return f"{sign}{absolute // 1000}.{absolute % 1000:03}"


def format_epoch_millis(epoch_ms: int) -> str:
    """`"1774973400999"`: milliseconds."""
    return str(epoch_ms)


def format_epoch_micros(epoch_ms: int) -> str:
    """`"1774973400999000"`: microseconds."""
    return str(epoch_ms * 1_000)


def format_epoch_nanos(epoch_ms: int) -> str:
    """`"1774973400999000000"`: nanoseconds."""
    return str(epoch_ms * 1_000_000)


def format_rfc3339(epoch_ms: int) -> str:
    """`"2026-03-31T16:10:00Z"`, rounded down; `mirastack_sdk` keeps the milliseconds."""
    return _naive(epoch_ms).isoformat(timespec="seconds") + "Z"


def format_rfc3339_nano(epoch_ms: int) -> str:
    """`"2026-03-31T16:10:00.999Z"`: always three digits."""
    return _naive(epoch_ms).isoformat(timespec="milliseconds") + "Z"


def format_date(epoch_ms: int) -> str:
    """`"2026-03-31"`: the date in UTC."""
    return _naive(epoch_ms).date().isoformat()


def format_datetime(epoch_ms: int) -> str:
    """`"2026-03-31 16:10:00"`: the date and time in UTC."""
    return _naive(epoch_ms).isoformat(" ", "seconds")


def format_custom(epoch_ms: int, fmt: str) -> str:
    """The time in UTC, written with `fmt` as `datetime.strftime` does."""
    return to_datetime(epoch_ms).strftime(fmt)


def format_in_timezone(epoch_ms: int, timezone: str) -> str:
    """`"2026-03-31T21:40:00+05:30"`: the time in a zone with an IANA name.

    `mirastack_sdk` writes it for people. Raises `zoneinfo.ZoneInfoNotFoundError`, a `KeyError`, for
    an unknown zone, `ValueError` for a name that is empty or a path.
    """
    if not timezone:
        raise ValueError('timezone must be an IANA name such as "Asia/Kolkata", got ""')
    return to_datetime(epoch_ms).astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")


def format_lookback_millis(start_ms: int, end_ms: int) -> str:
    """The milliseconds from start to end; negative where `mirastack_sdk` raises `ValueError`."""
    return str(end_ms - start_ms)


def to_datetime(epoch_ms: int) -> datetime:
    """The time as an aware datetime in UTC."""
    try:
        return _EPOCH + epoch_ms * _MILLISECOND
    except OverflowError:
        raise ValueError(
            f"epoch_ms must be within the years 1 to 9999 as UTC epoch milliseconds, got {epoch_ms}"
        ) from None


def from_datetime(moment: datetime) -> int:
    """The UTC epoch milliseconds of a datetime; a naive one is in local time."""
    microseconds = (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    # Towards zero, as int() does.
    return microseconds // 1000 if microseconds >= 0 else -(-microseconds // 1000)


def now_utc_ms() -> int:
    """The current time in UTC epoch milliseconds."""
    return time.time_ns() // 1_000_000


def _naive(epoch_ms: int) -> datetime:
    return to_datetime(epoch_ms).replace(tzinfo=None)
