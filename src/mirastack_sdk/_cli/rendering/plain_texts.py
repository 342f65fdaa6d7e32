"""Texts of agents as one terminal line or several, without what would move the cursor."""

import json
import re

from mirastack_sdk._text import shortened, well_formed

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text with escape sequences and other controls written out; lines and tabs stay."""
    shown = well_formed(text).replace("\r\n", "\n")
    return _CONTROLS.sub(lambda found: ascii(found.group())[1:-1], shown)


def with_escapes(text: str) -> str:
    """JSON with its control characters escaped; line breaks, which are never in a text, stay."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def on_one_line(text: str, most: int) -> str:
    """The text on one line of at most `most` characters."""
    return shortened(" ".join(printable(text).split()), most)


def compact_json(value: object) -> str:
    """A value as JSON on one line; a text is written as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def seconds_text(seconds: float) -> str:
    """A duration for people: `1.2 ms`, `340 ms` or `12.3 s`."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    millis = seconds * 1000
    return f"{millis:.0f} ms" if millis >= 10 else f"{millis:.1f} ms"
