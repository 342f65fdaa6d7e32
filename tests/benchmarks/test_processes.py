"""The processes of measured programs."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.errors import MeasurementError
from benchmarks.processes import ServerProcess, clean_environment

# Prints how many processors it may use, in place of a port.
_PROCESSORS = """\
import os, signal
print(f"MIRASTACK_PLUGIN_PORT={len(os.sched_getaffinity(0))}", flush=True)
signal.pause()
"""
_BUSY = """\
import signal, time
while time.process_time() < 0.25:
    pass
print("MIRASTACK_PLUGIN_PORT=1", flush=True)
signal.pause()
"""


def process(program: str, folder: Path, *, cpu: int | None = None) -> ServerProcess:
    """Return the process of a program, which has not been started."""
    command = (sys.executable, "-c", program)
    return ServerProcess(command, clean_environment(), folder / "log", cpu=cpu)


def test_a_process_may_be_pinned_to_one_processor(tmp_path: Path) -> None:
    """The program runs on one processor; this one goes on as before."""
    before = os.sched_getaffinity(0)
    with process(_PROCESSORS, tmp_path, cpu=max(before)) as server:
        assert server.port == 1
    with process(_PROCESSORS, tmp_path) as server:
        assert server.port == len(before)
    assert os.sched_getaffinity(0) == before


def test_the_processor_time_is_the_programs(tmp_path: Path) -> None:
    """It is at least what the program has measured itself."""
    with process(_BUSY, tmp_path) as server:
        assert server.cpu_seconds() >= 0.25


def test_a_process_that_has_ended_has_no_figures(tmp_path: Path) -> None:
    """Whoever measures a program that has ended is told so."""
    with process(_PROCESSORS, tmp_path) as server:
        server.stop()
        for read in (server.cpu_seconds, server.resident_bytes, server.peak_bytes):
            with pytest.raises(MeasurementError, match="the process has ended"):
                read()
