"""Agents in the published style, as processes beside a local engine and a fake backend."""

import signal
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from mirastack_sdk.testing import Encoding, LocalEngine
from tests.compat.backend import backend
from tests.compat.published_agents import AGENTS, FOLDER, METRICS, PublishedAgent
from tests.e2e.agent_process import agent_process
from tests.typing.checkers import MYPY_CACHE

EACH = pytest.mark.parametrize("published", AGENTS, ids=lambda agent: agent.name)
ENCODINGS = pytest.mark.parametrize("encoding", Encoding, ids=lambda encoding: encoding.value)

# What an author changes at least: the line that imports the package's own names.
IMPORT_LINE = "from mirastack_sdk.compat import ("


@EACH
@ENCODINGS
async def test_actions_run(published: PublishedAgent, encoding: Encoding) -> None:
    """Each question reaches the backend in its words, and the model reads its answer."""
    async with (
        backend(published.answers) as fake,
        LocalEngine(encodings=[encoding]) as engine,
        agent_process(
            published.program, engine=engine.address, **{published.variable: fake.url}
        ) as process,
    ):
        agent = await engine.wait_registered(published.name, timeout=30)
        assert engine.violations == []
        for question in published.questions:
            result = await agent.execute(
                question.action, question.params, time_range=question.time_range
            )
            assert (result.success, result.error, result.logs) == (True, "", [])
            assert result.output.items() >= question.output.items()
            assert fake.last().path == question.path
            assert dict(fake.last().query) == question.query
        process.signal(signal.SIGTERM)
        assert await process.ended() == 0


@pytest.mark.contract("Quality gates: parameter types are the six documented, and json")
@EACH
async def test_what_they_declare(published: PublishedAgent) -> None:
    """Actions, priorities, json results and the required config parameter reach the engine."""
    async with (
        LocalEngine() as engine,
        agent_process(published.program, engine=engine.address),
    ):
        agent = await engine.wait_registered(published.name, timeout=30)
        info, schema = await agent.info(), await agent.schema()
    assert (info.version, info.devops_stages) == ("0.2.0", ["observe"])
    (param,) = info.config_params
    assert (param.key, param.type, param.required) == (published.config_key, "string", True)
    assert info.intent_patterns[0].pattern == published.first_intent
    assert info.intent_patterns[0].priority == 10
    assert tuple(action.name for action in schema.actions) == published.actions
    for action in schema.actions:
        assert action.stages == ["observe"]
        assert [param.type for param in action.output_params.values()] == ["json"]
        assert {param.type for param in action.input_params.values()} <= {"string"}


@pytest.mark.contract("Configuration at the start: an agent is given the stored configuration")
@EACH
async def test_the_stored_config_is_pulled(published: PublishedAgent) -> None:
    """Without an environment the agent gets its URL from the engine, and asks its backend."""
    async with backend(published.answers) as fake, LocalEngine() as engine:
        engine.store_config(published.name, {published.config_key: fake.url})
        async with agent_process(published.program, engine=engine.address):
            agent = await engine.wait_registered(published.name, timeout=30)
            health = await agent.health()
            assert (health.healthy, health.message) == (True, "ok")
            assert fake.last().path == published.health_path
            question = published.questions[0]
            result = await agent.execute(
                question.action, question.params, time_range=question.time_range
            )
            assert result.output.items() >= question.output.items()


@EACH
async def test_without_a_backend(published: PublishedAgent) -> None:
    """Without a URL the agent is unhealthy, and says so to the model; a push mends it."""
    async with (
        backend(published.answers) as fake,
        LocalEngine() as engine,
        agent_process(published.program, engine=engine.address),
    ):
        agent = await engine.wait_registered(published.name, timeout=30)
        assert not (await agent.health()).healthy
        result = await agent.execute(published.actions[0])
        assert "backend not configured" in result.output["error"]
        assert (await agent.push_config({published.config_key: fake.url})).acknowledged
        assert (await agent.health()).healthy


@pytest.mark.contract("From the documented API to the wire: an action_id wins over the params")
async def test_what_goes_wrong_reaches_the_model() -> None:
    """A missing parameter, an unknown action and a failing backend are answers, not failures."""
    async with (
        backend(METRICS.answers) as fake,
        LocalEngine() as engine,
        agent_process(METRICS.program, engine=engine.address, **{METRICS.variable: fake.url}),
    ):
        agent = await engine.wait_registered(METRICS.name, timeout=30)
        times = {"start": "1", "end": "2"}
        missing = await agent.execute("range_query", {"query": "up", **times})
        unknown = await agent.execute("delete_all")
        failing = await agent.execute("metadata")
        hijacked = await agent.execute("label_names", {"action": "metadata"})
    assert missing.output["error"] == "'step'"
    assert unknown.output["error"] == "unknown action: delete_all"
    assert "404 Not Found" in failing.output["error"]
    assert fake.url not in failing.output["error"]
    # The engine has admitted label_names, whatever the model writes into the parameters.
    assert hijacked.output["action"] == "label_names"
    assert {r.success for r in (missing, unknown, failing, hijacked)} == {True}


def _mypy(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={MYPY_CACHE}", "plugin.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@EACH
def test_they_pass_strict_mypy(published: PublishedAgent, tmp_path: Path) -> None:
    """Each agent passes `mypy --strict`, also if only its first import is changed."""
    # Outside the repository, whose settings would apply.
    agent = Path(copytree(FOLDER / published.name, tmp_path / "agent"))
    strict = _mypy(agent)
    assert strict.returncode == 0, strict.stdout
    text = (agent / "plugin.py").read_text(encoding="utf-8")
    assert IMPORT_LINE in text
    others = text.replace("mirastack_sdk.compat.", "mirastack_sdk.")
    (agent / "plugin.py").write_text(others, encoding="utf-8")
    strict = _mypy(agent)
    assert strict.returncode == 0, strict.stdout


async def test_one_changed_line_is_enough(tmp_path: Path) -> None:
    """An agent whose other imports stay as they were runs too, with this SDK's own formats."""
    least = Path(copytree(FOLDER / METRICS.name, tmp_path / "agent")) / "plugin.py"
    text = least.read_text(encoding="utf-8")
    least.write_text(text.replace("mirastack_sdk.compat.", "mirastack_sdk."), encoding="utf-8")
    question = METRICS.questions[0]
    async with (
        backend(METRICS.answers) as fake,
        LocalEngine() as engine,
        agent_process(least, engine=engine.address, **{METRICS.variable: fake.url}),
    ):
        agent = await engine.wait_registered(METRICS.name, timeout=30)
        result = await agent.execute(
            question.action, question.params, time_range=question.time_range
        )
        assert result.output.items() >= question.output.items()
        assert dict(fake.last().query)["start"] == "1774973400"
