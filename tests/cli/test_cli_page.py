"""The page about the command line: its commands print what it shows, its tables are complete."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mirastack_sdk._cli import app
from mirastack_sdk._cli.app import COMMANDS
from mirastack_sdk._cli.commands.init_command import command as init_command
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.project.project_name import ProjectName
from mirastack_sdk._cli.project.project_template import project_files
from tests.cli.terminals import Terminal
from tests.documentation.documentation import REPOSITORY
from tests.documentation.markdown import write_blocks

PATH = REPOSITORY / "docs" / "cli.md"
PAGE = PATH.read_text(encoding="utf-8")
PROMPT = "    $ mirastack-agent "
AND_MORE = "…"


def sessions() -> Iterator[tuple[str, list[str]]]:
    """Each command of the page that a test can run, and the lines that it prints."""
    for block in re.findall(r"^    .*\n(?:    .*\n|\n(?=    ))*", PAGE, re.MULTILINE):
        if block.startswith(PROMPT) and "|" not in block.partition("\n")[0]:
            command, *output = [line.removeprefix("    ") for line in block.splitlines()]
            yield command.removeprefix("$ mirastack-agent "), output


SESSIONS = dict(sessions())


def without_times(lines: list[str]) -> list[str]:
    """The lines with each duration replaced, and without blanks around them."""
    return [re.sub(r"[0-9.]+ (ms|s)\b", "TIME", line).strip() for line in lines]


@pytest.fixture
def terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of 80 columns without colors, in a folder with the page's agent."""
    write_blocks(PATH, folder)
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    # pytest's own handlers would count as those of the author.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    return terminal


@pytest.mark.parametrize("command", SESSIONS)
def test_a_command_prints_what_the_page_shows(
    command: str, folder: Path, request: pytest.FixtureRequest
) -> None:
    """Word for word, but for the durations."""
    terminal: Terminal = request.getfixturevalue("terminal")
    app.run(command.split())
    printed, shown = terminal.getvalue().splitlines(), SESSIONS[command]
    if shown[-1] == AND_MORE:
        shown.pop()
        printed = printed[: len(shown)]
    assert without_times(printed) == without_times(shown)


def test_there_are_sessions() -> None:
    """Of each command whose output is shown."""
    assert {command.split()[0] for command in SESSIONS} == {"call", "inspect"}
    assert len(SESSIONS) == 4


def test_every_command_is_listed() -> None:
    """And nothing else."""
    table = PAGE.partition("## ")[0]
    assert set(re.findall(r"^\| \[?`([a-z]+)`", table, re.MULTILINE)) == set(COMMANDS)


def test_every_exit_status_is_listed() -> None:
    """With its number and its name in documents."""
    rows = re.findall(r"^\| ([0-9]+) \| `([a-z_]+)` \|", PAGE, re.MULTILINE)
    assert rows == [(str(int(status)), status.name.lower()) for status in ExitStatus]


def members(heading: str) -> set[str]:
    """The members that the table below a heading lists."""
    section = PAGE.partition(heading)[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}


@pytest.mark.parametrize(
    ("heading", "command"),
    [
        ("### JSON", "call hosts_agent.py busy_hosts --json"),
        ("## See what an agent declares", "inspect hosts_agent.py --json"),
    ],
)
def test_every_member_of_a_document_is_listed(
    heading: str, command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As programs will find it."""
    write_blocks(PATH, folder)
    app.run(command.split())
    assert members(heading) == set(json.loads(capsys.readouterr().out))


def test_every_option_of_init_is_listed() -> None:
    """And the files that it writes."""
    section = PAGE.partition("## Start a project")[2].partition("\n## ")[0]
    declared = [one for one in init_command.params if isinstance(one, click.Option)]
    options = [one.opts[0] for one in declared if not one.hidden]
    assert re.findall(r"^\| `(--[a-z]+)", section, re.MULTILINE) == options
    name = ProjectName.parse("queue-agent")
    files = list(project_files(name, description="Shows queues", permission="read"))
    rows = re.findall(r"^\| (`[^|]*) \| ", section.partition("| file |")[2], re.MULTILINE)
    listed = [place for row in rows for place in re.findall(r"`([^`]+)`", row)]
    internal = {".gitignore", "src/queue_agent/__init__.py"}
    missing = [one for one in files if one not in internal and not one.startswith(tuple(listed))]
    unknown = [place for place in listed if not any(one.startswith(place) for one in files)]
    assert (missing, unknown) == ([], [])
