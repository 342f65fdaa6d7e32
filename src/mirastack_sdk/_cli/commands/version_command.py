"""`mirastack-agent version`."""

import platform
from importlib.metadata import version

import click

from mirastack_sdk._cli.installation import NAME, build


@click.command(name="version")
def command() -> None:
    """Print the versions of the SDK and of Python."""
    click.echo(f"{NAME} {version(NAME)}, {build()}, Python {platform.python_version()}")
