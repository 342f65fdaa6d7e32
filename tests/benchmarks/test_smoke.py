"""The benchmarks run; their results are not checked here."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# The engine of grpc-go may have to be compiled first.
TIMEOUT = 400.0


def test_a_quick_run_measures_every_system(tmp_path: Path) -> None:
    """One short measurement of the four agents succeeds and gives a figure for each."""
    output = tmp_path / "results.md"
    command = ["-m", "benchmarks", "--quick", "--only", "execute-1", "--output", str(output)]
    result = subprocess.run(
        [sys.executable, *command],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (row,) = [line for line in output.read_text().splitlines() if "| execute-1 " in line]
    assert row in result.stdout
    measured = [cell.strip() for cell in row.split("|")[3:7]]
    assert all(cell.endswith("/s") for cell in measured), row
