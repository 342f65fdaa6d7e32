"""Values of config parameters are read and written as the engine does it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._core.contract.config_values import duration_text, parse_duration


@pytest.mark.contract("The messages: durations are written as Go writes them")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(seconds=5), "5s"),
        (timedelta(hours=1, minutes=30), "1h30m"),
        (timedelta(minutes=90, seconds=1), "1h30m1s"),
        (timedelta(hours=2, seconds=3), "2h3s"),
        (timedelta(days=1), "24h"),
        (timedelta(seconds=1.5), "1.5s"),
        (timedelta(milliseconds=300), "300ms"),
        (timedelta(microseconds=1_500), "1.5ms"),
        (timedelta(microseconds=7), "7us"),
        (timedelta(minutes=1, microseconds=1), "1m0.000001s"),
        (timedelta(), "0s"),
        (timedelta(seconds=-90), "-1m30s"),
    ],
)
def test_a_duration_is_written_as_go_reads_it(value: timedelta, text: str) -> None:
    """Without parts that are zero."""
    assert duration_text(value) == text
    assert parse_duration(text) == value


@pytest.mark.contract("The messages: durations are written as Go writes them")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h30m", 5_400),
        ("1.5h", 5_400),
        ("1h0m0s", 3_600),
        ("300ms", 0.3),
        ("0", 0),
        ("-0", 0),
        ("+5s", 5),
        ("-1.5s", -1.5),
        (".5s", 0.5),
        ("1.s", 1),
        ("250us", 0.00025),
        ("250µs", 0.00025),
        ("250μs", 0.00025),
        ("2000ns", 0.000002),
        ("1m 30s", 90),
        (" 5s ", 5),
        ("2d", 172_800),
        ("1w", 604_800),
        ("90", 90),
        ("1e3", 1_000),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """All that Go reads, numbers of seconds, days and weeks."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "s", ".", ".s", "5x", "5 s", "nan", "inf", "5s!", "--5s"])
def test_other_texts_are_no_durations(text: str) -> None:
    """None of them is guessed."""
    assert parse_duration(text) is None


@given(st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000)))
def test_every_duration_survives(value: timedelta) -> None:
    """To the microsecond, for those that Go can hold exactly in its own arithmetic."""
    read = parse_duration(duration_text(value))
    assert read is not None
    assert abs(read - value) <= timedelta(microseconds=1)
