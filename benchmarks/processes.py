"""A measured program as a process: started, read in /proc, ended."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.errors import MeasurementError
from benchmarks.generated import REPOSITORY

_PORT_LINE = "MIRASTACK_PLUGIN_PORT="
_START_SECONDS = 60.0
_END_SECONDS = 10.0
# Each would change the measurement. Without bytecode every start would compile the imported
# modules, which installed packages do not do.
_FOREIGN_VARIABLES = (
    "MIRASTACK_",
    "OTEL_",
    "GRPC_",
    "BENCHMARK_",
    "PYTHONASYNCIODEBUG",
    "PYTHONDONTWRITEBYTECODE",
)


def clean_environment(*search_path: Path) -> dict[str, str]:
    """Return this process's environment without settings of the compared programs.

    Modules are first searched for in the folders of `search_path`.
    """
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(_FOREIGN_VARIABLES)
    }
    if search_path:
        inherited = filter(None, [kept.get("PYTHONPATH")])
        kept["PYTHONPATH"] = os.pathsep.join([*map(str, search_path), *inherited])
    return kept


class ServerProcess:
    """A program that prints its port; entering starts it and waits for that line.

    All its threads run on `cpu`, if that is given.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        log: Path,
        *,
        cpu: int | None = None,
    ) -> None:
        self.port = 0
        self._command = command
        self._cpu = cpu
        self._environ = environ
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        with self._log.open("a", encoding="utf-8") as log, _pinned(self._cpu):
            self._process = subprocess.Popen(  # noqa: S603 - the command is our own
                [*self._command],
                cwd=REPOSITORY,
                env=self._environ,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        try:
            self.port = self._read_port(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def cpu_seconds(self) -> float:
        """The processor time so far, user and system, of all threads."""
        # The clock of `clock_getcpuclockid`; /proc counts in hundredths of a second.
        clock = ~self._pid << 3 | 2
        try:
            return time.clock_gettime(clock)
        except OSError as error:
            raise MeasurementError(f"the process has ended: {self._last_words()}") from error

    def resident_bytes(self) -> int:
        """The memory in use now."""
        return self._status("VmRSS")

    def peak_bytes(self) -> int:
        """The peak memory."""
        return self._status("VmHWM")

    def stop(self) -> None:
        """End the process, by force if necessary."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _read_port(self, process: subprocess.Popen[str]) -> int:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        kill_timer = threading.Timer(_START_SECONDS, process.kill)
        kill_timer.start()
        try:
            line = process.stdout.readline().strip()
        finally:
            kill_timer.cancel()
        if not line.startswith(_PORT_LINE):
            raise MeasurementError(f"{self._command[-1]} has not started: {self._last_words()}")
        return int(line.removeprefix(_PORT_LINE))

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8").strip().splitlines()
        return lines[-1] if lines else "it has said nothing"

    def _status(self, name: str) -> int:
        for line in self._read("status").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise MeasurementError(f"this system does not report the {name} of a process")

    @property
    def _pid(self) -> int:
        if self._process is None:
            raise MeasurementError("the process has not been started")
        return self._process.pid

    def _read(self, name: str) -> str:
        try:
            return Path(f"/proc/{self._pid}/{name}").read_text(encoding="utf-8")
        except OSError as error:
            raise MeasurementError(f"the process has ended: {self._last_words()}") from error


@contextmanager
def _pinned(cpu: int | None) -> Iterator[None]:
    """Pin this thread to a processor, and so the processes that it starts meanwhile."""
    if cpu is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
