"""The agent's process ends whatever its code does, and none of its output is lost."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from mirastack_sdk._cli.dev.child_process import ChildProcess, LoadReport
from tests.cli.dev.dev_process import is_running, until
from tests.cli.processes import environment

type Line = tuple[str, str]


class Watched:
    """A process of the agent in a file, and what it has written and reported."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines: list[Line] = []
        self.reports: list[LoadReport] = []
        self._changed = asyncio.Event()

    async def start(self, environ: Mapping[str, str] | None = None) -> ChildProcess:
        """Start it; it loads the file when it is told to."""
        return await ChildProcess.start(
            str(self._path),
            {**environment(), "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0", **(environ or {})},
            lambda stream, text: self._note(self.lines, (stream, text)),
            lambda report: self._note(self.reports, report),
        )

    def _note[T](self, entries: list[T], entry: T) -> None:
        entries.append(entry)
        self._changed.set()

    async def until_written(self, text: str) -> None:
        """Wait until the process has written a line that holds `text`."""
        async with asyncio.timeout(90):
            while not any(text in line for _, line in self.lines):
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "agent.py")


async def test_all_output_arrives_before_the_end(watched: Watched, tmp_path: Path) -> None:
    """Lines without an end, long ones and text in no encoding are passed on."""
    (tmp_path / "agent.py").write_text(
        "import os, sys\n"
        "print('out'); sys.stderr.write('x' * 600_000 + '\\n')\n"
        "os.write(1, b'\\xff\\r\\n'); os.write(2, b'the end'); os._exit(5)\n"
    )
    child = await watched.start()
    child.go()
    assert await child.ended() == 5
    await child.stop(0)
    assert [text for stream, text in watched.lines if stream == "stdout"] == ["out", "\ufffd"]
    errors = [text for stream, text in watched.lines if stream == "stderr"]
    assert "".join(errors) == "x" * 600_000 + "the end"
    assert watched.reports == []


async def test_the_authors_files_are_reported(watched: Watched, tmp_path: Path) -> None:
    """Those that were loaded before an error, too; those of libraries are not."""
    (tmp_path / "beside.py").write_text("X = 1\n")
    (tmp_path / "agent.py").write_text("import json, beside\nraise ValueError('broken')\n")
    child = await watched.start()
    child.go()
    assert await child.ended() == 3
    await child.stop(0)
    (report,) = watched.reports
    assert [Path(file).name for file in report.files] == ["beside.py"]
    assert "ValueError: broken" in watched.lines[-1][1]


async def test_files_with_names_of_pythons_modules_do_no_harm(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file json.py in the current folder does not take the place of Python's json."""
    (tmp_path / "json.py").write_text("raise ValueError('not that one')\n")
    (tmp_path / "beside.py").write_text("X = 1\n")
    (tmp_path / "agent.py").write_text("import beside, os\nprint('loaded')\nos._exit(0)\n")
    monkeypatch.chdir(tmp_path)
    child = await watched.start()
    child.go()
    assert await child.ended() == 0
    await child.stop(0)
    assert watched.lines == [("stdout", "loaded")]


async def test_a_process_that_ignores_its_end_is_killed(watched: Watched, tmp_path: Path) -> None:
    """Code that blocks and ignores SIGTERM does not survive the grace period."""
    (tmp_path / "agent.py").write_text(
        "import signal, threading\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "threading.Event().wait()\n"
    )
    child = await watched.start()
    child.go()
    await watched.until_written("deaf")
    await child.stop(0.01)
    assert await child.ended() == -9


async def test_a_process_that_was_never_told_to_go_ends(watched: Watched, tmp_path: Path) -> None:
    """The one that waits for the next reload has loaded nothing, and leaves nothing behind."""
    (tmp_path / "agent.py").write_text("print('loaded')\n")
    child = await watched.start()
    await child.stop(60)
    child_status = await child.ended()
    assert child_status < 0
    assert watched.lines == []


async def test_what_the_authors_code_has_started_ends_as_well(
    watched: Watched, tmp_path: Path
) -> None:
    """A process that keeps the output open neither survives nor delays the end."""
    (tmp_path / "agent.py").write_text(
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print(child.pid, flush=True); os._exit(0)\n"
    )
    child = await watched.start()
    child.go()
    assert await child.ended() == 0
    await child.stop(0)
    pid = int(watched.lines[0][1])
    await until(lambda: not is_running(pid))
