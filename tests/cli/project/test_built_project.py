"""The wheel of a generated project, as its author would publish it."""

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from mirastack_sdk._cli.project.project_folder import write_project
from mirastack_sdk._cli.project.project_name import ProjectName
from mirastack_sdk._cli.project.project_template import project_files
from tests.cli import processes
from tests.wheel_installation import clean_environment, demand, find_uv, run


@pytest.fixture
def wheel(folder: Path) -> Path:
    """The wheel of a new project."""
    name = ProjectName.parse("queue-agent")
    files = project_files(name, description="Shows queues", permission="modify")
    write_project(folder / "project", files)
    uv = find_uv()
    demand(uv, "no uv that runs: neither on PATH nor in .tools")
    command = [str(uv), "build", "--quiet", "--python", sys.executable, "--wheel", "--out-dir"]
    done = run([*command, str(folder), str(folder / "project")], folder, clean_environment())
    demand(done.returncode == 0, f"uv build failed:\n{done.stderr}")
    return folder / "queue_agent-0.1.0-py3-none-any.whl"


def test_it_has_the_package_and_its_template(wheel: Path) -> None:
    """And a command; the tests stay out."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info" not in name}
        (place,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        commands = archive.read(place).decode()
    assert {name.partition("/")[0] for name in names} == {"queue_agent"}
    assert "queue_agent/templates/queue_agent_guide.tmpl" in names
    assert "queue-agent = queue_agent.__main__:main" in commands
    # Python imports from the wheel itself, which is a zip file.
    done = processes.run(
        *("inspect", "queue_agent.agent:agent", "--json"),
        folder=wheel.parent,
        PYTHONPATH=os.pathsep.join([str(wheel), os.environ.get("PYTHONPATH", "")]),
    )
    (template,) = json.loads(done.output)["prompt_templates"]
    assert template["name"] == "queue_agent_guide"
