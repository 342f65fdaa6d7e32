"""Both type checkers pass the generated code, and flag what is wrong where it is used."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.golden.google import REPOSITORY
from tests.typing.checkers import Finding, marked

USAGE = Path("tests", "typing", "generated_usage.py")
GENERATED = Path("src", "mirastack_sdk", "_gen")


def _run(*command: str, folder: Path = REPOSITORY) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert finished.returncode in {0, 1}, finished.stdout + finished.stderr
    return finished.stdout


@cache
def _mypy(*paths: Path) -> list[Finding]:
    output = _run("mypy", "--strict", "--output=json", *map(str, paths))
    found = [json.loads(line) for line in output.splitlines()]
    return sorted(
        Finding(Path(item["file"]).name, item["line"], item["code"])
        for item in found
        if item["severity"] == "error"
    )


def _pyright_strict(path: Path, folder: Path) -> list[tuple[str, int]]:
    configuration = {
        "include": [os.path.relpath(REPOSITORY / path, folder)],
        "extraPaths": [str(REPOSITORY / "src")],
        "stubPath": str(REPOSITORY / "stubs"),
        "typeCheckingMode": "strict",
        "pythonVersion": "3.12",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(configuration), encoding="utf-8")
    output = _run("pyright", "--outputjson", "--pythonpath", sys.executable, folder=folder)
    return sorted(
        {
            (Path(item["file"]).name, item["range"]["start"]["line"] + 1)
            for item in json.loads(output)["generalDiagnostics"]
        }
    )


def test_mypy_flags_exactly_what_is_wrong() -> None:
    """Each marked line is an error with the code that it is marked with, and no other is."""
    assert _mypy(USAGE, GENERATED) == marked([REPOSITORY / USAGE])


def test_pyright_flags_exactly_what_is_wrong(tmp_path: Path) -> None:
    """Pyright, in its strict mode, agrees about every line."""
    lines = [(finding.file, finding.line) for finding in marked([REPOSITORY / USAGE])]
    assert _pyright_strict(USAGE, tmp_path) == lines


def test_mypy_passes_the_generated_code() -> None:
    """`mypy --strict` has nothing to say about it."""
    names = {path.name for path in (REPOSITORY / GENERATED).glob("*.py")}
    assert [finding for finding in _mypy(USAGE, GENERATED) if finding.file in names] == []


def test_pyright_passes_the_generated_code(tmp_path: Path) -> None:
    """Nor has pyright in its strict mode."""
    assert _pyright_strict(GENERATED, tmp_path) == []


def test_nothing_in_the_generated_code_is_exempt() -> None:
    """The checkers are not told to look away."""
    exempt = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted((REPOSITORY / GENERATED).glob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(word in line for word in ("type: ignore", "pyright:", "noqa", "cast("))
    ]
    assert exempt == []
