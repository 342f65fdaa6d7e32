"""`mirastack-agent version`."""

import platform
from importlib.metadata import version

import click


@click.command(name="version")
def command() -> None:
    """Print the versions of the SDK and of Python."""
    sdk = version("mirastack-agents-sdk-python")
    click.echo(f"mirastack-agents-sdk-python {sdk}, Python {platform.python_version()}")
