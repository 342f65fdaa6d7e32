"""What `dev` cannot do is one sentence, and nothing has been started then."""

import socket
from pathlib import Path

import pytest

from mirastack_sdk._cli.app import run
from tests.cli.dev.dev_process import agent_source


@pytest.mark.parametrize(
    ("option", "owner"), [("--port", "inspector"), ("--engine-port", "engine")]
)
def test_a_port_that_is_taken_is_one_sentence(
    option: str, owner: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names the port."""
    (folder / "agent.py").write_text(agent_source())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["dev", "agent.py", option, port]) == 2
    assert capsys.readouterr().err == (
        f"mirastack-agent: the {owner} cannot use port {port}: Address already in use\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing.py"], "there is no file nothing.py"),
        (["agent.py", "--config", "x"], "'x' is not a config value: write key=value"),
        (["agent.py", "--port", "x"], "Invalid value for '--port': 'x' is not a valid integer"),
        (["agent.py", "--approve", "x"], "Invalid value for '--approve': 'x' is not one of"),
    ],
)
def test_a_mistake_in_the_command_line_is_one_sentence(
    arguments: list[str], sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong arguments end the command at once with status 2."""
    (folder / "agent.py").write_text(agent_source())
    assert run(["dev", *arguments]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert sentence in printed.err


def test_the_help_fits_on_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    """It has an example, and at most 24 lines."""
    assert run(["dev", "--help"]) == 0
    text = capsys.readouterr().out
    assert "Example: mirastack-agent dev agent.py" in text
    assert text.count("\n") <= 24
