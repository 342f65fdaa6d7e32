"""The documented minimal agent as printed: as a process, and in its documented test."""

import json
import shutil
from pathlib import Path

import pytest

from mirastack_sdk.plugin import ParamSchema, Permission, TimeRange
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.documentation.agent_process import ended, running
from tests.documentation.documentation import MINIMAL_AGENT, program_path
from tests.documentation.markdown import run_pytest

NIGHT = TimeRange(1775604600000, 1775606400000, "Europe/Amsterdam", "last 30 minutes")
PROGRAMS = [MINIMAL_AGENT, program_path("serve_call")]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
@pytest.mark.parametrize("encoding", Encoding, ids=lambda encoding: encoding.name)
async def test_it_answers_the_engine(program: Path, encoding: Encoding) -> None:
    """The agent registers over a real socket and executes get_status in either encoding."""
    async with LocalEngine() as engine, running(program, engine):
        agent = await engine.wait_registered("my_agent")
        result = await agent.execute(
            "get_status", {"service": "checkout"}, time_range=NIGHT, encoding=encoding
        )
        assert result.success
        assert json.loads(result.output["result"]) == {
            "service": "checkout",
            "status": "ok",
            "queried_at": "2026-04-08T00:00:00Z",
        }


async def test_it_answers_without_a_time_range() -> None:
    """Without a time range in the query, the agent gets `None`."""
    async with LocalEngine() as engine, running(MINIMAL_AGENT, engine):
        agent = await engine.wait_registered("my_agent")
        result = await agent.execute("get_status", {"service": "cart"})
        assert json.loads(result.output["result"]) == {"service": "cart", "status": "ok"}


async def test_it_names_an_action_it_does_not_have() -> None:
    """The documented check of `req.params["action"]` sees the engine's action."""
    async with LocalEngine() as engine, running(MINIMAL_AGENT, engine):
        agent = await engine.wait_registered("my_agent")
        result = await agent.execute("drop_database")
        assert result.logs == ["unknown action: drop_database"]


async def test_its_card_says_what_it_declares() -> None:
    """The engine receives the printed name, version, permission, stages, action and parameter."""
    async with LocalEngine() as engine, running(MINIMAL_AGENT, engine):
        agent = await engine.wait_registered("my_agent")
        info, schema = await agent.info(), await agent.schema()
        assert (info.name, info.version, info.description) == (
            "my_agent",
            "1.0.0",
            "A minimal example agent",
        )
        assert (info.permission, info.devops_stages) == (Permission.READ, ["observe"])
        (action,) = schema.actions
        assert action.name == "get_status"
        assert action.permission is Permission.READ
        assert action.input_params == {
            "service": ParamSchema("string", True, "Service name to check")
        }


async def test_it_is_healthy_and_takes_its_configuration() -> None:
    """health_check passes, and config_updated is acknowledged."""
    async with LocalEngine() as engine, running(MINIMAL_AGENT, engine):
        agent = await engine.wait_registered("my_agent")
        health = await agent.health()
        answer = await agent.push_config({"backend_url": "http://127.0.0.1:8428"})
        assert (health.healthy, health.message) == (True, "ok")
        assert answer.acknowledged


async def test_it_leaves_on_sigterm() -> None:
    """The agent deregisters and exits with status 0; it prints only the port."""
    async with LocalEngine() as engine, running(MINIMAL_AGENT, engine) as process:
        agent = await engine.wait_registered("my_agent")
        status, output, errors = await ended(process)
        assert status == 0, errors
        assert output == f"MIRASTACK_PLUGIN_PORT={agent.address.rpartition(':')[2]}\n"
        assert [entry.known for entry in engine.deregistrations] == [True]
        assert engine.violations == []


def test_the_documented_test_passes(tmp_path: Path) -> None:
    """The printed test passes with plain `pytest` and no configuration."""
    for source in (MINIMAL_AGENT, program_path("test_minimal_agent")):
        shutil.copy(source, tmp_path / source.name)
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_documented_test_can_fail(tmp_path: Path) -> None:
    """The printed test fails for an agent that returns nothing."""
    agent = MINIMAL_AGENT.read_text(encoding="utf-8")
    broken = agent.replace('output={"result": json.dumps(result)}', "")
    assert broken != agent
    (tmp_path / MINIMAL_AGENT.name).write_text(broken, encoding="utf-8")
    shutil.copy(program_path("test_minimal_agent"), tmp_path)
    done = run_pytest(tmp_path)
    assert "1 failed" in done.stdout
