"""`dev` restarts the agent when it is edited, and the engine keeps what it knows."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.cli.dev.dev_process import DevProcess, Json, agent_source, dev
from tests.cli.inspector.stage import names

# A process takes a second to start, so most tests edit the agent of the same one.
URL = "http://backend/?a=b"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DevProcess]:
    folder = tmp_path_factory.mktemp("dev")
    (folder / "agent.py").write_text(agent_source())
    arguments = ("agent.py", "--port", "0", "--config", f"url={URL}")
    async with dev(folder, *arguments) as started:
        await started.open_page()
        await started.shows("running")
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def running(process: DevProcess) -> DevProcess:
    """The process with an agent that runs, whatever the test before has done to it."""
    await process.edited("agent.py", f"# {process.reloads}\n{agent_source()}")
    return process


def reload_error(state: Json) -> str:
    """Why the agent does not run, as the page shows it."""
    match state["reload"]:
        case {"error": str(error)}:
            return error
        case other:
            raise AssertionError(other)


async def test_an_edit_takes_effect(running: DevProcess) -> None:
    """After saving, actions run the new code; the cache, the config and the history stay."""
    assert await running.run("answer") == 1
    assert await running.run("remember") is None
    assert await running.run("configured") == {"url": URL}
    await running.send("POST", "/api/config", {"values": {"url": URL, "mode": "fast"}})
    state = await running.edited("agent.py", agent_source(2))
    assert await running.run("answer") == 2
    assert await running.run("remember") == "kept"
    assert await running.run("configured") == {"url": URL, "mode": "fast"}
    await running.send("POST", "/api/config", {"values": {"url": URL}})
    actions = names(state["executions"], "action")
    assert actions[:3] == ["configured", "remember", "answer"]
    await running.printed("agent.py changed")
    await running.printed(f"edited 1.0.0 is ready again (reload {running.reloads}) after ")


async def test_edits_within_a_second_all_take_effect(running: DevProcess) -> None:
    """The compiled code of one edit, of the same size, is not taken for that of the next."""
    second = time.time_ns() // 10**9 * 10**9
    for answer in (3, 4, 5):
        await running.edited("agent.py", agent_source(answer), at_ns=second + answer)
        assert await running.run("answer") == answer


async def test_a_broken_edit_is_shown_and_mended(running: DevProcess) -> None:
    """The error is on the page and in the terminal; nothing old runs on; saving mends it."""
    broken = agent_source().replace("return 1", "return (")
    error = reload_error(await running.edited("agent.py", broken, "failed"))
    assert "agent.py" in error
    assert "SyntaxError: '(' was never closed" in error
    assert "SyntaxError: '(' was never closed" in await running.printed("does not run: ")
    refusal = str(await running.run("answer"))
    assert refusal.startswith("the agent does not run: importing agent.py fails: SyntaxError")
    await running.edited("agent.py", agent_source(2))
    assert await running.run("answer") == 2


async def test_an_agent_that_no_engine_accepts_says_why(running: DevProcess) -> None:
    """What the quality gates object to is the error of the page."""
    wrong = agent_source().replace('"observe"', '"dream"')
    assert "dream" in reload_error(await running.edited("agent.py", wrong, "failed"))


async def test_an_agent_that_ends_by_itself_is_started_by_the_next_edit(
    running: DevProcess,
) -> None:
    """The page shows the status, and saving a file starts the agent again."""
    assert await running.run("end") == "unreachable"
    state = await running.shows("stopped", count=running.reloads)
    assert "ended with status 7" in reload_error(state)
    await running.edited("agent.py", agent_source(2))
    assert await running.run("answer") == 2


async def test_the_page_restarts_the_agent(running: DevProcess) -> None:
    """POST /api/reload starts a new process with the same code."""
    before, count = await running.run("pid"), running.reloads
    await running.send("POST", "/api/reload")
    await running.shows("running", count=count + 1)
    assert await running.run("pid") != before


async def test_a_running_call_does_not_delay_a_reload_for_long(running: DevProcess) -> None:
    """It is cancelled after a short grace, and shown as not finished."""
    started = await running.send("POST", "/api/executions", {"action": "wait"})
    await running.printed("waiting")
    await running.edited("agent.py", agent_source(2))
    assert await running.run("answer") == 2
    waited = await running.send("GET", f"/api/executions/{started['id']}")
    assert waited["status"] in {"failed", "unreachable"}


async def test_modules_and_templates_of_the_agent_are_watched(tmp_path: Path) -> None:
    """A module beside it, one in another folder that it imports, and a template: all reload it."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "shared" / "numbers_of_mine.py").write_text("ANSWER = 1\n")
    source = agent_source().replace("return 1", "return ANSWER + len(TEXT)")
    (tmp_path / "project" / "agent.py").write_text(
        "import sys\n"
        f"sys.path.append({str(tmp_path / 'shared')!r})\n"
        "from numbers_of_mine import ANSWER\n"
        "from pathlib import Path\n"
        "TEXT = ''.join(p.read_text() for p in Path(__file__).parent.glob('templates/*.tmpl'))\n"
        + source
    )
    async with dev(tmp_path / "project", "agent.py", "--port", "0") as running:
        await running.open_page()
        await running.shows("running")
        await running.edited("../shared/numbers_of_mine.py", "ANSWER = 20\n")
        assert await running.run("answer") == 20
        await running.edited("templates/first.tmpl", "abc")
        assert await running.run("answer") == 23
        running.edit("notes.txt", "of no concern")
        await running.edited("templates/second.tmpl", "d")
        assert (await running.run("answer"), running.reloads) == (24, 3)
