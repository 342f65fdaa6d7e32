"""`mirastack-agent mcp` as a command: its options and its errors."""

import json
import os
from pathlib import Path

import pytest

from mirastack_sdk._cli.app import run
from tests.cli import processes, programs
from tests.cli.mcp_server.clients import SHOP

UNHEALTHY = programs.PLUGIN.replace(
    "    async def execute",
    '    async def health_check(self) -> None:\n        raise RuntimeError("no backend")\n\n'
    "    async def execute",
)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "1"], "--port has no effect without --http"),
        (["--host", "::1"], "--host has no effect without --http"),
        (["--allow-host", "x"], "--allow-host has no effect without --http"),
        (["--config", "url"], "'url' is not a config value: write key=value"),
        (["--config", "=x"], "'=x' is not a config value: write key=value"),
    ],
    ids=["port", "host", "allow-host", "no value", "no key"],
)
def test_wrong_options_are_named(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence on standard error, and the status for a wrong command line."""
    assert run(["mcp", str(SHOP), *arguments]) == 2
    assert capsys.readouterr().err == f"mirastack-agent: {sentence}\n"


@pytest.mark.parametrize(
    "arguments",
    [["--timeout", "0"], ["--timeout", "soon"], ["--port", "70000"], ["--approve", "some"]],
    ids=" ".join,
)
def test_values_out_of_range_are_refused(arguments: list[str]) -> None:
    """Before the agent is loaded."""
    assert run(["mcp", "missing.py", *arguments]) == 2


def test_an_agent_can_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` starts it, and says that it is healthy and what it offers."""
    assert run(["mcp", str(SHOP), "--check"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("shop 1.2.3 is healthy; its tools are list_items, greet, ")


def test_an_unhealthy_agent_fails_the_check(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence is the one that operators see."""
    (folder / "unhealthy_agent.py").write_text(UNHEALTHY, encoding="utf-8")
    assert run(["mcp", "unhealthy_agent.py", "--check"]) == 1
    assert "is not healthy: no backend" in capsys.readouterr().err


LOGS = (
    "import logging\n\nfrom mirastack_sdk.plugin import ConfigParam\n"
    + programs.PLUGIN.replace(
        '["observe"]', '["observe"], config_params=[ConfigParam("token", "A token", secret=True)]'
    )
    + """
    async def config_updated(self, config: dict[str, str]) -> None:
        logging.getLogger("backend").info("the config is %s", config)
"""
)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_log_is_that_of_a_deployed_agent(folder: Path, log_format: str) -> None:
    """Its format and its level are the variables', and it hides secrets."""
    (folder / "logs_agent.py").write_text(LOGS, encoding="utf-8")
    done = processes.run(
        *("mcp", "logs_agent.py", "--check", "--config", "token=s3cr3t-t0ken"),
        folder=folder,
        MIRASTACK_LOG_FORMAT=log_format,
    )
    assert done.status == 0, done.errors
    (line,) = done.errors.splitlines()
    message = json.loads(line)["message"] if log_format == "json" else line
    assert "the config is {'token': '[secret]'}" in message


def test_help_fits_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with an example."""
    assert run(["mcp", "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert lines[-1].strip().startswith("Example: mirastack-agent mcp ")


def test_descriptors_are_restored_for_nobody() -> None:
    """A command line that is wrong does not touch standard output."""
    before = os.fstat(1)
    run(["mcp", "missing.py", "--port", "1"])
    assert os.path.samestat(before, os.fstat(1))
