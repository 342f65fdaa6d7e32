"""An agent served on the test's own loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mirastack_sdk import MirastackPlugin, serve_async
from mirastack_sdk.security import Security


@asynccontextmanager
async def served(
    plugin: MirastackPlugin,
    security: Security | None = None,
    /,
    *,
    engine: str = "",
    **environ: str,
) -> AsyncIterator[int]:
    """Serve a plugin with its own environment; gives its port, and stops it in order."""
    stop = asyncio.Event()
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    settings = {
        "MIRASTACK_ENGINE_ADDR": engine,
        "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        **environ,
    }
    serving = asyncio.create_task(
        serve_async(
            plugin,
            environ=settings,
            security=security,
            stop=stop,
            on_listening=listening.set_result,
        )
    )
    serving.add_done_callback(lambda _: listening.cancel())
    try:
        yield await listening
    finally:
        stop.set()
        await serving
