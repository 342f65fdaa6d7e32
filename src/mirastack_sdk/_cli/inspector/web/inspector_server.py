"""The inspector's server: uvicorn on the loopback interface, in the running event loop."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.inspector.inspector_desk import InspectorDesk
from mirastack_sdk._cli.inspector.web.inspector_app import inspector_app

DEFAULT_PORT = 8765
_HOST = "127.0.0.1"
_CLOSE_SECONDS = 1


class _QuietServer(uvicorn.Server):
    """A server that leaves signals to the command."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def inspector_server(desk: InspectorDesk, port: int | None) -> AsyncIterator[str]:
    """Serve the inspector during the block, and give its URL.

    Without a `port` it is 8765, or a free one if that is taken. Raises `CommandError` if `port` is
    taken.
    """
    listener = _listener(port)
    number: int = listener.getsockname()[1]
    config = uvicorn.Config(
        inspector_app(desk, number),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_CLOSE_SECONDS,
    )
    server = _QuietServer(config)
    served = asyncio.create_task(server.serve(sockets=[listener]), name="inspector")
    try:
        yield f"http://{_HOST}:{number}"
    finally:
        desk.stream.close()
        server.should_exit = True
        await served
        listener.close()


def _listener(port: int | None) -> socket.socket:
    if port is None:
        try:
            return _bound(DEFAULT_PORT)
        except OSError:
            port = 0
    try:
        return _bound(port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CommandError(f"the inspector cannot use port {port}: {reason}") from error


def _bound(port: int) -> socket.socket:
    # The kernel queues connections from here on, so the URL works at once.
    return socket.create_server((_HOST, port), backlog=128)
