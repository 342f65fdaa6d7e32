"""The programs contain every code block of the documentation, unchanged."""

import ast

import pytest

from tests.documentation.documentation import BLOCKS, COMMANDS, TEXT, Block

PROSE_THAT_PARSES = frozenset(
    {
        "serve()",
        "Package: mirastack-agents-sdk-python",
        "PluginSchema and Action",
        "IntentPattern and PromptTemplate",
    }
)
"""Headings that happen to be Python."""


def holds(program: str, block: tuple[str, ...]) -> bool:
    """Whether the program contains the block's lines in a row, ignoring blank lines."""
    printed = [line.strip() for line in block]
    lines = [line.strip() for line in program.splitlines() if line.strip()]
    starts = range(len(lines) - len(printed) + 1)
    return any(lines[start : start + len(printed)] == printed for start in starts)


def is_code(line: str) -> bool:
    """Whether a line is a Python statement that is more than a word or a string."""
    if line.startswith("#"):
        return True
    for candidate in (line, f"{line} pass"):
        try:
            tree = ast.parse(candidate)
        except SyntaxError:
            continue
        values = [node.value for node in tree.body if isinstance(node, ast.Expr)]
        words = len(values) == len(tree.body) and all(
            isinstance(value, ast.Name | ast.Constant) for value in values
        )
        return not words
    return False


def uncovered(text: tuple[str, ...], covered: frozenset[int]) -> list[str]:
    """Return the lines of code that are in no block."""
    return [
        f"{number}: {line}"
        for number, line in enumerate(text, start=1)
        if number not in covered and line not in PROSE_THAT_PARSES and is_code(line)
    ]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.first}-{block.last}")
def test_the_program_holds_the_block_as_printed(block: Block) -> None:
    """The program contains each printed line, in order; only the indentation may differ."""
    assert holds(block.program.read_text(encoding="utf-8"), block.lines)


@pytest.mark.parametrize(
    "program",
    ["a = 1\nb = 3\n", "b = 2\na = 1\n", "a = 1\nextra = 0\nb = 2\n", "a = 1\n"],
    ids=["changed", "reordered", "interrupted", "cut"],
)
def test_an_altered_program_is_noticed(program: str) -> None:
    """A program that differs in one line does not pass."""
    assert holds("if x:\n    a = 1\n\n    b = 2\n", ("a = 1", "b = 2"))
    assert not holds(program, ("a = 1", "b = 2"))


def test_every_line_of_code_is_in_a_block() -> None:
    """All Python in the documentation is tested."""
    covered = frozenset(
        number for block in BLOCKS for number in range(block.first, block.last + 1)
    ) | frozenset(COMMANDS)
    assert uncovered(TEXT, covered) == []


def test_a_line_of_code_outside_every_block_is_noticed() -> None:
    """The search for code finds statements, heads of compound statements and comments."""
    text = ("Cache", "x = 1", "while x:", "# a comment", "Plain words here", "f(x)")
    assert uncovered(text, frozenset()) == [
        "2: x = 1",
        "3: while x:",
        "4: # a comment",
        "6: f(x)",
    ]


def test_blocks_do_not_overlap() -> None:
    """Each line belongs to at most one block."""
    numbers = [number for block in BLOCKS for number in range(block.first, block.last + 1)]
    assert len(numbers) == len(set(numbers))
