"""Keeps open what an agent owns, from before it listens until after its last call."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mirastack_sdk._core.model.plugin_base import Living, MirastackPlugin, Surroundings
from mirastack_sdk._log import Log

__all__ = ["kept_open"]

_LOG = Log("agent")

# At least this long for closing, however much of the grace period is gone.
_CLOSING_SECONDS = 0.5


@asynccontextmanager
async def kept_open(
    plugin: MirastackPlugin, surroundings: Surroundings, remaining: Callable[[], float]
) -> AsyncIterator[None]:
    """Keep open what a plugin owns; closing it takes about as long as there is time `remaining`.

    Raises the `MirastackError` of a plugin that cannot start.
    """
    if not isinstance(plugin, Living):
        yield
        return
    owned = plugin.serving(surroundings)
    await owned.__aenter__()
    try:
        yield
    finally:
        limit = asyncio.timeout(max(_CLOSING_SECONDS, remaining()))
        try:
            async with limit:
                await owned.__aexit__(None, None, None)
        except TimeoutError:
            if not limit.expired():
                raise
            _LOG.warning("what the agent keeps open was not closed within the grace period")
