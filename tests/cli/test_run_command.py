"""`mirastack-agent run`: the agent as `python agent.py` serves it, with flags for the variables."""

import re
import signal
import sys
from pathlib import Path

import pytest

from mirastack_sdk._cli.variable_flags import flag_name, has_flag, variable_options
from mirastack_sdk._core.settings.process_settings import VARIABLES
from mirastack_sdk._core.settings.variable import Variable
from tests.cli import programs
from tests.cli.processes import environment, run, run_here, start

WRONG = "\x00 no\n"


def rejects(variable: Variable[object], text: str) -> bool:
    """Whether a text is no value of a variable."""
    errors: list[str] = []
    variable.read({variable.name: text}, errors)
    return bool(errors)


# Switches take no value, and any text is a path.
CHECKED = [known for known in VARIABLES if rejects(known, WRONG) and has_flag(known)]
CHECKED = [known for known in CHECKED if known.expected != "true or false"]


@pytest.fixture
def agent(folder: Path) -> Path:
    """The current folder, with an agent that serves itself, too."""
    served = "\nif __name__ == '__main__':\n    from mirastack_sdk import serve\n    serve(agent)\n"
    (folder / "served.py").write_text(programs.TYPED + served, encoding="utf-8")
    return folder


def test_every_variable_but_secrets_has_a_flag() -> None:
    """They are made of one table, so that a new variable has a flag at once."""
    names = {option.opts[0] for option in variable_options()}
    assert names == {flag_name(variable) for variable in VARIABLES if not variable.secret}
    assert len(names) == sum(map(has_flag, VARIABLES))
    assert "--auth-token" not in names
    assert {"--engine-addr", "--addr", "--config-cache-ttl", "--require-auth"} <= names


@pytest.mark.parametrize("variable", CHECKED, ids=lambda variable: variable.name)
def test_a_flag_rejects_what_the_variable_rejects(
    variable: Variable[object], agent: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the variable's own words, under the name of the flag, before the agent is loaded."""
    flag = flag_name(variable)
    done = run_here("run", "nowhere.py", flag, WRONG, capture=capsys)
    assert done.status == 2
    assert done.errors.startswith(f"mirastack-agent: {flag} must be {variable.expected}, got ")


@pytest.mark.parametrize("option", ["--help", "--help-all"])
def test_help_fits_on_a_screen(
    option: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The common flags are on one screen, all of them behind another option."""
    done = run_here("run", option, capture=capsys)
    assert done.status == 0
    assert (len(done.output.splitlines()) <= 24) == (option == "--help")
    shown = set(re.findall(r"--[a-z-]+", done.output))
    names = {option.opts[0] for option in variable_options()}
    assert (names <= shown) == (option == "--help-all")


def test_it_serves_as_python_does(agent: Path) -> None:
    """The port line, the log, the end on a signal and the status are the same."""
    lines, statuses = [], []
    for command in ([sys.executable, "served.py"], None):
        if command is None:
            process = start("run", "served.py", "--addr", "127.0.0.1:0", folder=agent)
        else:
            process = start(folder=agent, command=command, MIRASTACK_PLUGIN_ADDR="127.0.0.1:0")
        assert process.stdout is not None
        port_line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
        assert output == ""
        lines.append(re.sub(r"[0-9:. -]{10,}|[0-9]+", "N", port_line + errors))
        statuses.append(process.returncode)
    assert lines[0] == lines[1]
    assert "MIRASTACK_PLUGIN_PORT=N" in lines[0]
    assert statuses == [0, 0]


def test_a_flag_wins_over_its_variable(agent: Path) -> None:
    """And the agent's own code sees it in the environment."""
    shows = "\nimport os\nprint(os.environ['MIRASTACK_PLUGIN_TENANT_SLUG'])\nraise SystemExit(7)\n"
    (agent / "shows.py").write_text(shows, encoding="utf-8")
    done = run(
        "run",
        "shows.py",
        "--tenant-slug",
        "flag",
        folder=agent,
        MIRASTACK_PLUGIN_TENANT_SLUG="variable",
    )
    assert done.output == "flag\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["broken.py"], "mirastack-agent: importing broken.py fails: OSError: no"),
        (["served.py", "--require-auth"], "mirastack: the configuration cannot be used:"),
        (["invalid.py"], "mirastack: the plugin cannot be used:"),
    ],
)
def test_an_agent_that_cannot_be_served_ends_with_status_1(
    agent: Path, arguments: list[str], sentence: str
) -> None:
    """As `python agent.py` does, which supervisors know."""
    (agent / "broken.py").write_text("raise OSError('no')\n", encoding="utf-8")
    invalid = programs.PLUGIN.replace('"Says hello"', '""')
    (agent / "invalid.py").write_text(invalid, encoding="utf-8")
    done = run("run", *arguments, folder=agent)
    assert done.status == 1
    assert sentence in done.errors.splitlines()


def test_the_environment_of_the_tests_has_no_agent() -> None:
    """Variables of whoever runs the tests would change what they see."""
    assert not [name for name in environment() if name.startswith("MIRASTACK_")]
