"""The lifespan of a plugin: entered before the agent serves, and left after its last call."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from mirastack_sdk._core.model.plugin_base import HasLifespan, MirastackPlugin, ServeContext
from mirastack_sdk._log import Log

_LOG = Log("agent")

# Closing gets at least this long, even if the grace period is over.
_CLOSING_SECONDS = 0.5


class StoppedAtStartError(Exception):
    """The agent was told to stop before it had started."""


@asynccontextmanager
async def lifespan_of(
    plugin: MirastackPlugin,
    context: ServeContext,
    remaining: Callable[[], float],
    stop: asyncio.Event,
) -> AsyncIterator[None]:
    """Enter the plugin's lifespan, if it has one; leaving it is limited to the time `remaining`.

    When `stop` is set, entering is cancelled. Raises the `MirastackError` of a plugin that cannot
    start.
    """
    if not isinstance(plugin, HasLifespan):
        yield
        return
    lifespan = plugin.serving(context)
    await _enter(lifespan, remaining, stop)
    try:
        yield
    finally:
        limit = asyncio.timeout(max(_CLOSING_SECONDS, remaining()))
        try:
            async with limit:
                await lifespan.__aexit__(None, None, None)
        except TimeoutError:
            if not limit.expired():
                raise
            _LOG.warning("the agent's lifespan did not end within the grace period")


async def _enter(
    lifespan: AbstractAsyncContextManager[None], remaining: Callable[[], float], stop: asyncio.Event
) -> None:
    """Enter a lifespan in this task, unless `stop` is set before it has started."""
    loop = asyncio.get_running_loop()
    begin, clean_up = asyncio.timeout(None), asyncio.timeout(None)

    def on_stop(stopping: asyncio.Task[bool]) -> None:
        if not stopping.cancelled():
            begin.reschedule(loop.time())
            clean_up.reschedule(loop.time() + max(_CLOSING_SECONDS, remaining()))

    stopping = asyncio.create_task(stop.wait(), name="mirastack-stop")
    stopping.add_done_callback(on_stop)
    try:
        async with clean_up, begin:
            await lifespan.__aenter__()
    except TimeoutError as error:
        if not begin.expired():
            raise
        _LOG.info("stopped before the agent's lifespan had started")
        raise StoppedAtStartError from error
    finally:
        stopping.remove_done_callback(on_stop)
        stopping.cancel()
