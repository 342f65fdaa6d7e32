"""Text of Python code: indenting it, quoting text in it."""

import textwrap


def indent(code: str, levels: int = 1) -> str:
    """Return code moved to the right by levels."""
    return textwrap.indent(code, "    " * levels)


def docstring(text: str, column: int) -> str:
    """Return text as a docstring that starts at a column, and that reads back as the text."""
    # A quote at the end is written so that no formatter takes it for one of the closing ones.
    body, end = (text[:-1], "\\x22") if text.endswith('"') else (text, "")
    escaped = body.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') + end
    lines = escaped.split("\n")
    if len(lines) == 1:
        return f'"""{escaped}"""'
    padding = " " * column
    body = "\n".join(f"{padding}{line}".rstrip() for line in lines[1:])
    return f'"""{lines[0]}\n{body}\n{padding}"""'
