"""A process that serves for a test, and reports its memory and what it holds."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_REPOSITORY = Path(__file__).parents[2]
_KILOBYTE = 1024
_END_SECONDS = 30
_NANOSECONDS = 1e-9


class ProbedProcess:
    """A module that prints one line at the start, and one for each line that it reads."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._memory = Path(f"/proc/{process.pid}")
        self.first_line = self._line()

    def ask(self) -> Mapping[str, int]:
        """Return what the process holds now."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write("\n")
        stdin.flush()
        answer: dict[str, int] = json.loads(self._line())
        return answer

    def forget_peak(self) -> None:
        """Measure `peak` from now on."""
        (self._memory / "clear_refs").write_text("5")

    @property
    def peak(self) -> int:
        """The most memory that the process had resident since `forget_peak`, in bytes."""
        return self._status("VmHWM")

    @property
    def lack_of_cores(self) -> float:
        """How long the process has waited for a core, in seconds."""
        return lack_of_cores(self._process.pid)

    @property
    def resident(self) -> int:
        """The memory that the process has resident now, in bytes."""
        return self._status("VmRSS")

    def _status(self, name: str) -> int:
        for line in (self._memory / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * _KILOBYTE
        raise AssertionError(f"the system does not tell {name}")

    def _line(self) -> str:
        stdout = self._process.stdout
        assert stdout is not None
        return stdout.readline()


def lack_of_cores(process: int | str = "self") -> float:
    """How long a process has waited for a core so far, in seconds: the machine's fault alone."""
    try:
        _, waited, _ = Path(f"/proc/{process}/schedstat").read_text().split()
    except FileNotFoundError:
        return 0.0  # a kernel that does not tell
    return int(waited) * _NANOSECONDS


@contextmanager
def probed_process(module: str) -> Iterator[ProbedProcess]:
    """Start a module; gives it once it serves, and stops it by closing its input."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=_REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield ProbedProcess(process)
    finally:
        try:
            process.communicate(timeout=_END_SECONDS)
        finally:
            process.kill()
