"""The benchmark of worker processes runs; its results are not checked here."""

import pytest

from benchmarks import worker_processes


def test_it_measures(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints both ratios, and how long health checks took."""
    worker_processes.main(["--rounds", "1", "--calls", "1", "--steps", "20000"])
    printed = capsys.readouterr().out
    assert "throughput of two workers: " in printed
    assert "health checks meanwhile: median " in printed
