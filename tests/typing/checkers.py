"""The type checkers, run as an author runs them, and what they said."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.py"))
VALID = (Path(__file__).parent / "valid_agent.py",)

_MYPY_LINE = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+): error: .*\[(?P<code>[a-z-]+)\]$")
_MARK = re.compile(r"# error: (?P<code>[a-z-]+)$")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One complaint: the file's name, the line (from 1) and mypy's code."""

    file: str
    line: int
    code: str


def marked(files: Sequence[Path]) -> list[Finding]:
    """What the files' own marks say is wrong."""
    return sorted(
        Finding(file.name, number, mark["code"])
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if (mark := _MARK.search(line))
    )


def _run(command: Sequence[str], cwd: Path) -> str:
    completed = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    if completed.returncode not in {0, 1}:
        raise RuntimeError(f"{command[2]} failed:\n{completed.stdout}{completed.stderr}")
    return completed.stdout


def mypy(files: Sequence[Path], *, cwd: Path, python: Path | None = None) -> list[Finding]:
    """What `mypy --strict`, with no further configuration, says of the files.

    `python` is the interpreter whose packages are seen; without it, this repository's source is.
    """
    seen = ["--python-executable", str(python)] if python else []
    cache = ["--cache-dir", str(cwd / ".mypy_cache_agents")]
    options = ["--strict", "--config-file=", "--no-error-summary", "--hide-error-context"]
    command = [sys.executable, "-m", "mypy", *options, *seen, *cache, *map(str, files)]
    found = []
    for line in _run(command, cwd).splitlines():
        if match := _MYPY_LINE.match(line):
            found.append(Finding(Path(match["path"]).name, int(match["line"]), match["code"]))
        elif ": note: " not in line:
            raise RuntimeError(f"mypy said what is not understood here: {line}")
    return sorted(found)


def pyright(
    files: Sequence[Path], *, cwd: Path, python: Path | None = None
) -> list[tuple[str, int]]:
    """The file names and lines that pyright, as it comes, calls wrong; each once."""
    seen = ["--pythonpath", str(python or sys.executable)]
    command = [sys.executable, "-m", "pyright", "--outputjson", *seen, *map(str, files)]
    report = json.loads(_run(command, cwd))
    return sorted(
        {
            (Path(found["file"]).name, found["range"]["start"]["line"] + 1)
            for found in report["generalDiagnostics"]
            if found["severity"] == "error"
        }
    )
