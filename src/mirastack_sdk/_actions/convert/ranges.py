"""Time ranges with a fallback: the parameters `start` and `end`, or the last minutes."""

import re
import time
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta, tzinfo

from mirastack_sdk._actions.convert.parameter_errors import ParameterError, preview
from mirastack_sdk._actions.convert.scalars import read_datetime, read_formatted
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._deferred.dataclasses import dataclass

_UNITS: tuple[tuple[str, int], ...] = (
    ("day", 86_400_000),
    ("hour", 3_600_000),
    ("minute", 60_000),
    ("second", 1_000),
)
_LONGEST = 50 * 365 * 86_400_000
"""In milliseconds; times before 1970 are none for the engine."""

_RELATIVE = re.compile(
    r"(?:now)(?P<offset>\s*[+-]\s*\d.*)?|(?P<alone>-\s*\d+(?:\.\d+)?\s*[a-z].*)", re.IGNORECASE
)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrLast:
    """Gives a `TimeRange` parameter a fallback: `Annotated[TimeRange, OrLast(minutes=30)]`.

    The parameter is the engine's time range if the request has one. Otherwise it is made from the
    parameters `start` and `end`, each a date and time, seconds or milliseconds since 1970, or
    relative to now, such as `-1h` or `now-30m`; `end` defaults to now. Otherwise it is the last
    `days`, `hours`, `minutes` and `seconds` together. Raises `ValueError` if these are zero,
    negative or more than 50 years, `TypeError` if they are not whole.
    """

    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0
    milliseconds: int = field(init=False)

    def __post_init__(self) -> None:
        """Add up the units."""
        amounts = (self.days, self.hours, self.minutes, self.seconds)
        if not all(isinstance(amount, int) for amount in amounts):
            raise TypeError("the units of a time range are whole numbers: OrLast(minutes=30)")
        total = sum(amount * size for amount, (_, size) in zip(amounts, _UNITS, strict=True))
        if total <= 0 or min(amounts) < 0:
            raise ValueError("a time range must be longer than zero: OrLast(minutes=30)")
        if total > _LONGEST:
            raise ValueError("a time range cannot be longer than 50 years: OrLast(minutes=30)")
        object.__setattr__(self, "milliseconds", total)


def last_range(*, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> TimeRange:
    """A time range that ends now, for use where a request may have none.

    `time_range or last_range(minutes=30)`. Raises `ValueError` if the length is zero or negative.
    """
    return _last(OrLast(days=days, hours=hours, minutes=minutes, seconds=seconds), _now())


def range_or_last(
    given: TimeRange | None, params: Mapping[str, str], fallback: OrLast
) -> TimeRange:
    """The time range of a request; raises `ParameterError` for an invalid `start` or `end`."""
    if given is not None and given.start_epoch_ms > 0:
        return given
    written = {name: params[name] for name in ("start", "end") if params.get(name, "").strip()}
    if not written:
        return _last(fallback, _now())
    now = _now()
    moments = {name: epoch_ms(text, now) for name, text in written.items()}
    wrong = [
        f"{name}: expected a time such as 2026-04-08T12:00:00Z or -1h, got {preview(text)}"
        for name, text in written.items()
        if moments[name] is None
    ]
    if wrong:
        raise ParameterError(wrong)
    end = moments.get("end")
    end = now if end is None else end
    start = moments.get("start")
    start = end - fallback.milliseconds if start is None else start
    if start >= end:
        raise ParameterError([f"start must be before end, got {preview(params.get('start', ''))}"])
    expression = " to ".join((written.get("start", "start"), written.get("end", "now")))
    return TimeRange(start, end, "UTC", expression)


def _last(fallback: OrLast, now: int) -> TimeRange:
    amounts = (fallback.days, fallback.hours, fallback.minutes, fallback.seconds)
    words = [
        f"{amount} {unit}{'' if amount == 1 else 's'}"
        for amount, (unit, _) in zip(amounts, _UNITS, strict=True)
        if amount
    ]
    return TimeRange(now - fallback.milliseconds, now, "UTC", f"last {' '.join(words)}")


def epoch_ms(text: str, now: int, zone: tzinfo = UTC) -> int | None:
    """The moment that a text names: absolute, or relative to `now`, as operators write it.

    Moments are in milliseconds since 1970; a date and time without an offset is in `zone`. `None`
    if the text names no moment.
    """
    if relative := _RELATIVE.fullmatch(text.strip()):
        offset = relative["offset"] or relative["alone"]
        duration = read_formatted(offset.replace(" ", ""), "duration") if offset else timedelta(0)
        return now + round(duration / _MILLISECOND) if isinstance(duration, timedelta) else None
    moment = read_datetime(text.strip(), zone)
    return round(moment.timestamp() * 1000) if isinstance(moment, datetime) else None


def _now() -> int:
    return time.time_ns() // 1_000_000
