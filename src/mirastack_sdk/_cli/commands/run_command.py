"""`mirastack-agent run`."""

import click

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.completions import complete_target
from mirastack_sdk._cli.environment import set_variables
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._cli.variable_flags import given_variables, variable_options
from mirastack_sdk._runtime.serve import serve


def _show_all(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    options = [param for param in ctx.command.params if isinstance(param, click.Option)]
    hidden = [option for option in options if option.hidden]
    for option in hidden:
        option.hidden = False
    click.echo(ctx.get_help())
    for option in hidden:
        option.hidden = True
    ctx.exit()


@click.command(
    name="run",
    params=list(variable_options()),
    epilog="Example: mirastack-agent run agent.py --engine-addr engine:9090",
)
@click.argument("target", shell_complete=complete_target)
@click.option(
    "--help-all",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_all,
    help="Show the flags of all variables.",
)
def command(target: str, **flags: object) -> None:
    """Serve the agent in TARGET, as `python agent.py` does.

    TARGET is file.py, file.py:object or package.module:object. Each flag replaces an environment
    variable of docs/settings.md.
    """
    set_variables(given_variables(flags))
    try:
        plugin = load_target(target).plugin
    except CommandError as error:
        if error.status == ExitStatus.NO_AGENT:
            # Supervisors know the status of `python agent.py`.
            error.status = ExitStatus.FAILURE
        raise
    serve(plugin)
