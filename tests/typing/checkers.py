"""The type checkers, run as an author runs them, and their findings."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.typing.documented_agent import AS_PRINTED, FINDINGS, annotated

HERE = Path(__file__).parent
MISTAKES = tuple(sorted((HERE / "mistakes").glob("*.py")))
VALID = HERE / "valid_agent.py"
VALID_ACTIONS = HERE / "valid_actions.py"
VALID_SUITE = HERE / "valid_suite.py"
ANNOTATED = Path("annotated_agent.py")
MYPY_CACHE = HERE.parent.parent / ".mypy_cache" / "authors"
"""What mypy has found of the SDK's own modules, which it need not find for every folder anew."""

_MYPY_LINE = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+): error: .*\[(?P<code>[a-z-]+)\]$")
_MARK = re.compile(r"# error: (?P<code>[a-z-]+)$")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding: the file's name, the line (from 1) and mypy's code."""

    file: str
    line: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The findings of both checkers in the same files."""

    mypy: tuple[Finding, ...]
    pyright: tuple[tuple[str, int], ...]

    def mypy_of(self, file: Path) -> list[Finding]:
        """Mypy's findings in one file."""
        return [finding for finding in self.mypy if finding.file == file.name]

    def pyright_of(self, file: Path) -> list[int]:
        """The lines of one file in which pyright finds an error."""
        return [line for name, line in self.pyright if name == file.name]


def marked(files: Sequence[Path]) -> list[Finding]:
    """The findings that the marks in the files expect."""
    return sorted(
        Finding(file.name, number, mark["code"])
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if (mark := _MARK.search(line))
    )


def missing_annotations() -> list[Finding]:
    """The findings that `mypy --strict` must have in the documented agent as printed."""
    return sorted(
        Finding(AS_PRINTED.name, number, FINDINGS[line.strip()])
        for number, line in enumerate(AS_PRINTED.read_text(encoding="utf-8").splitlines(), start=1)
        if line.strip() in FINDINGS
    )


def check_authors_files(folder: Path, python: Path | None = None) -> Verdict:
    """Check every author's file in `folder`, where no settings of this repository apply.

    `python` is the interpreter whose packages are seen; without it, the one that runs this.
    """
    files = []
    for source in (*MISTAKES, VALID, VALID_ACTIONS, VALID_SUITE, AS_PRINTED):
        copy = folder / source.name
        copy.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        files.append(copy.name)
    (folder / ANNOTATED).write_text(annotated(), encoding="utf-8")
    files.append(ANNOTATED.name)
    interpreter = str(python or sys.executable)
    return Verdict(
        mypy=_mypy(files, folder, interpreter, cache=folder / "cache" if python else MYPY_CACHE),
        pyright=_pyright(files, folder, interpreter),
    )


def _mypy(
    files: Sequence[str], folder: Path, interpreter: str, *, cache: Path
) -> tuple[Finding, ...]:
    options = ["--strict", "--no-error-summary", "--hide-error-context", "--no-pretty"]
    where = ["--python-executable", interpreter, "--cache-dir", str(cache)]
    command = ["-m", "mypy", *options, *where, *files]
    found = []
    for line in _run(command, folder).splitlines():
        if match := _MYPY_LINE.match(line):
            found.append(Finding(Path(match["path"]).name, int(match["line"]), match["code"]))
        elif ": note: " not in line:
            raise RuntimeError(f"mypy said what is not understood here: {line}")
    return tuple(sorted(set(found)))  # an override is reported once for each base


def _pyright(files: Sequence[str], folder: Path, interpreter: str) -> tuple[tuple[str, int], ...]:
    command = ["-m", "pyright", "--outputjson", "--pythonpath", interpreter, *files]
    report = json.loads(_run(command, folder))
    errors = [found for found in report["generalDiagnostics"] if found["severity"] == "error"]
    return tuple(
        sorted(
            {(Path(found["file"]).name, found["range"]["start"]["line"] + 1) for found in errors}
        )
    )


def _run(arguments: Sequence[str], folder: Path) -> str:
    completed = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if completed.returncode not in {0, 1}:
        raise RuntimeError(f"{arguments[1]} failed:\n{completed.stdout}{completed.stderr}")
    return completed.stdout
