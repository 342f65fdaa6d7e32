"""The README: its agent, fragments and table do what the text says."""

import inspect
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mirastack_sdk._core.settings.process_settings import VARIABLES
from mirastack_sdk.engine import Approval, PluginResult
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import TimeRange
from mirastack_sdk.testing import LocalEngine, MockEngineClient, make_execute_request
from tests.documentation.agent_process import ended, running
from tests.documentation.documentation import REPOSITORY, load_program
from tests.documentation.markdown import write_blocks

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
HEAD = "\n".join(README.splitlines()[:60])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The README's blocks as files."""
    write_blocks(REPOSITORY / "README.md", tmp_path)
    return tmp_path


def program(folder: Path, holding: str) -> ModuleType:
    """Import the one block that contains a text."""
    found = [path for path in folder.glob("*.py") if holding in path.read_text(encoding="utf-8")]
    assert len(found) == 1, holding
    return load_program(found[0])


def test_it_opens_with_an_agent_how_to_run_it_and_how_to_test_it() -> None:
    """The first 60 of fewer than 250 lines have an agent, its start, its test and two commands."""
    assert len(README.splitlines()) < 250
    wanted = (
        "pip install mirastack-agents-sdk-python",
        "class ResolverAgent(MirastackPlugin):",
        "serve(ResolverAgent())",
        "MIRASTACK_ENGINE_ADDR=engine:9090 python resolver_agent.py",
        "async def test_resolve()",
        "`make run`",
        "`make test`",
    )
    assert [text for text in wanted if text not in HEAD] == []


async def test_its_agent_runs_as_a_process(folder: Path) -> None:
    """The agent registers, executes its action and exits with status 0."""
    async with LocalEngine() as engine, running(folder / "resolver_agent.py", engine) as process:
        agent = await engine.wait_registered("resolver")
        result = await agent.execute("resolve", {"host": "127.0.0.1"})
        assert json.loads(result.output["result"]) == ["127.0.0.1"]
        status, _, errors = await ended(process)
        assert status == 0, errors


def test_its_time_window_uses_the_range_or_falls_back(folder: Path) -> None:
    """The window is the request's range, or the last hour."""
    window = program(folder, "def window").window
    given = TimeRange(1774973400000, 1774977000000, "UTC", "an hour")
    assert window(make_execute_request(time_range=given)) == ("1774973400", "1774977000")
    start, end = window(make_execute_request())
    assert int(end) - int(start) == 3600


@pytest.fixture
def engine() -> MockEngineClient:
    """An engine that approves everything, and that knows another agent."""
    mock = MockEngineClient()
    mock.answer_approvals(Approval(approved=True))
    mock.answer_plugin("kubernetes", "restart", PluginResult(output={"result": "{}"}))
    return mock


async def test_its_restart_asks_restarts_and_remembers(
    folder: Path, engine: MockEngineClient
) -> None:
    """The first restart is approved, done and logged; the cache prevents the second."""
    restart = program(folder, "async def restart").restart
    first = await restart(make_execute_request({"service": "cart"}, engine))
    second = await restart(make_execute_request({"service": "cart"}, engine))
    assert first.output == {"result": "{}"}
    assert second.logs == ["cart was restarted a moment ago"]
    assert [event.data for event in engine.events] == [{"service": "cart"}]


async def test_its_restart_is_refused(folder: Path, engine: MockEngineClient) -> None:
    """A refused approval is reported in the logs."""
    engine.answer_approvals(Approval(approved=False, comment="not today"))
    restart = program(folder, "async def restart").restart
    response = await restart(make_execute_request({"service": "cart"}, engine))
    assert response.logs == ["not approved: not today"]


async def test_its_restart_names_the_reason_of_a_failure(
    folder: Path, engine: MockEngineClient
) -> None:
    """A failed call is reported with its reason."""
    engine.fail_next("call_plugin", EngineError("it is down", reason="unavailable"))
    restart = program(folder, "async def restart").restart
    response = await restart(make_execute_request({"service": "cart"}, engine))
    assert response.logs == ["restart failed: unavailable"]


def test_its_table_agrees_with_the_settings() -> None:
    """The table has the meanings and defaults of the settings."""
    known = {f"`{entry.name}`": (entry.meaning, entry.default) for entry in VARIABLES}
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in README.splitlines()
        if line.startswith("| `")
    ]
    assert rows
    assert [row for row in rows if known[row[0]] != (row[1], row[2])] == []


def test_its_words_for_the_api_exist() -> None:
    """Every name that the text mentions exists in the SDK."""
    mentioned = set(re.findall(r"`(\w+_\w+)`", README))
    sources = inspect.getsource(
        sys.modules["mirastack_sdk._core.model.engine_api"]
    ) + inspect.getsource(sys.modules["mirastack_sdk._core.model.plugin_base"])
    formatters = set(vars(sys.modules["mirastack_sdk.datetimeutils"]))
    unknown = {
        name
        for name in mentioned
        if name not in formatters and f"def {name}(" not in sources and not name.isupper()
    }
    assert unknown == set()
