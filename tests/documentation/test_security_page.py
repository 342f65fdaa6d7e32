"""docs/security.md: the log lines in its table are those that agents write."""

import ast
import re

import pytest

from tests.documentation.documentation import REPOSITORY

PAGE = (REPOSITORY / "docs" / "security.md").read_text(encoding="utf-8")
LOG_LINES = re.findall(r"^\| ((?:the|a|refused) .+?) \| ", PAGE, re.MULTILINE)


def texts() -> str:
    """Return every string of the code that writes them."""
    found = []
    for path in sorted((REPOSITORY / "src" / "mirastack_sdk" / "_wire").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        found += [node.value for node in nodes if isinstance(node, ast.Constant)]
    return "\n".join(text for text in found if isinstance(text, str))


@pytest.mark.parametrize("line", LOG_LINES)
def test_a_log_line_of_the_table_is_written_somewhere(line: str) -> None:
    """Each part of the line, with the peer's name left open, is a text of the code."""
    written = texts()
    parts = [part.strip() for part in re.split(r"…|[:,] ", line)]
    missing = [
        part
        for part in parts
        if part not in written and re.sub("the (engine|client)", "{peer}", part) not in written
    ]
    assert missing == []


def test_the_table_was_found() -> None:
    """The test above has something to look at."""
    assert len(LOG_LINES) >= 10
