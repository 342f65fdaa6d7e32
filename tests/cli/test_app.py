"""The list of commands, and what they have in common."""

import shutil
import subprocess
import sys

import click
import pytest

from mirastack_sdk._cli.app import COMMANDS, app
from tests.cli.processes import run_here

LINES = 24


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    """The list is written without importing the commands, and must not differ from them."""
    command = app.get_command(click.Context(app), name)
    assert command is not None
    first, _, _ = (command.help or "").partition("\n\n")
    assert " ".join(first.split()) == COMMANDS[name].summary
    # A line of the list has 80 columns, of which the names take 14.
    assert len(COMMANDS[name].summary) <= 66


@pytest.mark.parametrize("name", [*COMMANDS, ""])
def test_help_fits_on_a_screen_and_has_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """24 lines of 80 columns."""
    done = run_here(*([name] if name else []), "--help", capture=capsys)
    lines = done.output.splitlines()
    assert done.status == 0
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= 80
    assert "Example: " in done.output or name == "version"


def test_the_list_and_completion_import_no_command() -> None:
    """What a command needs may be missing, and takes time to import."""
    code = (
        "import sys, click\n"
        "from mirastack_sdk._cli.app import app, run\n"
        "run(['--help'])\n"
        "items = app.shell_complete(click.Context(app), '')\n"
        "assert [item.value for item in items] == list(app.list_commands(click.Context(app)))\n"
        "loaded = [m for m in sys.modules if m.startswith('mirastack_sdk._cli.commands')]\n"
        "print(loaded, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_the_shell_reads(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the shell is installed, it finds no mistake in it."""
    done = run_here("completion", shell, capture=capsys)
    assert done.status == 0
    assert f"_MIRASTACK_AGENT_COMPLETE={shell}_complete" in done.output
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=done.output, text=True, timeout=60, check=True)


def test_completion_for_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the shells that there are."""
    done = run_here("completion", "tcsh", capture=capsys)
    assert done.status == 2
    assert "'bash', 'zsh', 'fish'" in done.errors
