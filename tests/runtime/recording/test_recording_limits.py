"""Recordings are bounded, delay no call, and fail none."""

import asyncio
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mirastack_sdk import ExecuteRequest
from mirastack_sdk._runtime.recording import file_recording
from mirastack_sdk._runtime.recording.recording_folder import RecordingFolder
from mirastack_sdk.errors import ConfigurationError
from mirastack_sdk.testing import LocalEngine, RegisteredAgent
from tests.e2e.in_process import served
from tests.runtime.recording.recorded_agents import (
    Untyped,
    calls,
    once,
    record,
    recordings,
    typed,
)


async def test_what_is_too_large_is_cut(tmp_path: Path) -> None:
    """The file stays small, and names what is missing."""

    async def run(req: ExecuteRequest) -> object:
        await req.engine_client.cache_set(req.ctx, "untyped:x", "y" * 2_000_000)
        return "z" * 3_000_000

    (form,) = await record(Untyped(run), tmp_path, once("run"))
    (file,) = recordings(tmp_path)
    assert file.stat().st_size < 5_000
    assert form["cut"] == ["calls[0].request.value", "response.result"]


async def test_many_calls_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An execution with very many calls does not fill the memory."""
    monkeypatch.setattr(file_recording, "_MOST_CALLS", 3)

    async def run(req: ExecuteRequest) -> object:
        return [await req.engine_client.cache_get(req.ctx, f"untyped:{n}") for n in range(5)]

    (form,) = await record(Untyped(run), tmp_path, once("run"))
    assert len(calls(form)) == 3
    assert form["calls_left_out"] == 2


async def test_much_data_together_is_cut(tmp_path: Path) -> None:
    """Many values of a moderate size do not make a large file either."""

    async def run(req: ExecuteRequest) -> object:
        for n in range(30):
            await req.engine_client.cache_set(req.ctx, f"untyped:{n}", str(n) * 100_000)
        return None

    (form,) = await record(Untyped(run), tmp_path, once("run"))
    (file,) = recordings(tmp_path)
    assert file.stat().st_size < 5 * 1024 * 1024
    assert form["cut"]


async def test_an_agent_serves_on_when_nothing_can_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk, the log has one line, and another when it works again."""
    write = RecordingFolder.write
    is_full = True

    def full(folder: RecordingFolder, name: str, text: str) -> None:
        if is_full:
            raise OSError(28, "No space left on device")
        write(folder, name, text)

    monkeypatch.setattr(RecordingFolder, "write", full)

    async def use(_: LocalEngine, agent: RegisteredAgent) -> None:
        nonlocal is_full
        for _call in range(3):
            assert (await agent.execute("run")).success
        while "cannot be recorded" not in caplog.text:
            await agent.execute("run")
        is_full = False
        await until_recorded(agent, tmp_path)

    with caplog.at_level(logging.INFO, "mirastack_sdk.recording"):
        await record(Untyped(lambda _: 1), tmp_path, use)
    lines = [found.getMessage() for found in caplog.records if found.name.endswith("recording")]
    failed = [line for line in lines if "cannot be recorded" in line]
    assert failed == [
        f"executions cannot be recorded in MIRASTACK_RECORD={tmp_path}: No space left on device"
    ]
    assert any(line.startswith("executions are recorded again; lost: ") for line in lines)


async def until_recorded(agent: RegisteredAgent, folder: Path) -> None:
    async with asyncio.timeout(30):
        while not recordings(folder):
            await agent.execute("run")


async def test_a_folder_that_can_be_created_later_is_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be created at the start is only logged, and the agent serves."""
    prepare = RecordingFolder.prepare

    def refused(folder: RecordingFolder) -> None:
        raise PermissionError(13, "Permission denied")

    async def use(_: LocalEngine, agent: RegisteredAgent) -> None:
        monkeypatch.setattr(RecordingFolder, "prepare", prepare)
        await agent.execute("run")

    monkeypatch.setattr(RecordingFolder, "prepare", refused)
    with caplog.at_level(logging.WARNING, "mirastack_sdk.recording"):
        forms = await record(Untyped(lambda _: 1), tmp_path / "later", use)
    assert len(forms) == 1
    assert f"MIRASTACK_RECORD={tmp_path}/later: Permission denied" in caplog.text


async def test_too_many_waiting_recordings_are_dropped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow disk delays no call: the rest is counted in a line of the log."""
    monkeypatch.setattr(file_recording, "_MOST_WAITING", 2)
    write, is_open = RecordingFolder.write, threading.Event()

    def slow(folder: RecordingFolder, name: str, text: str) -> None:
        assert is_open.wait(30)
        write(folder, name, text)

    monkeypatch.setattr(RecordingFolder, "write", slow)

    async def use(_: LocalEngine, agent: RegisteredAgent) -> None:
        for _call in range(5):
            assert (await agent.execute("run")).success
        is_open.set()

    with caplog.at_level(logging.WARNING, "mirastack_sdk.recording"):
        forms = await record(Untyped(lambda _: 1), tmp_path, use)
    assert len(forms) == 2
    assert "an execution is not recorded: 2 are waiting to be written" in caplog.text
    assert "executions were not recorded (3)" in caplog.text


@pytest.mark.parametrize("path", ["file", "file/below"])
async def test_a_file_is_no_folder(tmp_path: Path, path: str) -> None:
    """The start fails with a sentence that names the variable."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError) as error:
        async with served(typed(), MIRASTACK_RECORD=str(tmp_path / path)):
            raise AssertionError("it must not start")
    assert str(error.value) == (
        f'MIRASTACK_RECORD must be a folder, got "{tmp_path / path}": it is a file, or lies in one'
    )


def test_an_agent_that_does_not_record_imports_nothing_of_it() -> None:
    """Start time and memory stay what they are."""
    code = (
        "import sys, mirastack_sdk, mirastack_sdk.agent; from mirastack_sdk import serve; "
        "print([name for name in sys.modules if '.recording.' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "['mirastack_sdk._runtime.recording.recording_protocol']\n"
