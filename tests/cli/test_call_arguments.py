"""The arguments of a call as people write them."""

from datetime import timedelta

import pytest

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.shared_options import parse_config
from mirastack_sdk._cli.single_call.call_arguments import (
    parse_parameters,
    parse_time_range,
)

NOW_MS = 1_775_649_600_000  # 2026-04-08T12:00Z
HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("query=error", "query", "error"),
        ("query=", "query", ""),
        ("query=a=b:=c", "query", "a=b:=c"),
        ("count=3", "count", "3"),
        ('json={"a": 1}', "json", '{"a": 1}'),
        ("count:=3", "count", 3),
        ("on:=true", "on", True),
        ("nothing:=null", "nothing", None),
        ('hosts:=["a", "b"]', "hosts", ["a", "b"]),
        ('text:="a:=b"', "text", "a:=b"),
        ("lines=a\nb", "lines", "a\nb"),
        ("größe=ü", "größe", "ü"),
    ],
)
def test_a_parameter_is_text_or_json(text: str, name: str, value: object) -> None:
    """`=` takes a text as it is, even if it looks like JSON; `:=` takes JSON."""
    assert parse_parameters([text]) == {name: value}


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["query"], "'query' is not a parameter: write name=text or name:=json"),
        (["=x"], "'=x' is not a parameter: write name=text or name:=json"),
        (["a:b"], "'a:b' is not a parameter: write name=text or name:=json"),
        (["a=1", "a=2"], "the parameter a is given twice"),
        (["action=x"], "'action=x' is no parameter: the action is the second argument"),
        (["a:=x"], "write a=x for a text"),
        (["a:=NaN"], "NaN is not a JSON value"),
        (["a:="], "a:= is not JSON"),
        (["a:=-1e400"], "-1e400 is too large a number"),
        (["a:=" + "[" * 100_000], "the parameter a is nested too deeply"),
    ],
)
def test_a_wrong_parameter_is_refused_in_a_sentence(texts: list[str], sentence: str) -> None:
    """It says what to write instead."""
    with pytest.raises(CommandError) as raised:
        parse_parameters(texts)
    assert sentence in str(raised.value)


def test_config_values_are_text() -> None:
    """As the engine stores them."""
    assert parse_config(["url=http://a?b=c", "n=1", "empty="]) == {
        "url": "http://a?b=c",
        "n": "1",
        "empty": "",
    }
    with pytest.raises(CommandError, match="'url' is not a config value: write key=value"):
        parse_config(["url"])


@pytest.mark.parametrize(
    ("last", "length", "words"),
    [
        ("30m", timedelta(minutes=30), "last 30 minutes"),
        ("1h", timedelta(hours=1), "last 1 hour"),
        ("1h30m", timedelta(minutes=90), "last 1 hour 30 minutes"),
        ("1.5h", timedelta(minutes=90), "last 1.5 hours"),
        ("2W", timedelta(weeks=2), "last 2 weeks"),
        ("90s", timedelta(seconds=90), "last 90 seconds"),
        ("7d", timedelta(days=7), "last 7 days"),
    ],
)
def test_last_is_a_length_up_to_now(last: str, length: timedelta, words: str) -> None:
    """With the words that a person would have used."""
    found = parse_time_range(last, None, None, "UTC", NOW_MS)
    assert found is not None
    assert found.end_epoch_ms == NOW_MS
    assert found.end_epoch_ms - found.start_epoch_ms == length / timedelta(milliseconds=1)
    assert (found.timezone, found.original_expression) == ("UTC", words)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2026-04-08T11:00Z", NOW_MS - HOUR_MS),
        ("2026-04-08T13:00", NOW_MS - HOUR_MS),
        ("2026-04-08 13:00:00", NOW_MS - HOUR_MS),
        ("2026-04-08T06:00:00-05:00", NOW_MS - HOUR_MS),
        ("2026-04-08", NOW_MS - 14 * HOUR_MS),
        ("1775646000", NOW_MS - HOUR_MS),
        ("1775646000000", NOW_MS - HOUR_MS),
        ("2026-04-08T13", NOW_MS - HOUR_MS),
        ("20260408T1300", NOW_MS - HOUR_MS),
        ("2026-W15-3", NOW_MS - 14 * HOUR_MS),
        ("now", NOW_MS),
        ("-30m", NOW_MS - HOUR_MS // 2),
        ("now-1h30m", NOW_MS - 3 * HOUR_MS // 2),
    ],
)
def test_times_are_in_the_timezone_unless_they_have_an_offset(text: str, start: int) -> None:
    """Berlin is two hours ahead in April; a date alone is its midnight."""
    found = parse_time_range(None, text, None, "Europe/Berlin", NOW_MS)
    assert found is not None
    assert (found.start_epoch_ms, found.end_epoch_ms) == (start, NOW_MS)
    assert found.timezone == "Europe/Berlin"
    assert found.original_expression == f"from {text} to now"


def test_without_times_there_is_no_range() -> None:
    """The action uses its default."""
    assert parse_time_range(None, None, None, "UTC", NOW_MS) is None


@pytest.mark.parametrize(
    ("last", "start", "end", "timezone", "sentence"),
    [
        ("x", None, None, "UTC", "--last must be a length of time such as 30m, 6h or 7d"),
        ("30", None, None, "UTC", "--last must be a length of time such as 30m, 6h or 7d"),
        ("-5m", None, None, "UTC", "--last must be a length of time such as 30m, 6h or 7d"),
        ("0m", None, None, "UTC", "--last must be longer than 0"),
        ("99999999d", None, None, "UTC", "--last is too long: 99999999d"),
        ("3000w", None, None, "UTC", "--last is too long: 3000w"),
        ("9" * 400 + "d", None, None, "UTC", "--last is too long: 9"),
        ("5m", "now", None, "UTC", "--last cannot be combined with --from and --to"),
        (None, None, "now", "UTC", "--to needs --from"),
        (None, "now", "2020-01-01", "UTC", "--to is before --from"),
        (
            None,
            "yesterday",
            None,
            "UTC",
            "--from must be a time such as 2026-04-08T12:00:00Z, -30m",
        ),
        (None, "now", "25:00", "UTC", "--to must be a time such as 2026-04-08T12:00:00Z, -30m"),
        (None, "now", None, "Berlin", "--timezone must be a name such as UTC or Europe/Berlin"),
        (None, "now", None, "/etc", "--timezone must be a name such as UTC or Europe/Berlin"),
    ],
)
def test_a_wrong_time_is_refused_in_a_sentence(
    last: str | None, start: str | None, end: str | None, timezone: str, sentence: str
) -> None:
    """It names the option and what was expected."""
    with pytest.raises(CommandError) as raised:
        parse_time_range(last, start, end, timezone, NOW_MS)
    assert str(raised.value).startswith(sentence)
