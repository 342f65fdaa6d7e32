"""Projects as `init` writes them: they pass their own checks, and work."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from mirastack_sdk._cli.project.project_folder import write_project
from mirastack_sdk._cli.project.project_name import ProjectName
from mirastack_sdk._cli.project.project_template import project_files
from mirastack_sdk.testing import LocalEngine
from tests.cli.processes import environment, run_here
from tests.documentation.agent_process import ended, running
from tests.typing.checkers import MYPY_CACHE

LONGEST = "a-name-of-forty-characters-which-is-long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project in a folder of its own."""

    folder: Path
    package: str
    changes: bool

    @property
    def agent(self) -> str:
        """The TARGET."""
        return f"src/{self.package}/agent.py"

    def passes(self, *command: str) -> str:
        """Run a module of Python in the project, and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


PERMISSIONS = {"my-agent": "read", LONGEST: "modify"}


@pytest.fixture(params=PERMISSIONS)
def project(request: pytest.FixtureRequest, folder: Path) -> Project:
    """A project of each kind, with a usual name and with the longest."""
    name: str = request.param
    return new_project(folder, name, PERMISSIONS[name])


def new_project(folder: Path, text: str, permission: str) -> Project:
    """Write a project into the current folder."""
    name = ProjectName.parse(text)
    description = 'Says "hello" and \'bye'
    write_project(folder, project_files(name, description=description, permission=permission))
    return Project(folder=folder, package=name.package, changes=permission == "modify")


@pytest.mark.parametrize("permission", ["read", "modify"])
@pytest.mark.parametrize("name", ["q", "my-agent", LONGEST])
def test_it_is_formatted(name: str, permission: str, folder: Path) -> None:
    """Whatever its name, ruff has nothing to change, by the project's own rules."""
    project = new_project(folder, name, permission)
    project.passes("ruff", "format", "--check", "--no-cache")
    project.passes("ruff", "check", "--no-cache")


def test_it_has_types(project: Project) -> None:
    """The project passes mypy in strict mode."""
    project.passes("mypy", "--cache-dir", str(MYPY_CACHE))


def test_its_tests_pass(project: Project) -> None:
    """The standard suite and the other tests pass, and none is skipped."""
    output = project.passes("pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    assert re.search(r"\b(\d+) passed in ", output), output
    assert "skipped" not in output


def test_nothing_is_to_be_advised(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """The agent passes `check --strict`."""
    done = run_here("check", project.agent, "--strict", capture=capsys)
    assert done.output == f"{project.package} 0.1.0: nothing to report.\n"
    assert done.status == 0


async def test_it_serves_as_a_module(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m package` registers, answers and ends with status 0."""
    monkeypatch.setenv("PYTHONPATH", str(project.folder / "src"))
    main = project.folder / "src" / project.package / "__main__.py"
    async with LocalEngine() as engine, running(main, engine) as process:
        agent = await engine.wait_registered(project.package)
        assert (await agent.health()).healthy
        result = await agent.execute("count_errors", {"service": "checkout"})
        assert len(json.loads(result.output["result"])) == 6
        status, _, errors = await ended(process)
    assert status == 0, errors
    assert "the data is made up until backend_url is set" in errors


def test_a_change_needs_an_approval(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Only with `--permission modify`, there is an action that a human approves."""
    arguments = ("restart_service", "service=cart", "--approve", "none")
    done = run_here("call", project.agent, *arguments, capture=capsys)
    assert done.status == (6 if project.changes else 4)


def test_it_has_what_the_readme_lists(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """The actions, the parameters and their variables are those of the agent."""
    readme = (project.folder / "README.md").read_text(encoding="utf-8")
    card = json.loads(run_here("inspect", project.agent, "--json", capture=capsys).output)
    assert _first_cells(readme, "## Actions") == [action["name"] for action in card["actions"]]
    params = card["config_params"]
    assert _first_cells(readme, "## Config") == [param["key"] for param in params]
    variables = re.findall(r"\| `([A-Z_]+)` \|", readme.partition("## Deploy")[0])
    text = json.dumps(params)
    assert variables
    assert [name for name in variables if name not in text] == []


def test_it_needs_this_release(project: Project) -> None:
    """The project requires a compatible release of the SDK, and each command of the CI exists."""
    text = (project.folder / "pyproject.toml").read_text(encoding="utf-8")
    needed = tomllib.loads(text)["project"]["dependencies"]
    assert "mirastack-agents-sdk-python[metrics]~=0.1.0" in needed
    flow = (project.folder / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert f"mirastack-agent check {project.agent} --strict" in flow
    assert "python-version: ${{ matrix.python }}" in flow


def _first_cells(page: str, heading: str) -> Sequence[str]:
    section = page.partition(heading)[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
