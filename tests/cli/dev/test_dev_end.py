"""However `dev` ends, it leaves no process behind; what it cannot do is one sentence."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.dev.dev_process import DevProcess, agent_source, dev, is_running, until


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[DevProcess]:
    (tmp_path / "agent.py").write_text(agent_source())
    async with dev(tmp_path, "agent.py", "--port", "0") as process:
        await process.open_page()
        await process.shows("running")
        yield process


async def children(running: DevProcess) -> list[int]:
    """The agent, and a process that the agent has started."""
    found = [await running.run("pid"), await running.run("start_child")]
    pids = [pid for pid in found if isinstance(pid, int)]
    assert len(pids) == 2
    assert all(is_running(pid) for pid in pids)
    return pids


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
async def test_a_signal_ends_everything(
    running: DevProcess, number: signal.Signals, status: int
) -> None:
    """Ctrl-C ends the agent, its processes, the engine and the inspector, with a line each.

    A call that hangs and a page that is open do not delay that.
    """
    pids = await children(running)
    await running.send("POST", "/api/executions", {"action": "wait"})
    await running.printed("waiting")
    running.signal(number)
    assert await running.ended() == status
    assert running.lines[-2:] == [
        "agent      has stopped",
        "dev        the engine and the inspector have stopped",
    ]
    await until(lambda: not any(is_running(pid) for pid in pids))


async def test_a_killed_dev_takes_the_agent_with_it(running: DevProcess) -> None:
    """Even if `dev` cannot do anything any more, the agent and its processes end."""
    pids = await children(running)
    running.signal(signal.SIGKILL)
    assert await running.ended() == -signal.SIGKILL
    await until(lambda: not any(is_running(pid) for pid in pids))


async def test_two_of_them_run_side_by_side(tmp_path: Path) -> None:
    """Without `--port`, the second one takes a free port; each has its own engine.

    With `--open`, the URL is opened in the browser that the system, or BROWSER, names.
    """
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > "$0.opened"\n')
    browser.chmod(0o755)
    environ = {"BROWSER": f"{browser} %s"}
    for name, answer in (("one", 1), ("two", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "agent.py").write_text(agent_source(answer))
    async with (
        dev(tmp_path / "one", "agent.py") as one,
        dev(tmp_path / "two", "agent.py", "--open", environ=environ) as two,
    ):
        for process in (one, two):
            await process.open_page()
            await process.shows("running")
        assert one.url != two.url
        assert [await one.run("answer"), await two.run("answer")] == [1, 2]
        opened = browser.with_name("browser.opened")
        await until(lambda: opened.exists() and opened.read_text() == f"{two.url}\n")
