"""The load from grpcio's asyncio client, in a separate process."""

import json
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

from benchmarks.errors import MeasurementError
from benchmarks.generated import REPOSITORY
from benchmarks.load import LONGEST_SECONDS, Answered, Load
from benchmarks.processes import clean_environment


class GrpcioClient:
    """Calls with `grpc.aio`; its process starts with the first load and ends with the context."""

    name = "grpcio"

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def run(self, port: int, load: Load, calls: int) -> Answered:
        """Make the calls on new connections."""
        if load.content_type != "application/grpc":
            raise MeasurementError("grpcio cannot send the JSON dialect; h2load can")
        order = {
            "address": f"127.0.0.1:{port}",
            "path": load.path,
            "body": str(load.body),
            "calls": calls,
            "connections": load.connections,
            "in_flight": load.in_flight,
        }
        report = self._ask(json.dumps(order))
        if "error" in report:
            raise MeasurementError(str(report["error"]))
        return Answered(
            calls=calls, seconds=float(report["seconds"]), data_bytes=int(report["data_bytes"])
        )

    def _ask(self, line: str) -> dict[str, float]:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = _start()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - asked for
        kill_timer = threading.Timer(LONGEST_SECONDS, process.kill)
        kill_timer.start()
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        finally:
            kill_timer.cancel()
        if not answer:
            raise MeasurementError(f"not answered within {LONGEST_SECONDS:.0f} s")
        report: dict[str, float] = json.loads(answer)
        return report


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.grpcio_load"],
        cwd=REPOSITORY,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
