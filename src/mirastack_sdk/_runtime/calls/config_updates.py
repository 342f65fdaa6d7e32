"""The author's `config_updated`: one config after the other, in the order they came."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from mirastack_sdk._core.model.plugin_base import ignore
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._log import NO_CALL, Log, LoggedCall, logged_call
from mirastack_sdk._runtime.calls.author_call import (
    AuthorCall,
    OverdueError,
    log_end,
    start_author_call,
)
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("agent")

UPDATE_SECONDS = 10.0
"""How long an update may take, including the wait for earlier ones."""

_METHOD = "config_updated"


class StoredConfig(NamedTuple):
    """A config as the engine stores it: `version` grows with each change."""

    values: Mapping[str, str]
    version: int


def always(current: StoredConfig | None) -> bool:  # noqa: ARG001 - whatever it is
    """Apply a config whatever the current one is."""
    return True


class ConfigUpdates:
    """Hands each config to the method that `find` returns.

    Never two at a time: the author's state must end as the last push left it. So a push waits until
    the one before has really ended, even if nobody waits for that one any more. `current` is the
    last config, or `None` if there is none, or if the author's code did not accept the last one:
    nobody knows what it kept of that. `on_accepted` is called with the values of each accepted one.
    Log records of an update name the call `logged_as`.
    """

    def __init__(
        self,
        find: Callable[[], Callable[[dict[str, str]], Awaitable[None] | None]],
        *,
        seconds: float = UPDATE_SECONDS,
        on_accepted: Callable[[Mapping[str, str]], None] = ignore,
        logged_as: LoggedCall = NO_CALL,
    ) -> None:
        self._find = find
        self._logged_as = logged_as
        self._on_accepted = on_accepted
        self.current: StoredConfig | None = None
        self._seconds = seconds
        self._lock = asyncio.Lock()

    async def apply(
        self,
        config: StoredConfig,
        time_left: float,
        *,
        is_wanted: Callable[[StoredConfig | None], bool] = always,
    ) -> None:
        """Return when the author's code has accepted `config`, in at most `time_left` seconds.

        When earlier updates have ended, `is_wanted` is called with the current config; nothing
        happens if it returns `False`.

        Raises `AuthorError` for what the author's code raises, `OverdueError` when it, or an
        earlier update, does not end in time; cancelling this cancels the author's code.
        """
        seconds = min(time_left, self._seconds)
        ends = await self._turn(seconds)
        if not is_wanted(self.current):
            self._lock.release()
            return
        self.current = None
        with logged_call(self._logged_as):
            call = start_author_call(self._find, dict(config.values), name=_METHOD)
        call.on_end(lambda: self._release(call, config))
        await _end_of(call, seconds, ends)

    async def reload(self, reload: Callable[[], Awaitable[None]]) -> None:
        """Call `reload` as `apply` calls the author's method; `current` stays as it is."""
        ends = await self._turn(self._seconds)
        with logged_call(self._logged_as):
            call = start_author_call(lambda: reload, name=_METHOD)
        call.on_end(self._lock.release)
        await _end_of(call, self._seconds, ends)

    async def _turn(self, seconds: float) -> float:
        """Wait for the end of earlier updates; return when the next one has to end."""
        ends = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout(seconds):
                await self._lock.acquire()
        except TimeoutError as error:
            raise OverdueError(f"an earlier {_METHOD}", seconds) from error
        return ends

    def _release(self, call: AuthorCall[None], config: StoredConfig) -> None:
        if call.error is None:
            self.current = config
            self._on_accepted(config.values)
        self._lock.release()


async def _end_of(call: AuthorCall[None], seconds: float, ends: float) -> None:
    """Wait until `call` has ended, at most until `ends`; raises as `ConfigUpdates.apply`."""
    call.on_end(lambda: _log_end(call))
    try:
        in_time = await call.ends_within(ends - asyncio.get_running_loop().time())
    except asyncio.CancelledError:
        call.cancel()
        raise
    if not in_time:
        call.cancel()
        raise OverdueError(call.name, seconds)
    call.result()


def _log_end(call: AuthorCall[None]) -> None:
    if isinstance(call.error, ConfigurationError):
        # The operator's mistake, not the author's: a traceback would not help.
        _LOG.warning("the config is refused: %s", call.error)
    else:
        log_end(call)
