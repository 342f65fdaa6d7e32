"""The benchmarks run; their results are not checked here."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
# The engine of grpc-go may have to be compiled first.
TIMEOUT = 400.0


def run(*arguments: str) -> str:
    """Run a command of the benchmarks, and return its output."""
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def worktrees() -> str:
    """Return git's list of worktrees."""
    command = ["git", "worktree", "list", "--porcelain"]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return result.stdout


def line(text: str, case: str) -> str:
    """Return the first line of a table about a case."""
    return next(line for line in text.splitlines() if f"| {case} " in line)


def figures(text: str, case: str) -> list[str]:
    """Return what follows the name of the case in its line."""
    return [cell.strip() for cell in line(text, case).strip("|").split("|")[2:]]


def test_a_quick_run_measures_every_system(tmp_path: Path) -> None:
    """Short measurements of the agents succeed, also on one CPU, and give a figure for each."""
    output = tmp_path / "results.md"
    cases = ("--only", "execute-1", "--only", "one-cpu-32")
    printed = run(*cases, "--output", str(output))
    written = output.read_text()
    assert line(written, "execute-1") in printed
    assert all(cell.endswith("/s") for cell in figures(written, "execute-1")[:4])
    assert all(cell.endswith("/s") for cell in figures(written, "one-cpu-32")[:2])


def test_streams_are_measured() -> None:
    """A stream in each direction is measured, of this SDK and of grpcio."""
    systems = ("--system", "ours")
    printed = run(*systems, "--only", "stream-responses", "--only", "stream-requests")
    for case in ("stream-responses", "stream-requests"):
        assert all(cell.endswith("/s") for cell in figures(printed, case)[:2])


@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="this is no clone of the repository")
def test_a_revision_is_compared() -> None:
    """The tree and a commit are measured side by side, and no worktree is left."""
    before = worktrees()
    printed = run("--compare", "HEAD", "--only", "stream-requests", "--only", "idle")
    assert all(cell.endswith("/s") for cell in figures(printed, "stream-requests")[:2])
    assert all(cell.endswith(" MB") for cell in figures(printed, "idle")[:2])
    assert worktrees() == before
