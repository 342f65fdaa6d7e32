"""The blocks of a page that operators follow: commands, and files to write."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROMPT = "$ "
_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+) -->\n\n)?"
    r"(?:^```(?P<language>\w+)\n(?P<fenced>.*?)^```$|(?P<indented>(?:^    [^\n]*\n|^\n(?=    ))+))",
    re.DOTALL | re.MULTILINE,
)
_NAME = re.compile(r"# ([\w.-]+)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBlock:
    """One block: its text, its language if it is a file, and why no test runs it."""

    text: str
    language: str
    reason: str

    @property
    def name(self) -> str:
        """The file that it shows, or its first command."""
        named = _NAME.match(self.text) if self.language else None
        return named[1] if named else self.text.partition("\n")[0]

    @property
    def commands(self) -> list[str]:
        """Its lines, without prompts and without what is printed if there are prompts."""
        joined = self.text.replace("\\\n", " ").splitlines()
        prompted = [line.removeprefix(_PROMPT) for line in joined if line.startswith(_PROMPT)]
        return prompted or joined

    @property
    def printed(self) -> str:
        """What its commands print."""
        lines = self.text.splitlines()
        return "\n".join(line for line in lines if not line.startswith(_PROMPT))


def page_blocks(page: Path) -> Iterator[PageBlock]:
    """Every block of a page, in order."""
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        text = found["fenced"] or textwrap.dedent(found["indented"])
        yield PageBlock(
            text=text.strip("\n") + "\n",
            language=found["language"] or "",
            reason=found["reason"] or "",
        )
