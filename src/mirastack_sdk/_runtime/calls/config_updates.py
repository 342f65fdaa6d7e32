"""The author's `config_updated`: one push after the other, in their order."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from mirastack_sdk._log import Log
from mirastack_sdk._runtime.calls.author_call import (
    AuthorCall,
    OverdueError,
    begin_author_call,
    log_end,
)
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("agent")

UPDATE_SECONDS = 10.0
"""How long taking over a configuration may take, with the waiting for earlier ones."""

_METHOD = "config_updated"


class ConfigUpdates:
    """Hands each pushed configuration to the method that `find` gives.

    Never two at a time: the author's state must end as the last push left it. So a push waits until
    the one before has really ended, also where nobody waits for that one any more.
    """

    def __init__(
        self,
        find: Callable[[], Callable[[dict[str, str]], Awaitable[None] | None]],
        *,
        seconds: float = UPDATE_SECONDS,
    ) -> None:
        self._find = find
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def take_over(self, config: Mapping[str, str], patience: float) -> None:
        """Return when the author has taken `config`, in at most `patience` seconds.

        Raises `AuthorError` for what the author's code raises, `OverdueError` when it does not end
        in time, or its turn does not come; cancelling it cancels the author's code.
        """
        loop = asyncio.get_running_loop()
        seconds = min(patience, self._seconds)
        ends = loop.time() + seconds
        try:
            async with asyncio.timeout(seconds):
                await self._turn.acquire()
        except TimeoutError as error:
            raise OverdueError(f"an earlier {_METHOD}", seconds) from error
        call = begin_author_call(self._find, dict(config), name=_METHOD)
        call.on_end(self._turn.release)
        call.on_end(lambda: _log_end(call))
        try:
            in_time = await call.ends_within(ends - loop.time())
        except asyncio.CancelledError:
            call.cancel()
            raise
        if not in_time:
            call.cancel()
            raise OverdueError(_METHOD, seconds)
        call.result()


def _log_end(call: AuthorCall[None]) -> None:
    if isinstance(call.error, ConfigurationError):
        # The operator's mistake and not the author's: where it was found tells nobody anything.
        _LOG.warning("the configuration is refused: %s", call.error)
    else:
        log_end(call)
