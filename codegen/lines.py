"""Text of Python code: indenting it, quoting text in it."""

import textwrap


def indent(code: str, levels: int = 1) -> str:
    """Return code moved to the right by levels."""
    return textwrap.indent(code, "    " * levels)


def docstring(text: str, column: int) -> str:
    """Return text as a docstring that starts at a column, and that reads back as the text."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if escaped.endswith('"'):
        escaped = f'{escaped[:-1]}\\"'
    lines = escaped.splitlines()
    if len(lines) == 1:
        return f'"""{escaped}"""'
    padding = " " * column
    body = "\n".join(f"{padding}{line}".rstrip() for line in lines[1:])
    return f'"""{lines[0]}\n{body}\n{padding}"""'
