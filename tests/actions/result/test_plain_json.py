"""The results that are written in one pass, and those that are not."""

import enum
import json
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.result.plain_json import plain_json
from mirastack_sdk._text import compact_json

LEVELS = 10


def nested(levels: int) -> list[object]:
    """A list with a list in it, and so on."""
    value: list[object] = []
    for _ in range(levels):
        value = [value]
    return value


def containing_itself() -> list[object]:
    """A list that would be endless, and double in each level."""
    value: list[object] = []
    value += [value, value]
    return value


class Color(enum.IntEnum):
    """A number that is written as one, but not of JSON's own types."""

    RED = 1


class Text(str):
    """A text of the author's own class."""

    __slots__ = ()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_a_plain_result_is_written_as_any_other(value: object) -> None:
    """The quick way writes the text that the long way does, or none."""
    text = plain_json(value, LEVELS)
    assert text is None or text == compact_json(json_value(value))


@pytest.mark.parametrize("value", ["a", 1, 1.5, True, None, [], {}, [{"a": [1, "b", None]}], "é"])
def test_values_of_the_types_of_json_are_plain(value: object) -> None:
    """The quick way is taken for what most actions return."""
    assert plain_json(value, LEVELS) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param((1,), id="tuple"),
        pytest.param(Color.RED, id="enum"),
        pytest.param([Text("a")], id="subclass"),
        pytest.param({1: "a"}, id="number as key"),
        pytest.param({Text("a"): 1}, id="subclass as key"),
        pytest.param([math.nan], id="NaN"),
        pytest.param({"a": math.inf}, id="infinity"),
        pytest.param(10 ** (sys.int_info.default_max_str_digits + 1), id="too many digits"),
        pytest.param("\ud800", id="surrogate"),
        pytest.param({"\ud800": 1}, id="surrogate in a key"),
        pytest.param(nested(LEVELS + 1), id="deep"),
        pytest.param(containing_itself(), id="contains itself, many times"),
    ],
)
def test_other_values_are_left_to_the_long_way(value: object) -> None:
    """Whatever needs a conversion or an error is not written, and costs no time."""
    assert plain_json(value, LEVELS) is None
