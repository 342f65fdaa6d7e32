"""A Dockerfile, as instructions that a test can follow without Docker."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_INSTRUCTION = re.compile(r"^([A-Z]+) ((?:.*\\\n)*.*)$", re.MULTILINE)


@dataclass(kw_only=True)
class Stage:
    """One stage: its name, if it has one, and the instructions that follow FROM."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        """The arguments of each such instruction."""
        return [text for name, text in self.instructions if name == instruction]

    def variables(self) -> Mapping[str, str]:
        """What ENV sets."""
        return dict(pair.split("=", 1) for text in self.all("ENV") for pair in text.split())

    def command(self, instruction: str) -> list[str]:
        """The command of the only such instruction, in its form without a shell."""
        (text,) = self.all(instruction)
        words: list[str] = json.loads(text[text.index("[") :])
        return words


def stages(path: Path) -> Iterator[Stage]:
    """The stages of a Dockerfile."""
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    stage: Stage | None = None
    for name, arguments in _INSTRUCTION.findall(text):
        joined = re.sub(r"\s*\\\n\s*", " ", arguments)
        if name == "FROM":
            if stage is not None:
                yield stage
            base, _, alias = joined.partition(" AS ")
            stage = Stage(base=base, name=alias)
        else:
            assert stage is not None
            stage.instructions.append((name, joined))
    if stage is not None:
        yield stage
