"""The commands of `mirastack-agent`, and how errors end them."""

import difflib
from collections.abc import Mapping
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.console import use_plain_text
from mirastack_sdk._cli.rendering.plain_texts import on_one_line, printable
from mirastack_sdk._deferred.dataclasses import dataclass

NAME = "mirastack-agent"
_NO_COLOR = "no_color"
# An error of the author's code may carry a whole response of a backend.
_MOST_CHARACTERS = 1000
_MOST_DETAILS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A command: its module under `commands`, and the line about it in the list of commands.

    The module defines a click command `command`. It is imported only for that command, so what one
    command needs neither delays another nor has to be installed for it.
    """

    module: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "init": Entry(
        module="init_command",
        summary="Start a project: an agent with config, tests, Dockerfile and CI.",
    ),
    "dev": Entry(
        module="dev_command",
        summary="Run an agent with a local engine, reload and inspector.",
    ),
    "run": Entry(
        module="run_command", summary="Serve the agent in TARGET, as `python agent.py` does."
    ),
    "call": Entry(
        module="call_command", summary="Run one action of an agent, and print what happens."
    ),
    "inspect": Entry(
        module="inspect_command",
        summary="Show what an agent declares, and what a model gets of it.",
    ),
    "check": Entry(
        module="check_command",
        summary="Find what engines refuse and what models stumble over.",
    ),
    "replay": Entry(
        module="replay_command",
        summary="Run a recorded execution again, and show how it differs.",
    ),
    "mcp": Entry(
        module="mcp_command", summary="Offer the agent's actions as tools to MCP clients."
    ),
    "completion": Entry(
        module="completion_command",
        summary="Print the script that completes commands in your shell.",
    ),
    "version": Entry(
        module="version_command", summary="Print the versions of the SDK and of Python."
    ),
}


class LazyCommands(click.Group):
    """The commands in the order of the table, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands' names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command, if there is one of that name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = import_module(f"mirastack_sdk._cli.commands.{entry.module}")
        command: click.Command = module.command
        # People write it after the command as often as before it.
        if all(param.name != _NO_COLOR for param in command.params):
            command.params.append(_no_color_option(hidden=True))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called, or name the one that was probably meant."""
        near = difflib.get_close_matches(args[0], COMMANDS, n=1)
        if near and args[0] not in COMMANDS:
            ctx.fail(f"No such command {args[0]!r}; did you mean {near[0]}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands without importing them, and the options."""
        commands = [
            CompletionItem(name, help=entry.summary)
            for name, entry in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]


def _no_color_option(*, hidden: bool = False) -> click.Option:
    return click.Option(
        [f"--{_NO_COLOR.replace('_', '-')}"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        hidden=hidden,
        help="Print without colors and other escape codes.",
        callback=_use_plain_text,
    )


def _use_plain_text(_ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        use_plain_text()


@click.group(
    name=NAME,
    cls=LazyCommands,
    epilog="Example: mirastack-agent call agent.py search query=error --last 30m",
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
        _print_error(_sentence(error))
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except CommandError as error:
        if error.details:
            click.echo(printable(_end_of(error.details)), err=True)
        _print_error(str(error))
        return error.status
    return status if isinstance(status, int) else 0


def _print_error(sentence: str) -> None:
    # It may quote what was typed and what the author's code or an agent says.
    click.echo(f"{NAME}: {on_one_line(sentence, _MOST_CHARACTERS)}", err=True)


def _end_of(details: str) -> str:
    """The end of a traceback, which says what has failed."""
    return details if len(details) <= _MOST_DETAILS else f"…{details[1 - _MOST_DETAILS :]}"


def _sentence(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{message} (see `{error.ctx.command_path} --help`)"
    return message
