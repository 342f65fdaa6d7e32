"""`mirastack-agent completion`."""

import click
from click.shell_completion import get_completion_class

from mirastack_sdk._cli.command_error import CommandError

_SHELLS = ("bash", "zsh", "fish")


@click.command(
    name="completion", epilog='Example: eval "$(mirastack-agent completion bash)" in ~/.bashrc'
)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands in your shell.

    Load it in the start file of the shell: ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish.
    """
    found = get_completion_class(shell)
    root = ctx.find_root()
    name = root.info_name
    if found is None or name is None:  # click has all of them
        raise CommandError(f"there is no completion for {shell}")
    variable = f"_{name}_COMPLETE".replace("-", "_").upper()
    # Without `source()`, which requires the shell itself, to check its version.
    completion = found(root.command, {}, name, variable)
    click.echo(completion.source_template % completion.source_vars())
