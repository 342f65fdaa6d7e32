"""Google's Timestamp and Duration as Python's datetime and timedelta.

Both count seconds and nanoseconds. Python has no nanoseconds, so what is left of a microsecond is
dropped when they are read: a time becomes earlier, a span shorter, as in Google's library.
"""

from datetime import UTC, datetime, timedelta

from mirastack_sdk._wire.codec.checks import wrong_type
from mirastack_sdk.errors import DecodeError, EncodeError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a Timestamp without fields."""

NO_TIME = timedelta()
"""The span of a Duration without fields."""

_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_NANOS = 10**9

# timestamp.proto and duration.proto: from year 1 to 9999, and ten thousand years either way.
_FIRST_SECOND = -62_135_596_800
_LAST_SECOND = 253_402_300_799
_LONGEST_SECONDS = 315_576_000_000


def time_parts(value: object, where: str) -> tuple[int, int]:
    """Return a datetime's seconds and nanoseconds since 1970; it must have a time zone."""
    if not isinstance(value, datetime):
        raise wrong_type(where, "datetime", value)
    if value.utcoffset() is None:
        raise EncodeError(f"{where}: expected a datetime with a time zone, got one without")
    seconds, rest = divmod(value - EPOCH, _SECOND)
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise EncodeError(f"{where}: expected a datetime from year 1 to 9999 in UTC")
    return seconds, rest.microseconds * 1000


def span_parts(value: object, where: str) -> tuple[int, int]:
    """Return a timedelta's seconds and nanoseconds, neither of them of the other's sign."""
    if not isinstance(value, timedelta):
        raise wrong_type(where, "timedelta", value)
    seconds, microseconds = divmod(abs(value) // _MICROSECOND, 10**6)
    if seconds > _LONGEST_SECONDS:
        raise EncodeError(f"{where}: expected a timedelta of at most {_LONGEST_SECONDS} seconds")
    sign = -1 if value < NO_TIME else 1
    return sign * seconds, sign * microseconds * 1000


def time_of(seconds: int, nanos: int) -> datetime:
    """Return the datetime in UTC for a Timestamp; raises DecodeError for an invalid one."""
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND or not 0 <= nanos < _NANOS:
        raise DecodeError(
            f"expected a Timestamp from year 1 to 9999, got {seconds} seconds and {nanos} nanos"
        )
    return EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)


def span_of(seconds: int, nanos: int) -> timedelta:
    """Return the timedelta for a Duration; raises DecodeError for an invalid one."""
    if abs(seconds) > _LONGEST_SECONDS or abs(nanos) >= _NANOS or seconds * nanos < 0:
        raise DecodeError(
            f"expected a Duration of at most {_LONGEST_SECONDS} seconds either way, got {seconds} "
            f"seconds and {nanos} nanos"
        )
    microseconds = abs(nanos) // 1000
    return timedelta(seconds=seconds, microseconds=-microseconds if nanos < 0 else microseconds)
