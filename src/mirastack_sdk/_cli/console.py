"""The consoles on which commands print for people.

Escape codes are written only to a terminal, and not with `--no-color` or NO_COLOR.
"""

import sys
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.theme import Theme

from mirastack_sdk._cli.environment import is_colour_unwanted

STYLES: Mapping[str, str] = {
    "title": "bold",
    "name": "cyan",
    "quiet": "dim",
    "good": "green",
    "warning": "yellow",
    "bad": "red",
}
"""The styles of all commands, by what they mean."""

_is_plain = False


def use_plain_text() -> None:
    """Print without escape codes from now on: `--no-color`."""
    global _is_plain  # noqa: PLW0603 - a property of the process, as its terminal is
    _is_plain = True


def output_console() -> Console:
    """Return a console for results, on standard output."""
    return _console(is_error=False)


def error_console() -> Console:
    """Return a console for everything but results, on standard error."""
    return _console(is_error=True)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a standard stream is a terminal; of one that is closed, Python makes None."""
    return stream is not None and stream.isatty()


def _console(*, is_error: bool) -> Console:
    theme = Theme(dict(STYLES))
    # rich's `no_color` keeps bold and dim; without a color system it writes no escape code at all.
    is_plain = _is_plain or is_colour_unwanted()
    return Console(
        # Of now: the output of an author's code may be redirected later.
        file=sys.stderr if is_error else sys.stdout,
        # If it is closed, the other one must not take its place.
        stderr=is_error,
        theme=theme,
        color_system=None if is_plain else "auto",
        highlight=False,
    )
