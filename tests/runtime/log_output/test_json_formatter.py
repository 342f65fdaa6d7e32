"""Log records as JSON lines."""

import datetime as dt
import decimal
import enum
import json
import logging
import sys
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirastack_sdk import Secret
from mirastack_sdk.logs import JsonFormatter
from tests.wire.http2.effort import EXAMPLES


class Broken:
    """An object without a text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class BrokenMapping(dict[str, int]):
    """A mapping that fails while it is read."""

    def items(self) -> object:  # type: ignore[override] # it fails
        raise RuntimeError("no items")


class Color(enum.StrEnum):
    """A text with a name."""

    RED = "red"


class Level(enum.IntEnum):
    """A number with a name."""

    HIGH = 3


def record(message: object = "registered", *args: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("my.agent", logging.INFO, __file__, 1, message, args, None)
    made.created = 1_774_973_400.0429
    vars(made).update(fields)
    return made


def strictly(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose names differ."""
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def refuse(name: str) -> object:
    raise AssertionError(f"{name} is not JSON")


def read(line: str) -> dict[str, object]:
    """A line as a strict reader reads it."""
    assert line.isprintable()
    line.encode()
    found = json.loads(line, parse_constant=refuse, object_pairs_hook=strictly)
    assert isinstance(found, dict)
    return found


def written(message: object = "registered", *args: object, **fields: object) -> dict[str, object]:
    return read(JsonFormatter().format(record(message, *args, **fields)))


def test_a_line_is_what_the_page_documents() -> None:
    """The names and their order are stable; the time is RFC 3339 in UTC, with milliseconds."""
    line = JsonFormatter().format(record("%d rows", 3, action="range_query", rows=3, ok=True))
    assert line == (
        '{"time":"2026-03-31T16:10:00.042Z","level":"INFO","logger":"my.agent","message":"3 rows",'
        '"action":"range_query","rows":3,"ok":true}'
    )


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_774_973_400.9999, "2026-03-31T16:10:00.999Z"),
        (1_774_973_399.9999996, "2026-03-31T16:09:59.999Z"),
    ],
)
def test_the_time_is_cut_to_milliseconds(seconds: float, shown: str) -> None:
    """No part of it is ahead of the others."""
    made = record()
    made.created = seconds
    assert read(JsonFormatter().format(made))["time"] == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, 3),
        (2.5, 2.5),
        (True, True),
        (None, None),
        ("text", "text"),
        ([1, "a", None], [1, "a", None]),
        ((1, 2), [1, 2]),
        ({"a": {"b": [1.5]}}, {"a": {"b": [1.5]}}),
        (frozenset({1}), [1]),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (2**63 - 1, 2**63 - 1),
        (2**63, str(2**63)),
        (-(2**63) - 1, str(-(2**63) - 1)),
        pytest.param(10**5000, "[what cannot be shown]", id="a number that has no text"),
        (decimal.Decimal("1.10"), "1.10"),
        (dt.date(2026, 4, 8), "2026-04-08"),
        (b"\xff", r"b'\xff'"),
        (ValueError("why"), "why"),
        (Secret("hunter2"), "**********"),
        ([Secret("hunter2")], ["**********"]),
        (Color.RED, "red"),
        (Level.HIGH, 3),
        (Broken(), "[what cannot be shown]"),
        ({"x": Broken()}, {"x": "[what cannot be shown]"}),
        ({Broken(): 1}, {"[what cannot be shown]": 1}),
        (BrokenMapping(a=1), "{'a': 1}"),
        ({1: "a", "1": "b"}, {"1": "a", "1_": "b"}),
        ("\ud800 lone", "\ufffd lone"),
        ("a\n\x00\x1b[31m\u2028\u0085\U000e0001", "a\n\x00\x1b[31m\u2028\u0085\U000e0001"),
        ("grün 漢 😀", "grün 漢 😀"),
    ],
)
def test_a_value_has_its_json_type_or_its_text(value: object, shown: object) -> None:
    """Whatever an author logs, the line is one line of valid JSON."""
    assert written(field=value)["field"] == shown
    assert type(written(field=value)["field"]) is type(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\ud800 lone", "\ufffd lone"),
        ("a\r\nb\x00\x1b[31m\u2028\u0085\u202e", "a\r\nb\x00\x1b[31m\u2028\u0085\u202e"),
        ('{"level":"ERROR"}', '{"level":"ERROR"}'),
    ],
)
def test_a_message_cannot_end_its_line(text: str, shown: str) -> None:
    """The reader gets the same text back, except for surrogates, which no encoding has."""
    assert written("%s", text)["message"] == shown
    assert written(text)["message"] == shown


def test_cycles_end() -> None:
    """A list or a mapping that contains itself is shown once."""
    cycle: dict[str, object] = {"a": 1}
    cycle["self"] = [cycle]
    assert written(field=cycle)["field"] == {"a": 1, "self": ["[what cannot be shown]"]}


def test_a_value_may_occur_twice() -> None:
    """Only a value within itself is a cycle."""
    inner = [1]
    assert written(field=[inner, inner])["field"] == [[1], [1]]


def test_deep_values_are_cut() -> None:
    """No recursion is too deep."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    shown = written(field=deep)["field"]
    for _ in range(8):
        assert isinstance(shown, list)
        [shown] = shown
    assert shown == "…"
    while deep:  # or else Python's own recursion would end the process
        deep = deep[0]  # type: ignore[assignment] # a list, as above


HUGE: Mapping[str, Callable[[], Mapping[str, object]]] = {
    "text": lambda: {"field": "x" * 10_000_000},
    "list": lambda: {"field": ["x" * 1000] * 100_000},
    "mapping": lambda: {"field": dict.fromkeys(range(1_000_000))},
    "fields": lambda: {f"field{number}": "x" * 30_000 for number in range(100)},
    "lists": lambda: {"field": [[0] * 1000] * 1000},
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_huge_record_is_cut(kind: str) -> None:
    """Collectors drop lines that are too long; what is cut ends with "…"."""
    line = JsonFormatter().format(record(**HUGE[kind]()))
    assert len(line) < 600_000
    assert "…" in line
    assert read(line)["message"] == "registered"


def test_a_long_message_is_cut_at_its_end_and_an_exception_at_its_beginning() -> None:
    """A traceback ends with the error itself."""
    error = ValueError("b" * 100_000 + "last")
    line = written("first" + "a" * 100_000, exc_info=(ValueError, error, None))
    message, exception = line["message"], line["exception"]
    assert isinstance(message, str)
    assert isinstance(exception, str)
    assert (message[:5], message[-1], len(message)) == ("first", "…", 32_768)
    assert (exception[0], exception[-4:], len(exception)) == ("…", "last", 32_768)


def test_an_exception_is_one_text_after_the_fields() -> None:
    """So is the stack; the record itself is left as it was."""
    made = record(stack_info="Stack:\n  here", rows=1)
    try:
        int("why")
    except ValueError:
        made.exc_info = sys.exc_info()
    line = read(JsonFormatter().format(made))
    assert list(line) == ["time", "level", "logger", "message", "rows", "exception", "stack"]
    assert str(line["exception"]).startswith("Traceback (most recent call last):\n")
    assert str(line["exception"]).endswith("with base 10: 'why'")
    assert line["stack"] == "Stack:\n  here"
    assert made.exc_text is None


@pytest.mark.parametrize("exc_info", [None, (None, None, None), True])
def test_without_an_exception_there_is_no_text_of_one(exc_info: object) -> None:
    """`log.error("...", exc_info=True)` outside of an `except` block says nothing more."""
    assert "exception" not in written(exc_info=exc_info)


def test_an_exception_without_a_text_is_written() -> None:
    """The traceback of such an exception still says what it is."""

    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    shown = written(exc_info=(BrokenError, BrokenError(), None))["exception"]
    assert "BrokenError" in str(shown)


def test_arguments_that_do_not_fit_lose_nothing() -> None:
    """The message is then what the author wrote."""
    assert written("%d rows", "three")["message"] == "%d rows"
    assert written(Broken())["message"] == "[what cannot be shown]"


def test_a_field_cannot_replace_what_every_line_has() -> None:
    """A field with such a name gets an underscore behind it."""
    line = written(time=1, level="x", logger=2, exception=3, time_=4, stack="a\nb")
    assert {name: line[name] for name in ("time_", "level_", "logger_", "exception_")} == {
        "time_": 1,
        "level_": "x",
        "logger_": 2,
        "exception_": 3,
    }
    assert (line["time__"], line["level"], line["stack"]) == (4, "INFO", "a\nb")


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.binary()
    | st.builds(Broken),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=20,
)


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(st.text(st.characters()), st.dictionaries(st.text(st.characters()), anything))
def test_every_record_is_one_line_of_json(message: str, fields: dict[str, object]) -> None:
    """Nothing that can be logged makes an invalid line, or two."""
    made = record()
    fields = {name: value for name, value in fields.items() if name not in vars(made)}
    made.msg = message
    vars(made).update(fields)
    line = read(JsonFormatter().format(made))
    assert len(line) == 4 + len(fields)
