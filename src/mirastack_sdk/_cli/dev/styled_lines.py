"""Lines with styles, written fast enough for an agent that prints a lot."""

import re
from collections.abc import Callable, Mapping
from functools import partial

from rich.color import ColorSystem
from rich.console import Console

from mirastack_sdk._cli.console import STYLES
from mirastack_sdk._cli.rendering.plain_texts import printable

type Part = tuple[str, str]
"""A text and the name of its style, which may be empty."""

_COLOR_SYSTEMS: Mapping[str, ColorSystem] = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
}
_ESCAPE = "\x1b"
# Colors, which an agent's code may print; other sequences would move the cursor.
_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_RESET = "\x1b[0m"


class StyledLines:
    """Writes lines to a console without the layout that rich computes for each."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._render: Mapping[str, Callable[[str], str]] = {}
        system = _COLOR_SYSTEMS.get(console.color_system or "")
        if system is not None:
            self._render = {
                name: partial(console.get_style(name).render, color_system=system)
                for name in STYLES
            }

    def write(self, *parts: Part) -> None:
        """Write one line; what is no printable character is written out."""
        self._write("".join(self._styled(printable(text), style) for text, style in parts))

    def write_printed(self, mark: Part, text: str) -> None:
        """Write a line that the author's code has printed, with its own colors.

        Of a line that was written over and over, as progress bars do, the last state is shown.
        """
        text = text.rpartition("\r")[2]
        colors = _COLORS.findall(text) if _ESCAPE in text else []
        plain = [printable(part) for part in _COLORS.split(text)]
        shown = plain[0]
        for color, part in zip(colors, plain[1:], strict=True):
            shown += (color if self._render else "") + part
        reset = _RESET if colors and self._render else ""
        self._write(self._styled(*mark) + shown + reset)

    def _styled(self, text: str, style: str) -> str:
        render = self._render.get(style)
        return text if render is None else render(text)

    def _write(self, line: str) -> None:
        try:
            self._console.file.write(line + "\n")
            self._console.file.flush()
        except BrokenPipeError:
            # Whoever read this has gone, as in `dev | head`: the command ends.
            self._console.on_broken_pipe()
