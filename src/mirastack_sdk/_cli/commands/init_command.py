"""`mirastack-agent init`."""

import os
import shlex
from pathlib import Path

import click

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.console import output_console
from mirastack_sdk._cli.project.project_folder import write_project
from mirastack_sdk._cli.project.project_name import ProjectName
from mirastack_sdk._cli.project.project_template import project_files
from mirastack_sdk._cli.rendering.plain_texts import printable

_DESCRIPTION = "Lists services and counts their errors"


@click.command(
    name="init",
    epilog='Example: mirastack-agent init queue-agent --description "Shows queues"',
)
@click.argument("name")
@click.option(
    "--dir", "folder", metavar="DIR", help="The project's folder; NAME by default.", default=""
)
@click.option(
    "--description",
    metavar="TEXT",
    default=_DESCRIPTION,
    help="What the agent does, in one line.",
)
@click.option(
    "--permission",
    type=click.Choice(["read", "modify"]),
    default="read",
    help="Whether the agent only reads, which is the default, or has an action with approval, too.",
)
def command(name: str, *, folder: str, description: str, permission: str) -> None:
    """Start a project: an agent with config, tests, Dockerfile and CI.

    NAME is the name of the package, such as my-agent. The agent works at once, with made-up data.
    """
    project = ProjectName.parse(name)
    text = _checked_description(description)
    path = Path(folder or name)
    files = project_files(project, description=text, permission=permission)
    write_project(path, files)
    next_steps = [f"mirastack-agent dev src/{project.package}/agent.py"]
    if os.path.realpath(path) != os.getcwd():
        next_steps.insert(0, f"cd {shlex.quote(str(path))}")
    lines = [
        f"wrote {len(files)} files to {path}; next:",
        "",
        *(f"  {step}" for step in next_steps),
    ]
    output_console().print(printable("\n".join(lines)), markup=False, soft_wrap=True)


def _checked_description(text: str) -> str:
    stripped = text.strip()
    if not stripped or not stripped.isprintable():
        raise CommandError("--description must be one line of text that is not blank")
    return stripped
