"""The load from h2load, nghttp2's compiled client."""

import re
import shutil
import subprocess

from benchmarks.errors import MeasurementError
from benchmarks.load import LONGEST_SECONDS, Answered, Load

_RATE = re.compile(r"^finished in .*?, ([\d.]+) req/s", re.MULTILINE)
_REQUESTS = re.compile(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout")
_DATA = re.compile(r"^traffic: .*\((\d+)\) data$", re.MULTILINE)


class H2Load:
    """Makes calls with `h2load`; `find()` returns `None` if it is not installed."""

    name = "h2load"

    def __init__(self, command: str) -> None:
        self._command = command

    @classmethod
    def find(cls) -> "H2Load | None":
        """Return the client, if it is installed."""
        command = shutil.which("h2load")
        return cls(command) if command else None

    def version(self) -> str:
        """The name and version that the client prints."""
        result = subprocess.run(  # noqa: S603 - the command is our own
            [self._command, "--version"], capture_output=True, text=True, check=False
        )
        return result.stdout.strip()

    def run(self, port: int, load: Load, calls: int) -> Answered:
        """Make the calls on new connections."""
        command = [
            self._command,
            f"--requests={calls}",
            f"--clients={min(load.connections, calls)}",
            f"--max-concurrent-streams={load.in_flight}",
            f"--data={load.body}",
            f"--header=content-type: {load.content_type}",
            "--header=te: trailers",
            f"http://127.0.0.1:{port}{load.path}",
        ]
        try:
            result = subprocess.run(  # noqa: S603 - the command is our own
                command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise MeasurementError(f"not answered within {LONGEST_SECONDS:.0f} s") from None
        return _read_report(result.stdout, calls)


def _read_report(text: str, calls: int) -> Answered:
    rate, requests, data = _RATE.search(text), _REQUESTS.search(text), _DATA.search(text)
    if rate is None or requests is None or data is None:
        raise MeasurementError("h2load has reported nothing")
    if requests.groups() != (str(calls), "0", "0", "0"):
        raise MeasurementError(f"of {calls} calls {requests[0]}")
    return Answered(calls=calls, seconds=calls / float(rate[1]), data_bytes=int(data[1]))
