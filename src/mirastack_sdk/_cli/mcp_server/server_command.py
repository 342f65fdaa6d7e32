"""What `mirastack-agent mcp` does: serve over one of the transports, or only check the agent."""

import asyncio
import os
from collections.abc import Sequence

import click

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.command_loop import run_in_loop
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.agent_log import write_agent_log
from mirastack_sdk._cli.loading.targets import Target, load_target
from mirastack_sdk._cli.mcp_server.http_transport import (
    bound_socket,
    is_loopback,
    security_of,
    serve_http,
    url_of,
)
from mirastack_sdk._cli.mcp_server.served_agent import ServerOptions, agent_server, running_agent
from mirastack_sdk._cli.mcp_server.stdio_transport import (
    ProtocolFiles,
    reserved_streams,
    stdio_streams,
)
from mirastack_sdk._cli.stop_signals import stop_signal
from mirastack_sdk._deferred.dataclasses import dataclass

# They have a line for each request, and for each step of the start.
_TALKATIVE = ("mcp", "mirastack_sdk")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """Where to listen, and which other names clients may use for this server."""

    host: str
    port: int
    allowed: Sequence[str]


def check(target: str, options: ServerOptions) -> int:
    """Start the agent, check its health, and stop; raises `CommandError` if it is not healthy."""
    return run_in_loop(_check(_loaded(target), options))


def serve_over_http(target: str, options: ServerOptions, http: HttpOptions) -> int:
    """Serve until a signal stops the process, and return the exit status."""
    return run_in_loop(_serve_http(_loaded(target), options, http))


def serve_over_stdio(target: str, options: ServerOptions) -> int:
    """Serve until the client closes standard input, or a signal stops the process."""
    with reserved_streams() as files:
        if os.isatty(files.incoming):
            click.echo("Waiting for an MCP client on standard input. Ctrl-C stops.", err=True)
        return run_in_loop(_serve_stdio(_loaded(target), options, files))


def _loaded(target: str) -> Target:
    loaded = load_target(target)
    write_agent_log(quiet=_TALKATIVE)
    return loaded


async def _check(target: Target, options: ServerOptions) -> int:
    async with running_agent(target, options) as (_, agent):
        health = await agent.health()
        if not health.healthy:
            raise CommandError(
                f"{agent.name} is not healthy: {health.message}", status=ExitStatus.FAILURE
            )
        tools = ", ".join(action.name for action in agent.introduction.schema.actions)
        click.echo(f"{agent.name} {agent.version} is healthy; its tools are {tools}")
    return ExitStatus.SUCCESS


async def _serve_stdio(target: Target, options: ServerOptions, files: ProtocolFiles) -> int:
    with stop_signal() as stop:
        async with (
            agent_server(target, options, is_shared=False) as agent,
            stdio_streams(files) as (incoming, outgoing),
        ):
            server = agent.server
            running = asyncio.create_task(
                server.run(incoming, outgoing, server.create_initialization_options()), name="mcp"
            )
            stopping = asyncio.create_task(stop.wait(), name="stop")
            try:
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                running.cancel()
                await asyncio.gather(running, stopping, return_exceptions=True)
    return stop.status


async def _serve_http(target: Target, options: ServerOptions, http: HttpOptions) -> int:
    host = http.host
    listener = bound_socket(host, http.port)
    with listener, stop_signal() as stop:
        async with agent_server(target, options, is_shared=True) as agent:
            click.echo(f"MCP server of {agent.server.name}: {url_of(host, listener)}")
            if not is_loopback(host):
                click.echo(
                    f"Warning: whoever reaches {host} can call the agent's actions: "
                    "put a proxy that authenticates clients before it",
                    err=True,
                )
            await serve_http(agent, listener, security_of(host, http.allowed), stop)
    return stop.status
