"""MCP over streamable HTTP, on loopback unless told otherwise."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from ipaddress import ip_address

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.mcp_server.agent_server import AgentServer
from mirastack_sdk._cli.stop_signals import StopSignal
from mirastack_sdk._text import one_line

PATH = "/mcp"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_GRACE_SECONDS = 5.0
"""How long running calls may go on when the server stops."""


def bound_socket(host: str, port: int) -> socket.socket:
    """Bind the address to serve at; raises `CommandError` if that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # From here on clients may connect, who wait until the server is ready.
        listener.listen()
    except OSError as error:
        listener.close()
        reason = one_line(error.strerror or str(error)).lower()
        raise CommandError(
            f"cannot listen on {_authority(host, port)}: {reason}; "
            "pass another --port, or --port 0 for any free one"
        ) from error
    return listener


def url_of(host: str, listener: socket.socket) -> str:
    """The URL for clients."""
    port: int = listener.getsockname()[1]
    return f"http://{_authority(host, port)}{PATH}"


async def serve_http(
    agent: AgentServer,
    listener: socket.socket,
    security: TransportSecuritySettings,
    stop: StopSignal,
) -> None:
    """Serve clients until a signal stops that; running calls get some seconds to end."""
    app = agent.server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="on",
        # It only reports clients that are gone; the MCP SDK and the agent log what matters.
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    with closing(listener):
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="mcp-http")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            await agent.drain(_GRACE_SECONDS)
        finally:
            stopping.cancel()
            server.should_exit = True
            await serving


def security_of(host: str, allowed: Sequence[str]) -> TransportSecuritySettings:
    """Which Host and Origin headers are accepted: loopback, `host`, and the names in `allowed`.

    A web page that resolves its own name to this machine could otherwise call the tools (DNS
    rebinding).
    """
    names = dict.fromkeys([*_LOOPBACK, _bracketed(host), *allowed])
    hosts = [pattern for name in names for pattern in (name, f"{name}:*")]
    origins = [f"{scheme}://{found}" for scheme in ("http", "https") for found in hosts]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server at `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _authority(host: str, port: int) -> str:
    return f"{_bracketed(host)}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
