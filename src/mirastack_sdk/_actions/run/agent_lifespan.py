"""What an agent keeps while it lives: its configuration, its lifespans, its resources."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from mirastack_sdk._actions.catalog import Catalog
from mirastack_sdk._actions.config.config_fields import ConfigPlan
from mirastack_sdk._actions.config.config_loading import LoadedConfig
from mirastack_sdk._actions.config.current_config import CurrentConfig, MissingConfig
from mirastack_sdk._actions.run.hooks import Lifespan
from mirastack_sdk._actions.run.injection import CallScope, Generation, Resources
from mirastack_sdk._core.model.plugin_base import ServeContext
from mirastack_sdk._core.redaction.clean import describe_exception
from mirastack_sdk._log import Log
from mirastack_sdk.errors import ConfigurationError, StartError

__all__ = ["AgentLifespan"]

_LOG = Log("agent")


class AgentLifespan:
    """Opens, swaps and closes what an agent has besides its calls.

    `plan` is what its configuration looks like, if it has one; `catalog` is asked for its hooks.
    """

    def __init__(self, plan: ConfigPlan | None, catalog: Callable[[], Catalog]) -> None:
        self._plan = plan
        self._catalog = catalog
        self._configuration = None if plan is None else CurrentConfig(plan)
        self.resources = Resources(self._values())

    @asynccontextmanager
    async def serving(self, context: ServeContext) -> AsyncIterator[None]:
        """Have what the context say, and keep everything open until this is left.

        Raises `ConfigurationError` for settings that cannot be used, `StartError` for a lifespan
        that does not begin.
        """
        if self._configuration is not None:
            self._configuration.begin(context)
        async with self._open():
            yield

    @asynccontextmanager
    async def running(self, config: object = None) -> AsyncIterator[None]:
        """Keep everything open until this is left, with `config` or what its class says.

        Raises `StartError` for a lifespan that does not begin, `TypeError` for a configuration that
        is none of this agent's.
        """
        if config is not None:
            if self._configuration is None:
                raise TypeError("the agent has no configuration: name its class, config=...")
            self._configuration.replace(config)
        async with self._open():
            yield

    async def apply_config(
        self, texts: Mapping[str, str], own: Callable[[], Awaitable[object]]
    ) -> None:
        """Have the configuration that an engine has pushed, from the next call on.

        First the lifespans that follow it begin anew, the author's hooks are asked, and `own` is
        called: what any of them raises refuses it, and everything stays as it was. So does
        `ConfigurationError`, with everything that does not fit.
        """
        configuration = self._configuration
        loaded = None if configuration is None else await self._changed(configuration, texts)
        if configuration is None or loaded is None:
            await own()
            return
        generation = self.resources.prepared({configuration.kind: loaded.config})
        try:
            with generation.used():
                await self._try_out(generation)
                await own()
        except BaseException:
            await self.resources.discard(generation)
            raise
        configuration.take(loaded)
        await self.resources.renew(generation)

    async def _changed(
        self, configuration: CurrentConfig, texts: Mapping[str, str]
    ) -> LoadedConfig | None:
        """What a push changes, if anything; the next calls are told what is missing now."""
        try:
            return configuration.changed(texts)
        except ConfigurationError:
            if isinstance(configuration.current, MissingConfig):
                await self.resources.renew(self.resources.prepared(configuration.values))
            raise

    async def check_health(self) -> None:
        """Call the health check; what it raises is raised."""
        hook = self._catalog().health
        if hook is not None:
            async with self.resources.used() as generation:
                await hook.run(generation)

    @property
    def has_configuration(self) -> bool:
        """Whether the agent has a class of settings."""
        return self._plan is not None

    def require_configuration(self) -> None:
        """Raise `ConfigurationError` as long as something is still to be set."""
        if self._configuration is not None:
            self._configuration.require()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        self.resources.values = dict(self._values())
        try:
            async with self.resources.running():
                async with self.resources.used() as generation:
                    await _begin(self._catalog().lifespans, generation)
                yield
        finally:
            if self._plan is not None:
                self._configuration = CurrentConfig(self._plan)
            self.resources.values = dict(self._values())

    async def _try_out(self, generation: Generation) -> None:
        if self.resources.are_open:
            lifespans = self._catalog().lifespans
            await _begin([span for span in lifespans if span.dependency.follows_values], generation)
        for hook in self._catalog().on_config:
            await hook.run(generation)

    def _values(self) -> Mapping[type, object]:
        return {} if self._configuration is None else self._configuration.values


async def _begin(lifespans: Iterable[Lifespan], generation: Generation) -> None:
    """Begin each, unless it needs a configuration and there is none yet."""
    unset = any(isinstance(value, MissingConfig) for value in generation.values.values())
    async with AsyncExitStack() as stack:
        scope = CallScope(None, generation, stack)
        for span in lifespans:
            if unset and span.dependency.follows_values:
                continue
            try:
                await scope.fill({"span": span.dependency})
            except Exception as error:
                _LOG.exception("%s has not begun", span.dependency.name)
                raise StartError(
                    f"{span.dependency.name} has not begun: {describe_exception(error)}"
                ) from error
