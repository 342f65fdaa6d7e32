"""The lifespan of an agent: its config, the author's lifespans, and its resources."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from mirastack_sdk._actions.catalog import Catalog
from mirastack_sdk._actions.config.config_fields import ConfigPlan
from mirastack_sdk._actions.config.config_loading import LoadedConfig
from mirastack_sdk._actions.config.current_config import CurrentConfig, MissingConfig
from mirastack_sdk._actions.run.hooks import Lifespan
from mirastack_sdk._actions.run.injection import CallScope, Generation, Resources
from mirastack_sdk._actions.workers.worker_pool import Workers
from mirastack_sdk._core.model.plugin_base import ServeContext
from mirastack_sdk._core.redaction.clean import describe_exception
from mirastack_sdk._log import Log
from mirastack_sdk.errors import ConfigurationError, StartError

_LOG = Log("agent")


class AgentLifespan:
    """Opens, replaces and closes what an agent keeps between its calls.

    `plan` describes the config class, if there is one; `catalog` returns the author's functions.
    """

    def __init__(self, plan: ConfigPlan | None, catalog: Callable[[], Catalog]) -> None:
        self._plan = plan
        self._catalog = catalog
        self._config = None if plan is None else CurrentConfig(plan)
        self.resources = Resources(self._values())
        self.workers = Workers()

    @asynccontextmanager
    async def serving(self, context: ServeContext) -> AsyncIterator[None]:
        """Load the config from `context`, and keep everything open while this is entered.

        Raises `ConfigurationError` for values that cannot be used, `StartError` for a lifespan that
        does not start.
        """
        if self._config is not None:
            self._config.begin(context)
            if self._config.has_files:
                context.watch_config(self._is_outdated, self._reload)
            if context.engine is None and isinstance(self._config.current, MissingConfig):
                # Nobody else will send the values, and so nobody would mention them.
                _LOG.warning("%s", self._config.current)
        async with self._open(context.worker_processes):
            yield

    @asynccontextmanager
    async def running(self, config: object = None) -> AsyncIterator[None]:
        """Keep everything open while this is entered, with `config` or its class's defaults.

        Raises `StartError` for a lifespan that does not start, `TypeError` for a config of another
        class.
        """
        if config is not None:
            if self._config is None:
                raise TypeError("the agent has no config class: name it, config=...")
            self._config.replace(config)
        async with self._open():
            yield

    async def apply_config(
        self, texts: Mapping[str, str], own: Callable[[], Awaitable[object]]
    ) -> None:
        """Use the config that an engine has pushed, from the next call on.

        First the lifespans that depend on it start anew, and the author's hooks and `own` are
        called. If one of them raises, the config is refused and everything stays as it was. Raises
        `ConfigurationError` with all invalid values.
        """
        current = self._config
        loaded = None if current is None else await self._changed(current, texts)
        if current is None or loaded is None:
            await own()
        else:
            await self._swap(current, loaded, own)

    def _is_outdated(self) -> bool:
        return self._config is not None and self._config.is_outdated

    async def _reload(self) -> None:
        """Use the config with the values that are now in its files, as `apply_config` does."""
        current = self._config
        loaded = None if current is None else current.reloaded()
        if current is not None and loaded is not None:
            await self._swap(current, loaded, _nothing)

    async def _swap(
        self, current: CurrentConfig, loaded: LoadedConfig, own: Callable[[], Awaitable[object]]
    ) -> None:
        generation = self.resources.prepared({current.kind: loaded.config})
        try:
            with generation.used():
                await self._try_out(generation)
                await own()
        except BaseException:
            await self.resources.discard(generation)
            raise
        current.take(loaded)
        await self.resources.renew(generation)

    async def _changed(
        self, current: CurrentConfig, texts: Mapping[str, str]
    ) -> LoadedConfig | None:
        """The config of a push, if it changes anything; its errors reach the next calls as well."""
        try:
            return current.changed(texts)
        except ConfigurationError:
            if isinstance(current.current, MissingConfig):
                await self.resources.renew(self.resources.prepared(current.values))
            raise

    async def check_health(self) -> None:
        """Call the health check; raises what it raises, or names resources that have ended."""
        if problem := self.health_problem:
            raise RuntimeError(problem)
        hook = self._catalog().health
        if hook is not None:
            async with self.resources.used() as generation:
                await hook.run(generation)

    @property
    def health_problem(self) -> str:
        """Names the resources that have ended and are not open again; empty if there are none."""
        ended = self.resources.ended
        return f"ended unexpectedly, and not open again yet: {', '.join(ended)}" if ended else ""

    @property
    def has_config(self) -> bool:
        """Whether the agent has a config class."""
        return self._plan is not None

    def require_config(self) -> None:
        """Raise `ConfigurationError` while required values are missing."""
        if self._config is not None:
            self._config.require()

    @asynccontextmanager
    async def _open(self, worker_processes: int | None = None) -> AsyncIterator[None]:
        self.resources.values = dict(self._values())
        try:
            async with self.resources.running(), self.workers.running(worker_processes):
                async with self.resources.used() as generation:
                    await _start(self._catalog().lifespans, generation)
                yield
        finally:
            if self._plan is not None:
                self._config = CurrentConfig(self._plan)
            self.resources.values = dict(self._values())

    async def _try_out(self, generation: Generation) -> None:
        if self.resources.shared is not None:
            lifespans = self._catalog().lifespans
            await _start([span for span in lifespans if span.dependency.follows_values], generation)
        for hook in self._catalog().on_config:
            await hook.run(generation)

    def _values(self) -> Mapping[type, object]:
        return {} if self._config is None else self._config.values


async def _nothing() -> None:
    """What an author without `config_updated` does about a config."""


async def _start(lifespans: Iterable[Lifespan], generation: Generation) -> None:
    """Start each lifespan; one that needs the config waits until there is one."""
    unset = any(isinstance(value, MissingConfig) for value in generation.values.values())
    async with AsyncExitStack() as stack:
        scope = CallScope(None, generation, stack)
        for span in lifespans:
            if unset and span.dependency.follows_values:
                continue
            try:
                await scope.fill({"span": span.dependency})
            except Exception as error:
                _LOG.exception("%s has not started", span.dependency.name)
                raise StartError(
                    f"{span.dependency.name} has not started: {describe_exception(error)}"
                ) from error
