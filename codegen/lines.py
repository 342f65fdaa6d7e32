"""Helpers for the text of Python code: indentation and docstrings."""

import textwrap
from collections.abc import Sequence
from itertools import batched

_LONGEST_PART = 60


def indent(code: str, levels: int = 1) -> str:
    """Return `code` indented by `levels`."""
    return textwrap.indent(code, "    " * levels)


def parts(statements: Sequence[str]) -> list[str]:
    """Return the statements in groups, each of them small enough for a function.

    Type checkers give up on functions with hundreds of branches.
    """
    return ["\n".join(group) for group in batched(statements, _LONGEST_PART)]


def given(statements: Sequence[str]) -> list[str]:
    """Return what comes before statements that look into a message for the fields of oneofs."""
    is_used = any('" in given:' in statement for statement in statements)
    return ["given: dict[str, object] = message.__dict__"] if is_used else []


def documentation(comment: str, is_deprecated: bool, otherwise: str, column: int) -> str:
    """Return the docstring for a comment or else for `otherwise`; it says what is deprecated."""
    text = comment or otherwise
    if is_deprecated and "deprecated" not in text.lower():
        text = f"{text}\n\nDeprecated." if text else "Deprecated."
    return docstring(text, column)


def docstring(text: str, column: int) -> str:
    """Return the docstring, starting at `column`, whose value is `text`."""
    # A quote at the end is escaped, so that no formatter confuses it with the closing quotes.
    body, end = (text[:-1], "\\x22") if text.endswith('"') else (text, "")
    escaped = body.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') + end
    lines = escaped.split("\n")
    if len(lines) == 1:
        return f'"""{escaped}"""'
    padding = " " * column
    body = "\n".join(f"{padding}{line}".rstrip() for line in lines[1:])
    return f'"""{lines[0]}\n{body}\n{padding}"""'


def is_set(value: str, python: str) -> str:
    """Return the condition that a value, `value` from now on, is not the empty one of its type."""
    return f"(value := {value}) or value.__class__ is not {python}"
