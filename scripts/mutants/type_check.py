"""Asks mypy about mutants that no test notices: `make check` does not let those through either."""

import subprocess
import sys

from scripts.mutants.operators import Mutant
from scripts.mutants.workspace import REPOSITORY, Workspace

_CACHE = REPOSITORY / ".mutants" / "mypy"


def is_refused(workspace: Workspace, mutant: Mutant) -> bool:
    """Tell whether mypy finds a fault in the mutated file that it does not find without."""
    original = (workspace.root / mutant.path).read_text(encoding="utf-8")
    workspace.write(mutant.path, mutant.text)
    try:
        return _has_faults(workspace, mutant.path)
    finally:
        workspace.write(mutant.path, original)


def _has_faults(workspace: Workspace, path: str) -> bool:
    done = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(_CACHE), path],
        cwd=workspace.root,
        env=workspace.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 1 and f"{path}:" in done.stdout
