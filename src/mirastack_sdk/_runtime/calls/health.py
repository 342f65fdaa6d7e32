"""The author's health check: one at a time, whoever asks, and no longer than it may take."""

import asyncio
from collections.abc import Awaitable, Callable

from mirastack_sdk._runtime.calls.author_call import (
    AuthorCall,
    OverdueError,
    begin_author_call,
    log_end,
)

CHECK_SECONDS = 10.0
"""How long the author's `health_check` may take."""

_METHOD = "health_check"


class HealthChecks:
    """Runs the health check that `find` gives, for everybody who asks.

    Who asks while a check runs gets the outcome of that one: checks never heap up behind one that
    hangs. A check that takes longer than `seconds` is cancelled; as long as it goes on all the
    same, whoever asks hears of it at once.
    """

    def __init__(
        self,
        find: Callable[[], Callable[[], Awaitable[None] | None]],
        *,
        seconds: float = CHECK_SECONDS,
    ) -> None:
        self._find = find
        self._seconds = seconds
        self._call: AuthorCall[None] | None = None

    async def ask(self, patience: float) -> None:
        """Return if the agent is well, in at most `patience` seconds.

        Raises `AuthorError` for what the check raises, `OverdueError` when it does not end in time.
        """
        call = self._call
        if call is None or call.has_ended:
            call = self._call = self._begin()
        seconds = min(patience, self._seconds)
        if not call.is_cancelled and not await call.ends_within(seconds):
            raise OverdueError(_METHOD, seconds)
        if call.is_cancelled:
            raise OverdueError(_METHOD, self._seconds)
        call.result()

    def _begin(self) -> AuthorCall[None]:
        call = begin_author_call(self._find, name=_METHOD)
        timer = asyncio.get_running_loop().call_later(self._seconds, call.cancel)
        call.on_end(timer.cancel)
        call.on_end(lambda: log_end(call))
        return call
