"""The engine client of one execution, which calls the engine over gRPC."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

from mirastack_sdk._core.contract import engine_messages
from mirastack_sdk._core.contract.progress_messages import progress_request
from mirastack_sdk._core.model.context import Context, Progress, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import (
    KPI,
    Approval,
    BlastRadius,
    EngineClient,
    License,
    PluginResult,
)
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen import services
from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, fetch_config
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._wire.codec.methods import Method

_CALL_SECONDS = 30.0
# Where the engine keeps the time limit, ours is a little longer, so that its response arrives.
_RESPONSE_SECONDS = 5.0


# The next report, or the result, makes a late one useless.
_PROGRESS_SECONDS = 5.0


class RpcEngineClient(EngineClient):
    """Calls the engine on behalf of one execution, with the agent's tenant.

    `hide_in_json` removes secrets from the JSON of partial results.
    """

    def __init__(
        self,
        link: EngineLink,
        config: ConfigCache,
        clock: Clock,
        *,
        ctx: Context,
        scope: ExecutionScope,
        time_range: TimeRange | None = None,
        hide_in_json: Callable[[str], str] = str,
    ) -> None:
        self._link = link
        self._config = config
        self._clock = clock
        self._ctx = ctx
        self._scope = scope
        self._time_range = time_range
        self._hide_in_json = hide_in_json
        self._loop = asyncio.get_running_loop()

    @property
    def license(self) -> License | None:
        return self._link.license

    async def cache_get(self, ctx: Context | None, key: str) -> str | None:
        request = wire.CacheGetRequest(key=key, tenant_id=self._link.tenant_id)
        response = await self._call(ctx, services.CACHE_GET, request)
        return engine_messages.cached_text(key, response.value) if response.found else None

    async def cache_get_batch(
        self, ctx: Context | None, keys: Sequence[str]
    ) -> dict[str, str | None]:
        request = wire.CacheGetBatchRequest(keys=list(keys), tenant_id=self._link.tenant_id)
        response = await self._call(ctx, services.CACHE_GET_BATCH, request)
        return engine_messages.cached_texts(keys, response)

    async def cache_set(self, ctx: Context | None, key: str, value: str, ttl: int = 0) -> None:
        request = engine_messages.cache_set_request(key, value, ttl, self._link.tenant_id)
        response = await self._call(ctx, services.CACHE_SET, request)
        engine_messages.require_done("CacheSet", done=response.success)

    async def log_event(self, ctx: Context | None, event: Mapping[str, str]) -> None:
        link = self._link
        request = engine_messages.log_event_request(link.plugin_name, event, link.tenant_id)
        response = await self._call(ctx, services.LOG_EVENT, request)
        engine_messages.require_done("LogEvent", done=response.acknowledged)

    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        request = engine_messages.publish_result_request(
            ctx or self._ctx, partial_json, self._link.tenant_id, self._hide_in_json
        )
        response = await self._call(ctx, services.PUBLISH_RESULT, request)
        engine_messages.require_done("PublishResult", done=response.acknowledged)

    async def get_config(self, ctx: Context | None) -> dict[str, str]:
        config = self._shared_config(self._time_left(ctx, _CALL_SECONDS))
        return await self._on_loop(self._scope.within("GetConfig", config))

    async def request_approval(
        self,
        ctx: Context | None,
        description: str,
        *,
        permission: Permission = Permission.MODIFY,
        context: Mapping[str, object] | None = None,
        blast_radius: BlastRadius | None = None,
        timeout: float = 300.0,
    ) -> Approval:
        request = engine_messages.approval_request(
            ctx or self._ctx,
            description,
            permission=permission,
            context=context,
            blast_radius=blast_radius,
            timeout=timeout,
            tenant_id=self._link.tenant_id,
        )
        response = await self._call(
            ctx, services.REQUEST_APPROVAL, request, timeout=timeout + _RESPONSE_SECONDS
        )
        return engine_messages.approval(response)

    async def call_plugin(
        self,
        ctx: Context | None,
        plugin: str,
        action: str,
        params: Mapping[str, str] | None = None,
        *,
        time_range: TimeRange | None = None,
        timeout: float = 30.0,
    ) -> PluginResult:
        request = engine_messages.call_plugin_request(
            self._link.plugin_name,
            plugin,
            action,
            params or {},
            time_range=time_range or self._time_range,
            timeout=timeout,
            tenant_id=self._link.tenant_id,
        )
        response = await self._call(
            ctx, services.CALL_PLUGIN, request, timeout=timeout + _RESPONSE_SECONDS
        )
        return engine_messages.plugin_result(plugin, action, response)

    async def list_kpis(self, ctx: Context | None, *, kind: str = "", layer: str = "") -> list[KPI]:
        request = wire.ListKPIsRequest(tenant_id=self._link.tenant_id, kind=kind, layer=layer)
        response = await self._call(ctx, services.LIST_KPIS, request)
        return [engine_messages.kpi(kpi) for kpi in response.kpis]

    async def get_kpi(self, ctx: Context | None, kpi_id: str) -> KPI | None:
        request = wire.GetKPIRequest(tenant_id=self._link.tenant_id, kpi_id=kpi_id)
        response = await self._call(ctx, services.GET_KPI, request)
        return None if response.kpi is None else engine_messages.kpi(response.kpi)

    async def _shared_config(self, timeout: float) -> dict[str, str]:
        try:
            async with asyncio.timeout(timeout):
                stored = await self._config.get(lambda: fetch_config(self._link, _CALL_SECONDS))
                return dict(stored.values)
        except TimeoutError as error:
            from mirastack_sdk._wire.client.engine_errors import engine_error  # noqa: PLC0415 - whoever waited has an engine, so it is loaded

            raise engine_error(error, method="GetConfig") from error

    def _call[Request, Response](
        self,
        ctx: Context | None,
        method: Method[Request, Response],
        request: Request,
        *,
        timeout: float = _CALL_SECONDS,
    ) -> Awaitable[Response]:
        """Make a call that ends with the execution."""
        if (self._ctx if ctx is None else ctx).deadline is not None:
            timeout = self._time_left(ctx, timeout)
        call = self._link.call(method, request, timeout, self._scope)
        return call if asyncio.get_running_loop() is self._loop else self._on_loop(call)

    def _time_left(self, ctx: Context | None, timeout: float) -> float:
        deadline = (ctx or self._ctx).deadline
        return timeout if deadline is None else min(timeout, deadline - self._clock.monotonic())

    def _on_loop[Response](self, call: Coroutine[None, None, Response]) -> Awaitable[Response]:
        """Return a call that runs on the loop that the connection lives on."""
        if asyncio.get_running_loop() is self._loop:
            return call
        # A plain `def execute` may run a loop of its own, in its thread, to call the engine.
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, self._loop))


async def publish_progress(
    link: EngineLink,
    clock: Clock,
    clean: Callable[[str], str],
    ctx: Context,
    progress: Progress,
) -> None:
    """Publish the progress of an execution, without waiting long; raises `EngineError`."""
    request = progress_request(ctx, progress, link.tenant_id, clean)
    left = math.inf if ctx.deadline is None else ctx.deadline - clock.monotonic()
    response = await link.call(services.PUBLISH_RESULT, request, min(left, _PROGRESS_SECONDS))
    engine_messages.require_done("PublishResult", done=response.acknowledged)


def agent_client(link: EngineLink, config: ConfigCache, clock: Clock) -> EngineClient | None:
    """The client for calls outside of executions, or `None` if the agent has no engine."""
    if link.address is None:
        return None
    ctx = Context(tenant_id=link.tenant_id)
    return RpcEngineClient(link, config, clock, ctx=ctx, scope=ExecutionScope())
