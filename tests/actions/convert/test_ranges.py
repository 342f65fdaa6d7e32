"""Time ranges fall back to the parameters, then to the last minutes."""

import time

import pytest

from mirastack_sdk._actions.convert.parameter_errors import ParameterError
from mirastack_sdk._actions.convert.ranges import range_or_last
from mirastack_sdk.agent import OrLast, last_range
from mirastack_sdk.datetimeutils import now_utc_ms
from mirastack_sdk.plugin import TimeRange

GIVEN = TimeRange(1_775_649_600_000, 1_775_653_200_000, "Europe/Berlin", "an hour")
HALF_AN_HOUR = OrLast(minutes=30)


def test_the_engines_range_wins() -> None:
    """The engine's range is used if there is one."""
    assert range_or_last(GIVEN, {"start": "1"}, HALF_AN_HOUR) is GIVEN


def test_an_empty_range_is_none() -> None:
    """As in the documented pattern, a range that starts at zero is no range."""
    found = range_or_last(TimeRange(0, 0, "", ""), {}, HALF_AN_HOUR)
    assert found.end_epoch_ms - found.start_epoch_ms == 1_800_000
    first = TimeRange(1, 2, "", "")
    assert range_or_last(first, {}, HALF_AN_HOUR) is first


@pytest.mark.parametrize(
    "written",
    [
        ("1775649600", "1775653200"),
        ("1775649600000", "1775653200000"),
        ("2026-04-08T12:00:00Z", "2026-04-08T15:00:00+02:00"),
    ],
    ids=["seconds", "milliseconds", "rfc3339"],
)
def test_parameters_are_the_first_fallback(written: tuple[str, str]) -> None:
    """`start` and `end` of a direct call are read in any unit."""
    found = range_or_last(None, dict(zip(("start", "end"), written, strict=True)), HALF_AN_HOUR)
    assert (found.start_epoch_ms, found.end_epoch_ms) == (1_775_649_600_000, 1_775_653_200_000)
    assert found.original_expression == " to ".join(written)


NOW = 1_775_649_600_000
HOUR = 3_600_000

RELATIVE = {
    ("-1h", ""): (-HOUR, 0),
    ("-1d", "-1h"): (-24 * HOUR, -HOUR),
    ("now-30m", "now"): (-HOUR // 2, 0),
    ("now - 1h30m", ""): (-HOUR * 3 // 2, 0),
    ("NOW-1w", ""): (-168 * HOUR, 0),
    ("-90s", "now+1h"): (-90_000, HOUR),
    ("-1.5h", ""): (-HOUR * 3 // 2, 0),
    ("1775646000", "now"): (-HOUR, 0),
    ("20260408T110000Z", ""): (-HOUR, 0),
    ("20260408", ""): (-12 * HOUR, 0),
    ("0", "1000"): (-NOW, 1_000_000 - NOW),
    ("20260408 1100", "20260408T140000+0200"): (-HOUR, 0),
    ("now - 2h", "NOW - 90m"): (-2 * HOUR, -HOUR * 3 // 2),
    ("- 1h", ""): (-HOUR, 0),
    ("-1h30m", "-30m"): (-HOUR * 3 // 2, -HOUR // 2),
    ("1775646000.0", "1775649600000"): (-HOUR, 0),
    ("2026-04-08 11:00:00Z", ""): (-HOUR, 0),
}


@pytest.mark.parametrize("written", RELATIVE, ids=" to ".join)
def test_what_operators_type_is_read(
    written: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ends are relative to one moment."""
    monkeypatch.setattr(time, "time_ns", lambda: NOW * 1_000_000)
    found = range_or_last(None, dict(zip(("start", "end"), written, strict=True)), HALF_AN_HOUR)
    assert (found.start_epoch_ms - NOW, found.end_epoch_ms - NOW) == RELATIVE[written]


def test_end_alone_ends_a_range_of_the_fallbacks_length() -> None:
    """The range is as long as the fallback."""
    found = range_or_last(None, {"end": "1775649600"}, HALF_AN_HOUR)
    assert (found.start_epoch_ms, found.end_epoch_ms) == (1_775_647_800_000, 1_775_649_600_000)


def test_start_alone_lasts_until_now() -> None:
    """A missing end means now."""
    before = now_utc_ms()
    found = range_or_last(None, {"start": "1775649600"}, HALF_AN_HOUR)
    assert before <= found.end_epoch_ms <= now_utc_ms()


def test_the_length_is_the_last_fallback() -> None:
    """The range ends now and has a readable expression."""
    before = now_utc_ms()
    found = range_or_last(None, {}, OrLast(hours=1, minutes=30))
    assert before <= found.end_epoch_ms <= now_utc_ms()
    assert found.end_epoch_ms - found.start_epoch_ms == 5_400_000
    assert (found.timezone, found.original_expression) == ("UTC", "last 1 hour 30 minutes")


@pytest.mark.parametrize(
    ("params", "sentences"),
    [
        (
            {"start": "yesterday", "end": "1h"},
            [
                'start: expected a time such as 2026-04-08T12:00:00Z or -1h, got "yesterday"',
                'end: expected a time such as 2026-04-08T12:00:00Z or -1h, got "1h"',
            ],
        ),
        (
            {"start": "2026"},
            ['start: expected a time such as 2026-04-08T12:00:00Z or -1h, got "2026"'],
        ),
        ({"start": "20", "end": "10"}, ['start must be before end, got "20"']),
        ({"start": "20", "end": "20"}, ['start must be before end, got "20"']),
    ],
    ids=["no-times", "year", "backwards", "empty"],
)
def test_an_invalid_range_is_reported(params: dict[str, str], sentences: list[str]) -> None:
    """An invalid time or a wrong order of times gives a sentence."""
    with pytest.raises(ParameterError) as caught:
        range_or_last(None, params, HALF_AN_HOUR)
    assert caught.value.sentences == sentences


def test_last_range_fits_after_or() -> None:
    """`time_range or last_range(minutes=30)` is always a range."""
    missing: TimeRange | None = None
    found = missing or last_range(days=1)
    assert found.end_epoch_ms - found.start_epoch_ms == 86_400_000


def test_a_fallback_that_nothing_can_have_is_refused() -> None:
    """The author reads it at once, and not when a request has no range."""
    with pytest.raises(ValueError, match="cannot be longer than 50 years"):
        OrLast(days=1_000_000)
    with pytest.raises(TypeError, match="whole numbers"):
        OrLast(minutes=float("inf"))  # type: ignore[arg-type] # the mistake


@pytest.mark.parametrize("amounts", [{}, {"minutes": 0}, {"hours": 1, "minutes": -5}])
def test_an_empty_fallback_is_refused(amounts: dict[str, int]) -> None:
    """A zero or negative length is the author's mistake."""
    with pytest.raises(ValueError, match="must be longer than zero"):
        OrLast(**amounts)
