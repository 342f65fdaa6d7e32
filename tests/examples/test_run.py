"""`make run` shows every step and succeeds, or says in one sentence what went wrong."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
ANSWER = '{"service": "checkout", "status": "ok", "queried_at": "2026-04-08T00:00:00Z"}'


def run(
    folder: Path, stdout: int = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the demonstration in a folder."""
    return subprocess.run(
        [sys.executable, str(folder / "run.py")],
        env=os.environ | variables,
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def shown() -> subprocess.CompletedProcess[str]:
    """The output of one run of the demonstration."""
    return run(EXAMPLES)


def altered(folder: Path, printed: str, instead: str) -> Path:
    """The demonstration with one change in its agent."""
    shutil.copy(EXAMPLES / "run.py", folder)
    agent = (EXAMPLES / "minimal_agent.py").read_text(encoding="utf-8")
    assert agent.count(printed) == 1
    (folder / "minimal_agent.py").write_text(agent.replace(printed, instead), encoding="utf-8")
    return folder


def test_it_ends_well_and_silently(shown: subprocess.CompletedProcess[str]) -> None:
    """The status is 0, and standard error is empty."""
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize(
    "fact",
    [
        "RegisterPlugin, in JSON",
        "my_agent 1.0.0  A minimal example agent",
        "permission      READ",
        "stages          observe",
        "action          get_status",
        "service: string, required  Service name to check",
        f"JSON            {ANSWER}",
        f"PROTOBUF        {ANSWER}",
        "health          healthy: ok",
        "config          backend_url accepted",
        "deregistered    known agents: none",
        "exited          with status 0",
    ],
)
def test_it_shows_every_step(shown: subprocess.CompletedProcess[str], fact: str) -> None:
    """Each step appears in order."""
    assert fact in shown.stdout


def test_a_pipe_gets_no_colour(shown: subprocess.CompletedProcess[str]) -> None:
    """Escape sequences are only for terminals."""
    assert "\033" not in shown.stdout


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colour_unless_told_otherwise(no_color: str, coloured: bool) -> None:
    """Titles are bold on a terminal unless NO_COLOR is set."""
    screen, terminal = pty.openpty()
    try:
        assert run(EXAMPLES, terminal, NO_COLOR=no_color).returncode == 0
        text = os.read(screen, 65536).decode()
    finally:
        os.close(screen)
        os.close(terminal)
    assert ("\033[1m" in text) is coloured


def test_an_agent_that_does_not_start_is_one_sentence(tmp_path: Path) -> None:
    """The agent's log is printed, followed by the sentence."""
    done = run(altered(tmp_path, "import asyncio", "raise SystemExit(3)"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "run: the agent exited with status 3 before it listened"


def test_an_agent_that_answers_wrongly_is_one_sentence(tmp_path: Path) -> None:
    """The sentence contains the wrong result."""
    done = run(altered(tmp_path, '"status": "ok"', '"status": "who knows"'))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("run: get_status in JSON returned ")


def test_an_agent_that_refuses_its_config_is_one_sentence(tmp_path: Path) -> None:
    """An exception in config_updated is reported as a refusal."""
    done = run(altered(tmp_path, 'if "backend_url" in config:', "if config['missing']:"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("run: the agent rejected its config: ")
