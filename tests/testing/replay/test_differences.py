"""The differences that a replay shows."""

import pytest

from mirastack_sdk.testing._replay.differences import (
    MISSING,
    Difference,
    are_same,
    differences,
    without_ignored,
)


def lines(recorded: object, now: object) -> list[str]:
    return [str(found) for found in differences(recorded, now, "response")]


@pytest.mark.parametrize(
    ("recorded", "now", "expected"),
    [
        pytest.param({"a": 1}, {"a": 2}, ["response.a: recorded 1, now 2"], id="a member"),
        pytest.param({"a": 1}, {}, ["response.a: recorded 1, now nothing"], id="gone"),
        pytest.param({}, {"a": 1}, ["response.a: recorded nothing, now 1"], id="new"),
        pytest.param({}, {"a": None}, ["response.a: recorded nothing, now null"], id="null is new"),
        pytest.param({"a b": 1}, {"a b": 2}, ['response["a b"]: recorded 1, now 2'], id="a blank"),
        pytest.param([1, 2], [1, 3], ["response[1]: recorded 2, now 3"], id="an item"),
        pytest.param([1, 2, 3], [2, 3], ["response[0]: recorded 1, now nothing"], id="first gone"),
        pytest.param([2, 3], [1, 2, 3], ["response[0]: recorded nothing, now 1"], id="new first"),
        pytest.param(
            [{"a": 1}, {"a": 2}, {"a": 3}],
            [{"a": 1}, {"a": 5}],
            [
                "response[1].a: recorded 2, now 5",
                'response[2]: recorded {"a":3}, now nothing',
            ],
            id="changed and gone",
        ),
        pytest.param(1, True, ["response: recorded 1, now true"], id="a number is no boolean"),
        pytest.param(1, 1.0, [], id="numbers of the same value"),
        pytest.param("1", 1, ['response: recorded "1", now 1'], id="a text is no number"),
        pytest.param([], {}, ["response: recorded [], now {}"], id="another kind"),
        pytest.param(
            {"$json_text": {"a": 1}},
            {"$json_dumps": {"a": 2}},
            ["response.a: recorded 1, now 2"],
            id="within JSON text, written in another way",
        ),
        pytest.param({"$json_text": [1]}, "[ 1 ]", [], id="only the blanks differ"),
        pytest.param(
            {"$json_text": [1]}, "none", ['response: recorded [1], now "none"'], id="no JSON now"
        ),
        pytest.param(
            {"$json": {"$x": 1}},
            {"$json": {"$x": 2}},
            ['response["$x"]: recorded 1, now 2'],
            id="an object like a mark",
        ),
        pytest.param("the [secret] of x", "the hunter2 of x", [], id="hidden then"),
        pytest.param("[secret]", "[secret]", [], id="hidden both times"),
        pytest.param("[secret]", 5, [], id="a hidden number"),
        pytest.param(
            "the [secret] of x",
            "the hunter2 of y",
            ['response: recorded "the [secret] of x", now "the hunter2 of y"'],
            id="beside what was hidden",
        ),
        pytest.param(
            {"$cut": {"bytes": 5, "sha256": "a"}},
            MISSING,
            [
                'response: recorded {"$cut":{"bytes":5,"sha256":"a"}}, now nothing',
            ],
            id="cut",
        ),
        pytest.param(
            "line\nbreak",
            "line",
            [r'response: recorded "line\nbreak", now "line"'],
            id="one line each",
        ),
    ],
)
def test_a_difference_is_a_line(recorded: object, now: object, expected: list[str]) -> None:
    """It names the place, what was recorded and what is there now."""
    assert lines(recorded, now) == expected
    assert are_same(recorded, now) is (not expected)


def test_long_texts_are_shown_where_they_differ() -> None:
    """However much is the same before."""
    (line,) = lines("x" * 500 + "abc" + "y" * 500, "x" * 500 + "abd" + "y" * 500)
    assert len(line) < 300
    assert "xxxabcyyy" in line
    assert "xxxabdyyy" in line


def test_long_lists_take_little_time() -> None:
    """Lists of many items are compared item by item."""
    recorded = list(range(50_000))
    assert len(lines(recorded, recorded[:-1])) == 1


@pytest.mark.parametrize(
    ("pattern", "is_ignored"),
    [
        ("response.at", True),
        ("response", True),
        ("response.*", True),
        ("*.at", True),
        ("response.a", False),
        ("response.at.more", False),
        ("calls[*].request", False),
    ],
)
def test_places_can_be_ignored(pattern: str, is_ignored: bool) -> None:
    """A pattern names a place and all that is in it; an asterisk stands for any part."""
    found = Difference(path="response.at", recorded=1, now=MISSING)
    left = list(without_ignored(iter([found]), [pattern]))
    assert left == ([] if is_ignored else [found])


def test_brackets_in_a_pattern_are_brackets() -> None:
    """`calls[*].request.key` names the keys of all calls."""
    found = Difference(path="calls[12].request.key", recorded="a", now="b")
    assert not list(without_ignored(iter([found]), ["calls[*].request.key"]))
    assert list(without_ignored(iter([found]), ["calls[1].request.key"]))
