"""Both type checkers in strict mode, over the SDK's own code with its own stubs."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.golden.google import REPOSITORY
from tests.typing.checkers import Finding


def mypy_strict(*paths: Path) -> list[Finding]:
    """Return what mypy finds in files and folders, with the project's settings."""
    output = _run("mypy", "--strict", "--output=json", *map(str, paths), folder=REPOSITORY)
    found = [json.loads(line) for line in output.splitlines() if line]
    return sorted(
        Finding(Path(item["file"]).name, item["line"], item["code"])
        for item in found
        if item["severity"] == "error"
    )


def pyright_strict(*paths: Path, folder: Path) -> list[tuple[str, int]]:
    """Return the lines in which pyright finds something; its configuration goes to a folder."""
    configuration = {
        "include": [os.path.relpath(REPOSITORY / path, folder) for path in paths],
        "extraPaths": [str(REPOSITORY / "src")],
        "stubPath": str(REPOSITORY / "stubs"),
        "typeCheckingMode": "strict",
        "pythonVersion": "3.12",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(configuration), encoding="utf-8")
    output = _run("pyright", "--outputjson", "--pythonpath", sys.executable, folder=folder)
    report = json.loads(output)
    analyzed = report["summary"]["filesAnalyzed"]
    assert analyzed >= len(paths), f"pyright found {analyzed} files in {paths}"
    return sorted(
        {
            (Path(item["file"]).name, item["range"]["start"]["line"] + 1)
            for item in report["generalDiagnostics"]
        }
    )


def _run(*command: str, folder: Path) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert finished.returncode in {0, 1}, finished.stdout + finished.stderr
    return finished.stdout
