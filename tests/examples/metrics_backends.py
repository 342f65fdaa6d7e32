"""Prometheus and VictoriaMetrics as Debian packages them, on 127.0.0.1, with one day of data."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from mirastack_sdk.plugin import TimeRange

TIMEOUT = 30.0
START = 1775606400  # 2026-04-08T00:00:00Z
DAY = TimeRange(START * 1000, (START + 86_400) * 1000, "UTC", "that day")
SPIKE = range(START + 6 * 3600, START + 6 * 3600 + 1800)
"""For half an hour from 06:00 on, orders queue up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A backend: its program, its arguments, and what it logs once it listens."""

    package: str
    arguments: Sequence[str]
    ready: str


PROGRAMS = {
    "prometheus": Program(
        package="prometheus",
        arguments=(
            "--config.file={folder}/prometheus.yml",
            "--storage.tsdb.path={folder}/data",
            "--storage.tsdb.retention.time=100y",
            "--web.listen-address={address}",
        ),
        ready="Server is ready to receive web requests",
    ),
    "victoria-metrics": Program(
        package="victoria-metrics",
        arguments=(
            "-storageDataPath={folder}/data",
            "-retentionPeriod=100y",
            "-httpListenAddr={address}",
        ),
        ready="starting http server",
    ),
}


def lines(unit: int) -> Iterator[str]:
    """One value per minute for each queue, with timestamps in the given unit."""
    yield "# TYPE queue_length gauge"
    for queue, calm, busy in (("mail", 1, 1), ("orders", 5, 50)):
        for second in range(START, START + 86_400, 60):
            length = busy if second in SPIKE else calm
            yield f'queue_length{{queue="{queue}",job="shop"}} {length} {second * unit}'


@contextmanager
def running(name: str, folder: Path) -> Iterator[str]:
    """The URL of a backend with the day's data; without its program the test is skipped."""
    if shutil.which(name) is None:
        pytest.skip(f"no {name}: apt-get install {PROGRAMS[name].package}")
    if name == "prometheus":
        _write_blocks(folder)
    with listening(name, folder) as url:
        if name == "victoria-metrics":
            _post(f"{url}/api/v1/import/prometheus", "\n".join(lines(1000)))
            _post(f"{url}/internal/force_flush", "")
        yield url


def _write_blocks(folder: Path) -> None:
    (folder / "prometheus.yml").touch()
    (folder / "day.txt").write_text("\n".join([*lines(1), "# EOF\n"]), encoding="utf-8")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "day.txt", "data"],  # noqa: S607 - the one beside prometheus
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=TIMEOUT,
    )


@contextmanager
def listening(name: str, folder: Path) -> Iterator[str]:
    """The URL of a backend with what is in its folder; Prometheus is configured there."""
    for _ in range(3):  # another program may take the port in between
        address = _free_address()
        process = _started(name, folder, address)
        try:
            if _ready(process, PROGRAMS[name].ready):
                yield f"http://{address}"
                return
        finally:
            process.kill()
            process.wait(TIMEOUT)
    raise RuntimeError(f"{name} does not start")


def _started(name: str, folder: Path, address: str) -> subprocess.Popen[str]:
    arguments = [part.format(folder=folder, address=address) for part in PROGRAMS[name].arguments]
    return subprocess.Popen(
        [name, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def _ready(process: subprocess.Popen[str], line: str) -> bool:
    """Whether a line is logged; the log is read to its end, so that nothing blocks on it."""
    found, ended = threading.Event(), threading.Event()

    def read() -> None:
        assert process.stderr is not None
        with process.stderr as log:
            for logged in log:
                if line in logged:
                    found.set()
                    ended.set()
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    ended.wait(TIMEOUT)
    return found.is_set()


def _free_address() -> str:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{chosen.getsockname()[1]}"


def _post(url: str, text: str) -> None:
    with urlopen(url, text.encode(), timeout=TIMEOUT):  # noqa: S310 - the test's own backend
        pass
