"""JSON on standard output, for programs."""

import json

from rich.console import Console

from mirastack_sdk._cli.rendering.plain_texts import with_escapes


def write_json(console: Console, value: object) -> None:
    """Write a JSON value, readable where the output can carry its characters.

    Elsewhere, and for characters that no encoding has, it is written with JSON's escapes, and so
    are those that would move a terminal's cursor.
    """
    text = with_escapes(json.dumps(value, indent=2, ensure_ascii=False))
    if not _carries(console, text):
        text = json.dumps(value, indent=2)
    console.out(text, highlight=False)


def _carries(console: Console, text: str) -> bool:
    try:
        text.encode(console.encoding)
    except UnicodeEncodeError:
        return False
    return True
