"""The commands of `mirastack-agent`, and how errors end them."""

from collections.abc import Mapping
from importlib import import_module

import click

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.console import use_plain_text

NAME = "mirastack-agent"
_NO_COLOR = "no_color"

# Each module defines a click command `command`. It is imported only for that command or for the
# list of all commands, so what one command needs does not delay another.
_COMMANDS: Mapping[str, str] = {
    "dev": "dev_command",
    "run": "run_command",
    "call": "call_command",
    "mcp": "mcp_command",
    "version": "version_command",
}


class LazyCommands(click.Group):
    """The commands in the order of the table, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands' names."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command, if there is one of that name."""
        module_name = _COMMANDS.get(cmd_name)
        if module_name is None:
            return None
        module = import_module(f"mirastack_sdk._cli.commands.{module_name}")
        command: click.Command = module.command
        # People write it after the command as often as before it.
        if all(param.name != _NO_COLOR for param in command.params):
            command.params.append(_no_color_option(hidden=True))
        return command


def _no_color_option(*, hidden: bool = False) -> click.Option:
    return click.Option(
        [f"--{_NO_COLOR.replace('_', '-')}"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        hidden=hidden,
        help="Print without colors and other escape codes; so does the variable NO_COLOR.",
        callback=_use_plain_text,
    )


def _use_plain_text(_ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        use_plain_text()


@click.group(
    name=NAME,
    cls=LazyCommands,
    epilog="Example: mirastack-agent version",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[_no_color_option()],
)
def app() -> None:
    """Write, try and check MIRASTACK agents on your own machine."""


def run(arguments: list[str]) -> int:
    """Run a command and return its status; an error is one sentence on standard error."""
    try:
        status = app.main(arguments, prog_name=NAME, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        click.echo(f"{NAME}: {_sentence(error)}", err=True)
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except CommandError as error:
        if error.details:
            click.echo(error.details, err=True)
        click.echo(f"{NAME}: {error}", err=True)
        return error.status
    return status if isinstance(status, int) else 0


def _sentence(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{message} (see `{error.ctx.command_path} --help`)"
    return message
