"""`mirastack-agent mcp`."""

from typing import TypedDict, Unpack

import click
from click.core import ParameterSource

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.completions import complete_target
from mirastack_sdk._cli.shared_options import (
    TIMEOUT,
    ApprovalPolicy,
    approve_option,
    config_option,
    parse_config,
)

_PORT = 8765
_OF_HTTP = {"port": "--port", "host": "--host", "allow_host": "--allow-host"}


class McpOptions(TypedDict):
    """The options of the command."""

    http: bool
    port: int
    host: str
    allow_host: tuple[str, ...]
    config: tuple[str, ...]
    approve: ApprovalPolicy
    timeout: float
    check: bool


@click.command(name="mcp", epilog="Example: mirastack-agent mcp my_agent.py --approve none")
@click.argument("target", shell_complete=complete_target)
@click.option(
    "--http", is_flag=True, help="Serve streamable HTTP instead of standard input/output."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_PORT,
    metavar="PORT",
    help="8765 by default; 0 for any free port.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    help="The address to listen on, 127.0.0.1 by default.",
)
@click.option("--allow-host", multiple=True, metavar="NAME", help="Also accept this Host header.")
@config_option()
@approve_option("Ask the client's user about changes, or approve all or none.")
@click.option(
    "--timeout",
    type=TIMEOUT,
    default=300.0,
    metavar="SECONDS",
    help="The longest time that an action may take, 300 by default.",
)
@click.option("--check", is_flag=True, help="Start the agent, check its health, and stop.")
@click.pass_context
def command(context: click.Context, target: str, **given: Unpack[McpOptions]) -> int:
    """Offer the agent's actions as tools to MCP clients.

    TARGET is file.py, file.py:object or package.module:object.
    """
    # The list of all commands must not need what only this command needs.
    from mirastack_sdk._cli.mcp_server import server_command  # noqa: PLC0415 - see above
    from mirastack_sdk._cli.mcp_server.served_agent import ServerOptions  # noqa: PLC0415 - see above

    options = ServerOptions(
        policy=given["approve"], timeout=given["timeout"], config=parse_config(given["config"])
    )
    if given["check"]:
        return server_command.check(target, options)
    if given["http"]:
        http = server_command.HttpOptions(
            host=given["host"], port=given["port"], allowed=given["allow_host"]
        )
        return server_command.serve_over_http(target, options, http)
    _refuse_options_of_http(context)
    return server_command.serve_over_stdio(target, options)


def _refuse_options_of_http(context: click.Context) -> None:
    for name, option in _OF_HTTP.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise CommandError(f"{option} has no effect without --http")
