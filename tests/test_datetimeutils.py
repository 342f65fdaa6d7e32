"""Times are formatted exactly as the documentation prints them."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk.datetimeutils import (
    format_epoch_micros,
    format_epoch_millis,
    format_epoch_seconds,
    format_in_timezone,
    format_lookback_millis,
    format_rfc3339,
    now_utc_ms,
)

DOCUMENTED_MS = 1_774_973_400_000
APRIL_8 = 1_775_606_400_000
FIRST_MS = -62_135_596_800_000
LAST_MS = 253_402_300_799_999

FORMATTERS: list[Callable[[int], str]] = [
    format_epoch_seconds,
    format_epoch_millis,
    format_epoch_micros,
    format_rfc3339,
    lambda ms: format_in_timezone(ms, "UTC"),
    lambda ms: format_lookback_millis(ms, 0),
    lambda ms: format_lookback_millis(0, ms),
]


@pytest.mark.parametrize(
    ("formatter", "ms", "text"),
    [
        (format_epoch_seconds, DOCUMENTED_MS, "1774973400"),
        (format_epoch_millis, DOCUMENTED_MS, "1774973400000"),
        (format_epoch_micros, DOCUMENTED_MS, "1774973400000000"),
        (format_rfc3339, APRIL_8, "2026-04-08T00:00:00Z"),
    ],
)
def test_formats_as_documented(formatter: Callable[[int], str], ms: int, text: str) -> None:
    """Each format gives the output in the documentation's table."""
    assert formatter(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0"), (999, "0"), (1_999, "1"), (-1, "-1"), (-1_000, "-1"), (-1_001, "-2")]
)
def test_seconds_are_rounded_down(ms: int, text: str) -> None:
    """A time never moves to a later second, not even before 1970."""
    assert format_epoch_seconds(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (APRIL_8 + 250, "2026-04-08T00:00:00.250Z"),
        (APRIL_8 + 1, "2026-04-08T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (FIRST_MS, "0001-01-01T00:00:00Z"),
        (LAST_MS, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_rfc3339_shows_milliseconds_if_there_are_any(ms: int, text: str) -> None:
    """A range keeps its last fraction of a second; whole seconds look as documented."""
    assert format_rfc3339(ms) == text


@given(st.integers(FIRST_MS, LAST_MS))
def test_rfc3339_reads_back_as_the_same_millisecond(ms: int) -> None:
    """Nothing is rounded, and the local time zone does not matter."""
    moment = datetime.fromisoformat(format_rfc3339(ms))
    elapsed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    microseconds = (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds
    assert Fraction(microseconds, 1000) == ms


@given(st.integers(-(2**63), 2**63 - 1))
def test_epoch_formats_are_exact_for_every_int64(ms: int) -> None:
    """No number passes through a float."""
    assert int(format_epoch_millis(ms)) == ms
    assert int(format_epoch_micros(ms)) == ms * 1000
    assert int(format_epoch_seconds(ms)) == ms // 1000


def test_lookback_is_the_length_of_the_window() -> None:
    """The length is text, as backends take it as a parameter."""
    assert format_lookback_millis(APRIL_8, APRIL_8 + 3_600_000) == "3600000"
    assert format_lookback_millis(APRIL_8, APRIL_8) == "0"


def test_a_window_that_ends_before_it_starts_has_no_length() -> None:
    """Swapped arguments raise `ValueError`."""
    with pytest.raises(ValueError, match=r"^end must not be before start, got start 2 and end 1$"):
        format_lookback_millis(2, 1)


@pytest.mark.parametrize(
    ("tz", "text"),
    [
        ("UTC", "2026-04-08 00:00:00 UTC"),
        ("Asia/Kolkata", "2026-04-08 05:30:00 IST (UTC+05:30)"),
        ("America/New_York", "2026-04-07 20:00:00 EDT (UTC-04:00)"),
        ("Europe/Berlin", "2026-04-08 02:00:00 CEST (UTC+02:00)"),
        ("America/Sao_Paulo", "2026-04-07 21:00:00 (UTC-03:00)"),
        ("Asia/Kathmandu", "2026-04-08 05:45:00 (UTC+05:45)"),
    ],
)
def test_a_local_time_names_its_zone_and_offset(tz: str, text: str) -> None:
    """Abbreviations alone are ambiguous, and some zones have none."""
    assert format_in_timezone(APRIL_8, tz) == text


def test_the_two_hours_of_a_clock_change_are_distinguished() -> None:
    """The hour that occurs twice has different offsets."""
    before, after = 1_792_887_600_000, 1_792_891_200_000
    assert format_in_timezone(before, "Europe/Berlin") == "2026-10-25 02:20:00 CEST (UTC+02:00)"
    assert format_in_timezone(after, "Europe/Berlin") == "2026-10-25 02:20:00 CET (UTC+01:00)"


@pytest.mark.parametrize(
    "tz",
    [
        "",
        " ",
        "Nowhere/City",
        "Europe",
        "../../etc/passwd",
        "/etc/localtime",
        "a\0b",
        "\ud800",
        "Local",
    ],
)
def test_an_unknown_zone_shows_utc_and_says_so(tz: str) -> None:
    """A wrong name from a user must not fail a query."""
    assert format_in_timezone(APRIL_8, tz) == "2026-04-08 00:00:00 UTC"


def test_a_missing_zone_shows_utc() -> None:
    """Authors without a type checker may pass None."""
    missing: str = json.loads("null")
    assert format_in_timezone(APRIL_8, missing) == "2026-04-08 00:00:00 UTC"


def test_an_endless_zone_name_shows_utc() -> None:
    """A name may be longer than a file name can be."""
    assert format_in_timezone(APRIL_8, "x" * 5000) == "2026-04-08 00:00:00 UTC"


@pytest.mark.parametrize(("ms", "tz"), [(FIRST_MS, "America/New_York"), (LAST_MS, "Asia/Tokyo")])
def test_a_zone_that_leads_out_of_the_calendar_shows_utc(ms: int, tz: str) -> None:
    """The first and the last day may exist in UTC only."""
    assert format_in_timezone(ms, tz).endswith("UTC")


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize("text", ["1.5", '"1774973400000"', "true", "null", "[1]"])
def test_only_an_int_is_a_time(formatter: Callable[[int], str], text: str) -> None:
    """Text or a float of seconds is refused."""
    value: int = json.loads(text)
    with pytest.raises(TypeError, match=r"^(ms|start|end) must be an int of UTC epoch millisec"):
        formatter(value)


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize("ms", [2**63, -(2**63) - 1, 2**100])
def test_a_time_has_64_bits(formatter: Callable[[int], str], ms: int) -> None:
    """A larger number raises `ValueError`."""
    with pytest.raises(ValueError, match="must be UTC epoch milliseconds of 64 bits"):
        formatter(ms)


@pytest.mark.parametrize("ms", [LAST_MS + 1, FIRST_MS - 1, 2**63 - 1, DOCUMENTED_MS * 1000])
def test_a_date_lies_within_the_years_1_to_9999(ms: int) -> None:
    """Microseconds instead of milliseconds raise `ValueError`."""
    with pytest.raises(ValueError, match="within the years 1 to 9999"):
        format_rfc3339(ms)
    with pytest.raises(ValueError, match="within the years 1 to 9999"):
        format_in_timezone(ms, "UTC")


def test_an_integer_of_another_library_is_a_time() -> None:
    """Any integer type is accepted, such as numpy's."""

    class Int64:
        def __index__(self) -> int:
            return APRIL_8

    text = format_rfc3339(Int64())  # type: ignore[arg-type]  # an int to Python, not to the type checker
    assert text == "2026-04-08T00:00:00Z"


def test_now_is_now() -> None:
    """The current time is an int of milliseconds."""
    before = time.time()
    now = now_utc_ms()
    assert isinstance(now, int)
    assert before - 0.001 <= now / 1000 <= time.time()
