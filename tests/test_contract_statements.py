"""Every statement of the engine contract has a test, and every test names a known statement."""

import ast
from pathlib import Path

import pytest

from tests.architecture.contract_markers import MARKER, marked_statements
from tests.architecture.source import Module, read_module

TESTS = Path(__file__).parent
LIST = TESTS / "contract_statements.txt"
LISTED = [
    line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#")
]


def test_every_statement_has_a_test_and_every_marker_is_listed() -> None:
    """A statement without a test, and a marker with other words, are named."""
    marking = [path for path in TESTS.rglob("*.py") if MARKER in path.read_text("utf-8")]
    marked = marked_statements(read_module(path, TESTS.parent) for path in sorted(marking))
    assert [line for line in LISTED if line not in marked] == [], "no test refers to these"
    unlisted = {text: places for text, places in marked.items() if text not in LISTED}
    assert unlisted == {}, f"these are not in {LIST.name}"


def test_the_list_is_in_order() -> None:
    """A line is a section and a statement, each statement stands once, sections stay together."""
    assert [line for line in LISTED if ": " not in line] == []
    assert len(LISTED) == len(set(LISTED))
    sections = [line.partition(": ")[0] for line in LISTED]
    starts = [
        section for at, section in enumerate(sections) if at == 0 or sections[at - 1] != section
    ]
    assert len(starts) == len(set(starts))


def _module(text: str) -> Module:
    return Module(name="made_up", path=Path("made_up.py"), text=text, tree=ast.parse(text))


def test_markers_are_found() -> None:
    """On tests and on modules, in full or with a constant for the section."""
    text = """
A = "Section"
B = "Section: "
pytestmark = [pytest.mark.contract("Section: one"), pytest.mark.other("Section: none")]

@pytest.mark.contract(f"{A}: two")
@pytest.mark.contract(B + "three")
async def test_it(): ...
"""
    assert marked_statements([_module(text)]) == {
        "Section: one": ["made_up:4"],
        "Section: two": ["made_up:6"],
        "Section: three": ["made_up:7"],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@pytest.mark.contract('S: a')\ndef helper(): ...", "made_up:1: the marker is not on a"),
        ("def test_it():\n    pytest.mark.contract('S: a')", "made_up:2: the marker is not on a"),
        ("@pytest.mark.contract(name())\ndef test_it(): ...", "made_up:1: the statement is not a"),
        ("@pytest.mark.contract(f'{X}: a')\ndef test_it(): ...", "made_up:1: the statement is no"),
    ],
)
def test_a_marker_that_checks_nothing_is_refused(text: str, expected: str) -> None:
    """Pytest ignores markers of helpers, and a text that is computed cannot be compared."""
    with pytest.raises(ValueError, match=expected):
        marked_statements([_module(text)])
