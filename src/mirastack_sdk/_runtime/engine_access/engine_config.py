"""The config that the engine stores for an agent: its cache, and its way to the author."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from mirastack_sdk._core.model.plugin_base import ignore
from mirastack_sdk._core.policy.registration import Backoff
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import GET_CONFIG
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.calls.author_call import AuthorError, OverdueError
from mirastack_sdk._runtime.calls.config_updates import (
    UPDATE_SECONDS,
    ConfigUpdates,
    StoredConfig,
)
from mirastack_sdk._runtime.clock import Clock, sleep_until
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._text import one_line
from mirastack_sdk.errors import EngineError

_LOG = Log("agent")

_CALL_SECONDS = 10.0
# An engine may start an execution before it has sent the config: this is how long one waits.
_FIRST_SECONDS = 10.0
# An operator changes a few values in a row; pushes without an end must not keep a caller.
_MOST_FETCHES = 5

type Describe = Callable[[AuthorError | OverdueError], str]
type Fetch = Callable[[], Awaitable[StoredConfig]]
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
        self._config = StoredConfig({}, 0)
        self._fresh_until: float | None = None
        self._fetch_task: asyncio.Task[StoredConfig] | None = None
        self._fetches: set[asyncio.Task[StoredConfig]] = set()
        self._pushes = 0

    async def get(self, fetch: Fetch) -> StoredConfig:
        """Return the config, from `fetch` if the cached one is too old.

        The fetch goes on when a caller gives up: others may be waiting for it. If the engine pushes
        a config meanwhile, the response may be older than that, and another one is fetched, five in
        all at most.
        """
        for _ in range(_MOST_FETCHES - 1):
            pushes = self._pushes
            config = await self.get_once(fetch)
            if pushes == self._pushes:
                return config
        return await self.get_once(fetch)

    async def get_once(self, fetch: Fetch) -> StoredConfig:
        """Like `get`, for a caller that notices pushes itself."""
        if self._fresh_until is not None and self._clock.monotonic() < self._fresh_until:
            return self._config
        task = self._fetch_task
        if task is None:
            task = self._fetch_task = asyncio.create_task(self._load(fetch))
            self._fetches.add(task)
            task.add_done_callback(self._forget_fetch)
        await asyncio.wait((task,))
        return task.result()

    def pushed(self, config: Mapping[str, str]) -> None:
        """Fetch the next time: the engine has pushed a new config, `config`."""
        self._notice(config)
        self._pushes += 1
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

    async def _load(self, fetch: Fetch) -> StoredConfig:
        this = asyncio.current_task()
        try:
            config = await fetch()
            self._notice(config.values)
            if self._fetch_task is this:
                self._config = config
                self._fresh_until = self._clock.monotonic() + self._ttl
            return config
        finally:
            if self._fetch_task is this:
                self._fetch_task = None

    def _forget_fetch(self, task: asyncio.Task[StoredConfig]) -> None:
        self._fetches.discard(task)
        if not task.cancelled():
            # Every caller may have given up meanwhile; asyncio must not report the failure then.
            task.exception()


async def fetch_config(link: EngineLink, timeout: float = _CALL_SECONDS) -> StoredConfig:
    """Return the agent's config from the engine, within `timeout` seconds; raises `EngineError`."""
    request = wire.GetConfigRequest(plugin_name=link.plugin_name, tenant_id=link.tenant_id)
    response = await link.call(GET_CONFIG, request, timeout)
    return StoredConfig(response.config, response.version)


class EngineConfig:
    """Hands the config that the engine stores to the author, pushed or not.

    Engines push a change to one replica of an agent only, so each of them also fetches, after
    registrations and with the heartbeats. A fetched config that differs from the current one is
    applied if its version is newer; after a registration, whatever its version, because engines
    may count from the start again. It never replaces a config that was pushed since the fetch
    started. What was not applied, for whatever reason, is fetched again at the next heartbeat.

    `fetch` raises `EngineError`. `refusal` says why the author's code refused the last config, in a
    text that `describe` makes fit to be shown; it is empty if the config was accepted. `updates`
    applies the configs.
    """

    def __init__(
        self,
        fetch: Fetch,
        cache: ConfigCache,
        updates: ConfigUpdates,
        clock: Clock,
        *,
        describe: Describe,
        uniform: Callable[[float, float], float],
        first_seconds: float = _FIRST_SECONDS,
    ) -> None:
        self.refusal: str = ""
        self._fetch = fetch
        self._cache = cache
        self.updates = updates
        self._clock = clock
        self._describe = describe
        self._uniform = uniform
        self._first_seconds = first_seconds
        self._is_due = asyncio.Event()
        self._settled = asyncio.Event()
        self._ignores_version = False
        self._pushes = 0

    @property
    def current(self) -> StoredConfig | None:
        """The last config, if the author's code has accepted it."""
        return self.updates.current

    def on_registered(self) -> None:
        """Fetch soon: the engine has registered the agent."""
        self._ignores_version = True
        self._is_due.set()

    def on_heartbeat(self) -> None:
        """Fetch soon: the engine has answered a heartbeat."""
        self._is_due.set()

    async def push(self, config: StoredConfig, time_left: float) -> None:
        """Apply a config that the engine has pushed, in at most `time_left` seconds.

        A fetch that has started before is ignored. After a cancellation, or an error while there is
        no config yet, the config is fetched soon. Raises as `ConfigUpdates.apply`.
        """
        self._pushes += 1
        self._cache.pushed(config.values)
        try:
            await self.updates.apply(config, time_left)
        except (AuthorError, OverdueError):
            if not self._settled.is_set():
                # The fetch that the push replaced was dropped.
                self._is_due.set()
            raise
        except BaseException:
            self._is_due.set()
            raise
        self.refusal = ""
        self._settled.set()

    @property
    def is_settled(self) -> bool:
        """Whether the first config has come, or cannot be had."""
        return self._settled.is_set()

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
        """Fetch after each registration and heartbeat, until cancelled."""
        try:
            while True:
                await self._is_due.wait()
                try:
                    await self._load()
                except Exception:  # noqa: BLE001 - a task's root
                    _LOG.critical("the config could not be fetched", exc_info=True)
                    self._settled.set()
        finally:
            self._settled.set()

    async def _load(self) -> None:
        backoff = Backoff(self._uniform)
        while True:
            self._is_due.clear()
            pushes = self._pushes
            self._cache.expire()
            try:
                config = await self._cache.get_once(self._fetch)
            except EngineError as error:
                self._settled.set()
                await self._pause(backoff.next_delay(), error)
                continue
            if pushes == self._pushes:
                await self._apply(config)
            return

    async def _pause(self, delay: float, error: EngineError) -> None:
        _LOG.warning(
            "the engine has not sent the config, next try in %.1f s: %s",
            delay,
            one_line(str(error)),
            extra={"reason": error.reason},
        )
        await sleep_until(self._clock, delay, self._is_due)

    async def _apply(self, config: StoredConfig) -> None:
        try:
            if config.values:
                await self.updates.apply(
                    config, UPDATE_SECONDS, is_wanted=lambda current: self._is_news(config, current)
                )
        except (AuthorError, OverdueError) as error:
            refusal = self._describe(error)
            if refusal != self.refusal:
                _LOG.error("the engine's config is refused: %s", refusal)
            self.refusal = refusal
        else:
            self.refusal = ""
            self._ignores_version = False
        self._settled.set()

    def _is_news(self, config: StoredConfig, current: StoredConfig | None) -> bool:
        if current is None:
            return True
        # An engine that does not count versions sends 0.
        may_be_newer = (
            self._ignores_version or not config.version or config.version > current.version
        )
        return may_be_newer and config.values != current.values
