"""The config that the engine stores for an agent: its cache, and its way to the author."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from mirastack_sdk._core.model.plugin_base import ignore
from mirastack_sdk._core.policy.registration import Backoff
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import GET_CONFIG
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.calls.author_call import AuthorError, OverdueError
from mirastack_sdk._runtime.calls.config_updates import UPDATE_SECONDS, ConfigUpdates
from mirastack_sdk._runtime.clock import Clock, sleep_until
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._text import one_line
from mirastack_sdk.errors import EngineError

_LOG = Log("agent")

_CALL_SECONDS = 10.0
# An engine may start an execution before it has sent the config: this is how long one waits.
_FIRST_SECONDS = 10.0

type Describe = Callable[[AuthorError | OverdueError], str]
type Notice = Callable[[Mapping[str, str]], None]


class ConfigCache:
    """Caches the config for `ttl` seconds; 0 fetches it every time.

    Callers that come at the same time share one fetch. `close()` cancels it. `notice` is called
    with each config that the engine sends.
    """

    def __init__(self, ttl: float, clock: Clock, *, notice: Notice = ignore) -> None:
        self._notice = notice
        self._ttl = ttl
        self._clock = clock
        self._config: dict[str, str] = {}
        self._fresh_until: float | None = None
        self._fetch_task: asyncio.Task[dict[str, str]] | None = None
        self._fetches: set[asyncio.Task[dict[str, str]]] = set()

    async def get(self, fetch: Callable[[], Awaitable[dict[str, str]]]) -> dict[str, str]:
        """Return a copy of the config, from `fetch` if the cached one is too old.

        The fetch goes on when a caller gives up: others may be waiting for it.
        """
        if self._fresh_until is not None and self._clock.monotonic() < self._fresh_until:
            return dict(self._config)
        task = self._fetch_task
        if task is None:
            task = self._fetch_task = asyncio.create_task(self._load(fetch))
            self._fetches.add(task)
            task.add_done_callback(self._forget_fetch)
        await asyncio.wait((task,))
        return dict(task.result())

    def pushed(self, config: Mapping[str, str]) -> None:
        """Fetch the next time: the engine has pushed a new config, `config`."""
        self._notice(config)
        self.expire()

    def expire(self) -> None:
        """Fetch the next time: the engine may have a new config."""
        self._fresh_until = None
        # A fetch under way may return the old config.
        self._fetch_task = None

    def close(self) -> None:
        """Cancel the fetches that are under way."""
        for task in self._fetches:
            task.cancel()

    async def _load(self, fetch: Callable[[], Awaitable[dict[str, str]]]) -> dict[str, str]:
        this = asyncio.current_task()
        try:
            config = dict(await fetch())
            self._notice(config)
            if self._fetch_task is this:
                self._config = config
                self._fresh_until = self._clock.monotonic() + self._ttl
            return config
        finally:
            if self._fetch_task is this:
                self._fetch_task = None

    def _forget_fetch(self, task: asyncio.Task[dict[str, str]]) -> None:
        self._fetches.discard(task)
        if not task.cancelled():
            # Every caller may have given up meanwhile; asyncio must not report the failure then.
            task.exception()


async def fetch_config(link: EngineLink, timeout: float = _CALL_SECONDS) -> dict[str, str]:
    """Return the agent's config from the engine, within `timeout` seconds; raises `EngineError`."""
    request = wire.GetConfigRequest(plugin_name=link.plugin_name, tenant_id=link.tenant_id)
    response = await link.call(GET_CONFIG, request, timeout)
    return response.config


class EngineConfig:
    """Fetches the agent's config, and hands it to the author as if it had been pushed.

    A fetched config never replaces one that was pushed meanwhile: engines push every change, so the
    pushed one is at least as new. `fetch` raises `EngineError`. `refusal` says why the author's
    code refused the last config, in a text that `describe` makes fit to be shown; it is empty if
    the config was accepted.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[dict[str, str]]],
        cache: ConfigCache,
        updates: ConfigUpdates,
        clock: Clock,
        *,
        describe: Describe,
        uniform: Callable[[float, float], float],
        first_seconds: float = _FIRST_SECONDS,
    ) -> None:
        self.refusal = ""
        self._fetch = fetch
        self._cache = cache
        self._updates = updates
        self._clock = clock
        self._describe = describe
        self._uniform = uniform
        self._first_seconds = first_seconds
        self._registered = asyncio.Event()
        self._settled = asyncio.Event()
        self._pushes = 0

    def on_registered(self) -> None:
        """Fetch soon: the engine has registered the agent."""
        self._registered.set()

    def on_push(self) -> None:
        """Ignore what an earlier fetch returns."""
        self._pushes += 1

    def on_applied(self) -> None:
        """Note that a pushed config is in use."""
        self.refusal = ""
        self._settled.set()

    def on_refused(self) -> None:
        """Fetch again if no config is in use yet: the fetch that the push replaced was dropped."""
        if not self._settled.is_set():
            self._registered.set()

    async def wait(self, seconds: float) -> None:
        """Wait, at most `seconds`, for the first config; or until it cannot be had."""
        if self._settled.is_set():
            return
        try:
            async with asyncio.timeout(min(seconds, self._first_seconds)):
                await self._settled.wait()
        except TimeoutError:
            _LOG.warning("an execution starts before the engine has sent the config")
            if seconds >= self._first_seconds:
                # Once is enough: the next ones start at once.
                self._settled.set()

    async def run(self) -> None:
        """Fetch after each registration, until cancelled."""
        try:
            while True:
                await self._registered.wait()
                self._registered.clear()
                await self._load()
        except Exception:  # noqa: BLE001 - a task's root
            _LOG.critical("the config is no longer fetched", exc_info=True)
        finally:
            self._settled.set()

    async def _load(self) -> None:
        backoff, pushes = Backoff(self._uniform), self._pushes
        while pushes == self._pushes and not self._registered.is_set():
            self._cache.expire()
            try:
                config = await self._cache.get(self._fetch)
            except EngineError as error:
                delay = backoff.next_delay()
                _LOG.warning(
                    "the engine has not sent the config, next try in %.1f s: %s",
                    delay,
                    one_line(str(error)),
                    extra={"reason": error.reason},
                )
                self._settled.set()
                await sleep_until(self._clock, delay, self._registered)
                continue
            if pushes == self._pushes:
                await self._apply(config)
            return

    async def _apply(self, config: dict[str, str]) -> None:
        try:
            await self._updates.apply(config, UPDATE_SECONDS)
        except (AuthorError, OverdueError) as error:
            self.refusal = self._describe(error)
            _LOG.error("the engine's config is refused: %s", self.refusal)
        else:
            self.refusal = ""
        self._settled.set()
