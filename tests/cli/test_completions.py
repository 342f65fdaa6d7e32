"""What a shell offers, asked for as click's scripts ask."""

from pathlib import Path

import click
import pytest

from mirastack_sdk._cli.app import app
from mirastack_sdk._cli.completions import action_names
from tests.cli import programs
from tests.cli.processes import run


def offered(folder: Path, words: str) -> list[str]:
    """The values for the last word."""
    done = run(
        folder=folder,
        _MIRASTACK_AGENT_COMPLETE="bash_complete",
        COMP_WORDS=f"mirastack-agent {words}",
        COMP_CWORD=str(len(words.split(" "))),
    )
    assert done.errors == ""
    return [line.partition(",")[2] for line in done.output.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("ins", ["inspect"]),
        ("call --app", ["--approve"]),
        ("call kinds.py s", ["stream", "sleeps", "shows"]),
        ("inspect kinds.py:agent ch", ["changes"]),
        ("call nowhere.py ", []),
        ("call localhost:9000 ", []),
    ],
)
def test_commands_options_and_actions_are_offered(
    tmp_path: Path, words: str, values: list[str]
) -> None:
    """Actions come from the text of the file."""
    program = programs.MANY_KINDS + "\nraise SystemExit('it must not run')\n"
    (tmp_path / "kinds.py").write_text(program, encoding="utf-8")
    assert offered(tmp_path, words) == values


@pytest.mark.parametrize("name", ["call", "check", "dev", "inspect", "mcp", "replay", "run"])
def test_files_are_offered_for_a_target(name: str) -> None:
    """The shell completes the path in every command that takes a TARGET."""
    context = click.Context(app)
    command = app.get_command(context, name)
    assert command is not None
    (target,) = [param for param in command.params if param.name == "target"]
    assert [item.type for item in target.shell_complete(context, "ag")] == ["file"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (programs.TYPED, ["add"]),
        (programs.PLUGIN, ["hello"]),
        (programs.PUBLISHED, ["ping"]),
        ("@agent.action(name='other', timeout=3)\ndef mine(): ...\n", ["other"]),
        ("class A:\n    @action\n    async def mine(self): ...\n", ["mine"]),
        ("@other.decorator\ndef mine(): ...\n", []),
        ("Action(NAME, 'x', {})\nAction(name=NAME)\nAction()\n", []),
        ("def broken(:", []),
        ("\0", []),
    ],
)
def test_actions_are_read_from_the_text(tmp_path: Path, source: str, names: list[str]) -> None:
    """Those of decorated functions and of declarations, whose names are written there."""
    path = tmp_path / "one.py"
    path.write_text(source, encoding="utf-8")
    assert list(action_names(path)) == names


def test_a_file_that_cannot_be_read_has_no_actions(tmp_path: Path) -> None:
    """The shell offers nothing, and prints nothing."""
    assert list(action_names(tmp_path)) == []
