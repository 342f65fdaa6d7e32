"""The page for users of other libraries compares fairly and names public names only."""

import ast
import re

import mirastack_sdk
from tests.documentation.documentation import REPOSITORY
from tests.documentation.markdown import blocks_of, foreign_blocks_of

PAGE = REPOSITORY / "docs" / "coming-from.md"
TEXT = PAGE.read_text(encoding="utf-8")
OURS, OUR_TEST = blocks_of(PAGE)
THEIRS, THEIR_TEST = foreign_blocks_of(PAGE, "fastmcp")
MOST_LINES = 15


def lines(block: str) -> list[str]:
    """Return the block without the name of its file."""
    return block.splitlines()[1:]


def filled(block: str) -> list[str]:
    """Return the lines that are not blank."""
    return [line for line in lines(block) if line.strip()]


def test_ours_is_short() -> None:
    """The minimal agent has at most 15 lines of at most 100 columns."""
    assert len(lines(OURS)) <= MOST_LINES
    assert max(map(len, lines(OURS))) <= 100


def test_ours_is_no_longer_than_theirs() -> None:
    """Agent and test are no longer than FastMCP's, counted with and without blank lines."""
    assert len(lines(OURS)) <= len(lines(THEIRS))
    assert len(filled(OURS)) <= len(filled(THEIRS))
    assert len(filled(OUR_TEST)) <= len(filled(THEIR_TEST))


def test_the_lines_are_counted_as_they_are() -> None:
    """The page states the line counts of its blocks."""
    counts = [len(lines(OURS)), len(lines(THEIRS)), len(filled(OURS)), len(filled(THEIRS))]
    printed = "{} lines and {}, without the blank ones {} and {}.".format(*counts)
    assert printed in " ".join(TEXT.split())


def test_ours_is_the_readmes() -> None:
    """The page and the README show the same agent."""
    (ten_lines,) = [
        block
        for block in blocks_of(REPOSITORY / "README.md")
        if block.startswith("# ten_lines_agent.py")
    ]
    assert lines(ten_lines) == lines(OURS)


def test_theirs_does_the_same() -> None:
    """FastMCP's server has the name, version, description, function and docstring of ours."""
    assert [wanted for wanted in shared(OURS) if wanted not in shared(THEIRS)] == []


def shared(block: str) -> list[str]:
    """Return the strings of a program and the names of its functions."""
    nodes = list(ast.walk(ast.parse(block)))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
    names = [node.name for node in nodes if isinstance(node, ast.AsyncFunctionDef)]
    # The stage is what a server of FastMCP has no word for.
    return sorted({*(text for text in texts if isinstance(text, str)), *names} - {"observe"})


def test_the_tables_name_what_there_is() -> None:
    """Each of our names in the second column of a table is public."""
    cells = [line.split(" | ")[-1] for line in TEXT.splitlines() if line.startswith("| ")]
    mentioned = {
        name for cell in cells for name in re.findall(r"\b[A-Z]\w+[a-z]\b(?=[(.,`])", cell)
    }
    ours = mentioned - {"Annotated", "Field", "Client", "LocalEngine"}
    assert len(ours) >= 8
    assert [name for name in sorted(ours) if not hasattr(mirastack_sdk, name)] == []
