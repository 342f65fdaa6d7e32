"""Helpers for the text of Python code: indentation and docstrings."""

import textwrap


def indent(code: str, levels: int = 1) -> str:
    """Return `code` indented by `levels`."""
    return textwrap.indent(code, "    " * levels)


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
