"""A published agent as a `MirastackPlugin`."""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from mirastack_sdk import plugin
from mirastack_sdk._core.model.plugin_base import HasLifespan, ServeContext, own_methods
from mirastack_sdk.compat._engine_context import EngineContext, executing
from mirastack_sdk.compat._published_types import PluginInfo, PluginSchema
from mirastack_sdk.compat._translation import (
    documented_info,
    documented_response,
    documented_schema,
    published_license,
    published_request,
    require,
)
from mirastack_sdk.compat.plugin import Plugin
from mirastack_sdk.engine import EngineClient
from mirastack_sdk.errors import InvalidPluginError


class PluginAdapter(HasLifespan, plugin.MirastackPlugin):
    """An agent written for the published SDK, as `serve_async()` and the testing helpers take it.

    In unit tests, `engine_client` is the engine behind the agent's `_engine_context`, also outside
    of executions: `PluginAdapter(MyPlugin(), engine_client=MockEngineClient())`.
    """

    def __init__(self, published: Plugin, *, engine_client: EngineClient | None = None) -> None:
        self.__wrapped__ = published
        self._engine: EngineClient | None = None
        # Published agents replace their backend's client in both methods: one that runs beside the
        # other would lose its connection.
        self._replacing = asyncio.Lock()
        if engine_client is not None:
            self._connect(engine_client, "")

    def info(self) -> plugin.PluginInfo:
        declared = self._published_info
        actions = declared.actions or self._published_schema.actions
        return documented_info(declared, actions)

    def schema(self) -> plugin.PluginSchema:
        return documented_schema(self._published_info, self._published_schema)

    async def execute(self, req: plugin.ExecuteRequest) -> plugin.ExecuteResponse:
        self._take_license()
        with executing(req):
            response = await self.__wrapped__.execute(published_request(req))
        return documented_response(response)

    async def health_check(self) -> None:
        self._take_license()
        async with self._replacing:
            await self.__wrapped__.health_check()

    async def config_updated(self, config: dict[str, str]) -> None:
        self._take_license()
        async with self._replacing:
            await self.__wrapped__.config_updated(config)

    def serving(self, context: ServeContext) -> AbstractAsyncContextManager[None]:
        """Give the agent its engine before it serves; see `HasLifespan`."""
        return self._serving(context)

    @property
    def reads_config(self) -> bool:
        """Whether the engine is asked for the stored config: if the agent uses any."""
        own = type(self.__wrapped__).config_updated is not Plugin.config_updated
        return own or bool(self._published_info.config_params)

    @property
    def health_checks(self) -> Sequence[Callable[..., object]]:
        """The published agent's own check; see `HasLifespan`."""
        return own_methods(type(self.__wrapped__), "health_check")

    @asynccontextmanager
    async def _serving(self, context: ServeContext) -> AsyncIterator[None]:
        if context.engine is not None:
            hook = self._connect(context.engine, context.tenant_id)
            if inspect.isawaitable(hook):
                await hook
        yield

    def _connect(self, client: EngineClient, tenant_id: str) -> object:
        """Hand the engine to the agent; returns what its own hook, if it has one, returns."""
        self._engine = client
        context = EngineContext.over(client, tenant_id)
        self.__wrapped__._engine_context = context  # noqa: SLF001 - where published agents look
        hook: object = getattr(self.__wrapped__, "set_engine_context", None)
        return hook(context) if callable(hook) else None

    def _take_license(self) -> None:
        known = None if self._engine is None else self._engine.license
        if known is not None:
            license_ = published_license(known)
            self.__wrapped__._engine_license_context = license_  # noqa: SLF001 - likewise

    @functools.cached_property
    def _published_info(self) -> PluginInfo:
        given: object = self.__wrapped__
        if not isinstance(given, Plugin):
            raise InvalidPluginError([_not_a_plugin(given)])
        return require(self.__wrapped__.info(), PluginInfo, "info()")

    @functools.cached_property
    def _published_schema(self) -> PluginSchema:
        return require(self.__wrapped__.schema(), PluginSchema, "schema()")


def _not_a_plugin(given: object) -> str:
    expected = "serve() needs an instance of a mirastack_sdk.compat.Plugin"
    if isinstance(given, type):
        return f"{expected}, got a class: {given.__name__}()"
    return f"{expected}, got {type(given).__name__}"
