"""The mutants that no test can notice, each with the reason: `equivalent_mutants.toml`.

An entry names the file, the line without the change and the line with it, so it holds wherever the
line moves.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).parent / "equivalent_mutants.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent:
    """A mutant that behaves as the original does."""

    path: str
    before: str
    after: str
    reason: str

    @property
    def key(self) -> tuple[str, str, str]:
        """As `Mutant.key`."""
        return self.path, self.before, self.after


def outdated(entries: Iterable[Equivalent], root: Path) -> list[Equivalent]:
    """The entries whose code is no longer there."""
    return [entry for entry in entries if entry.before not in _in_one_line(root / entry.path)]


def _in_one_line(path: Path) -> str:
    if not path.exists():
        return ""
    return " ".join(line.strip() for line in path.read_text(encoding="utf-8").splitlines())


def read(path: Path = LIST) -> dict[tuple[str, str, str], Equivalent]:
    """Read the list."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    found = [Equivalent(**entry) for entry in entries]
    return {entry.key: entry for entry in found}
