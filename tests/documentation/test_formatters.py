"""The documented table of formatters: functions, parameters and outputs."""

import inspect
import time
from collections.abc import Callable

from mirastack_sdk import datetimeutils
from mirastack_sdk.datetimeutils import (
    format_epoch_micros,
    format_epoch_millis,
    format_epoch_seconds,
    format_in_timezone,
    format_lookback_millis,
    format_rfc3339,
    now_utc_ms,
)
from tests.documentation.documentation import FORMATTERS

INSTANT = 1774973400000
RFC3339_INSTANT = 1775606400000
CALLS: dict[str, Callable[[], str]] = {
    "format_epoch_seconds(ms)": lambda: format_epoch_seconds(INSTANT),
    "format_epoch_millis(ms)": lambda: format_epoch_millis(INSTANT),
    "format_epoch_micros(ms)": lambda: format_epoch_micros(INSTANT),
    "format_rfc3339(ms)": lambda: format_rfc3339(RFC3339_INSTANT),
}


def test_documented_outputs_are_given() -> None:
    """Each formatter returns the documented output."""
    documented = {call: output for call, output, _ in FORMATTERS if output.startswith('"')}
    assert {call: f'"{function()}"' for call, function in CALLS.items()} == documented


def test_parameters_are_named_as_documented() -> None:
    """The functions have the documented parameter names."""
    for call, *_ in FORMATTERS:
        name, _, printed = call.rstrip(")").partition("(")
        parameters = inspect.signature(getattr(datetimeutils, name)).parameters
        assert ", ".join(parameters) == printed, name


def test_a_lookback_is_a_duration_in_milliseconds() -> None:
    """The difference of two times is returned as text."""
    assert format_lookback_millis(INSTANT, INSTANT + 1_800_000) == "1800000"


def test_a_time_zone_gives_local_time() -> None:
    """Midnight UTC is two o'clock in Amsterdam's summer."""
    assert "02:00" in format_in_timezone(RFC3339_INSTANT, "Europe/Amsterdam")
    assert "00:00" in format_in_timezone(RFC3339_INSTANT, "UTC")


def test_now_is_now_in_milliseconds() -> None:
    """`now_utc_ms` returns the current time as an integer."""
    before = time.time_ns() // 1_000_000
    now = now_utc_ms()
    assert before <= now <= time.time_ns() // 1_000_000
    assert isinstance(now, int)
