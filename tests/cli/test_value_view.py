"""JSON values on a terminal: trees, tables, and what is folded."""

import io

import pytest
from rich.console import Console
from rich.theme import Theme

from mirastack_sdk._cli.console import STYLES
from mirastack_sdk._cli.rendering.value_view import MOST_ITEMS, value_view


def shown(value: object, *, is_full: bool = False, width: int = 80) -> list[str]:
    """The lines of a value, without colors."""
    console = Console(file=io.StringIO(), width=width, color_system=None, theme=Theme(dict(STYLES)))
    console.print(value_view(value, is_full=is_full))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("text", ["text"]),
        ("two\nlines", ["two", "lines"]),
        (3, ["3"]),
        (True, ["true"]),
        (None, ["null"]),
        ([], ["[]"]),
        ({}, ["{}"]),
        (["a", 1], ['["a", 1]']),
        ({"a": "x", "long_name": [1, 2]}, ["a  x", "long_name  [1, 2]"]),
        ({"a": {"b": {"c": 1}}}, ["a", "└── b", "    └── c  1"]),
        ({"a": '{"b": 1}'}, ["a", "└── b  1"]),
        ({"a": "{no json"}, ["a  {no json"]),
        ({"ü": "größe 😀"}, ["ü  größe 😀"]),
        ([{"a": 1}, [2]], ["0", "└── a  1", "1  [2]"]),
    ],
)
def test_a_value_is_a_tree(value: object, lines: list[str]) -> None:
    """Members on lines of their own; short lists on one; JSON in a text is opened."""
    assert shown(value) == lines


def test_a_list_of_like_objects_is_a_table() -> None:
    """Numbers are on the right; a member that is missing leaves its cell empty."""
    assert shown([{"host": "a", "load": 1.5}, {"host": "b"}, {"load": 10, "host": "c"}]) == [
        "host   load",
        "───────────",
        "a       1.5",
        "b",
        "c        10",
    ]


def test_a_table_inside_of_an_object() -> None:
    """It stands below its name."""
    lines = shown({"rows": [{"a": 1}, {"a": 2}]})
    assert lines[0] == "rows"
    assert [line.strip("└─ ") for line in lines[1:]] == ["a", "", "1", "2"]


def test_long_values_are_folded_and_counted() -> None:
    """Whoever wants the rest passes --full."""
    rows = [{"n": number} for number in range(MOST_ITEMS + 5)]
    assert shown(rows)[-1].strip() == "… 5 more"
    assert len(shown(rows, is_full=True)) == MOST_ITEMS + 5 + 2
    members = {f"m{number}": {"x": 1} for number in range(MOST_ITEMS + 1)}
    assert shown(members)[-1] == "… 1 more"
    assert "… 1 more" not in shown(members, is_full=True)
    text = "x" * 3_000
    assert "… 1000 more characters" in "".join(shown(text))
    assert "".join(shown(text, is_full=True)) == text


def test_deep_values_are_folded() -> None:
    """With the number of what is inside."""
    deep: object = {"x": 1}
    for name in "fedcba":
        deep = {name: deep}
    assert shown(deep)[-1].strip() == "└── e  (1 member)"
    assert shown(deep, is_full=True)[-1].strip() == "└── x  1"


def test_nothing_is_cut_at_the_edge_of_the_terminal() -> None:
    """A long word continues on the next line."""
    for value in ({"name": "y" * 100}, [{"name": "y" * 100}, {"name": "z"}]):
        assert sum(line.count("y") for line in shown(value, width=40)) == 100


def test_control_characters_are_written_out() -> None:
    """An agent's text must not move the cursor or clear the screen."""
    lines = shown({"evil\x1b[2J": "a\x1b]0;title\x07b\rc", "rows": [{"a": "\x1b[1m"}, {"a": "x"}]})
    text = "\n".join(lines)
    assert "\x1b" not in text
    assert "\r" not in text
    assert r"evil\x1b[2J" in text
    assert r"a\x1b]0;title\x07b\rc" in text
