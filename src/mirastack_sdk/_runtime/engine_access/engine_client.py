"""The engine client of one execution, over gRPC."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from mirastack_sdk._core.contract import engine_messages, to_wire
from mirastack_sdk._core.model.context import Context, TimeRange
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
from mirastack_sdk._gen.services import EngineServiceStub
from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, fetch_config
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._wire.client.engine_errors import engine_error

_CALL_SECONDS = 30.0
# Where the engine itself keeps a time limit, ours is a little longer, to hear its answer.
_ANSWER_SECONDS = 5.0


class RpcEngineClient(EngineClient):
    """Calls the engine on behalf of one execution, with the agent's tenant."""

    def __init__(
        self,
        link: EngineLink,
        config: ConfigCache,
        clock: Clock,
        *,
        ctx: Context,
        scope: ExecutionScope,
        time_range: TimeRange | None = None,
    ) -> None:
        self._link = link
        self._config = config
        self._clock = clock
        self._ctx = ctx
        self._scope = scope
        self._time_range = time_range
        self._loop = asyncio.get_running_loop()

    @property
    def license(self) -> License | None:
        return self._link.license

    async def cache_get(self, ctx: Context | None, key: str) -> str | None:
        request = wire.CacheGetRequest(key=key, tenant_id=self._link.tenant_id)
        reply = await self._call(ctx, "CacheGet", lambda stub: stub.cache_get(request))
        return engine_messages.cached_text(key, reply.value) if reply.found else None

    async def cache_get_batch(
        self, ctx: Context | None, keys: Sequence[str]
    ) -> dict[str, str | None]:
        request = wire.CacheGetBatchRequest(keys=list(keys), tenant_id=self._link.tenant_id)
        reply = await self._call(ctx, "CacheGetBatch", lambda stub: stub.cache_get_batch(request))
        return engine_messages.cached_texts(keys, reply)

    async def cache_set(self, ctx: Context | None, key: str, value: str, ttl: int = 0) -> None:
        request = engine_messages.cache_set_request(key, value, ttl, self._link.tenant_id)
        reply = await self._call(ctx, "CacheSet", lambda stub: stub.cache_set(request))
        engine_messages.require_done("CacheSet", done=reply.success)

    async def log_event(self, ctx: Context | None, event: Mapping[str, str]) -> None:
        link = self._link
        request = engine_messages.log_event_request(link.plugin_name, event, link.tenant_id)
        reply = await self._call(ctx, "LogEvent", lambda stub: stub.log_event(request))
        engine_messages.require_done("LogEvent", done=reply.acknowledged)

    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        request = engine_messages.publish_result_request(
            ctx or self._ctx, partial_json, self._link.tenant_id
        )
        reply = await self._call(ctx, "PublishResult", lambda stub: stub.publish_result(request))
        engine_messages.require_done("PublishResult", done=reply.acknowledged)

    async def get_config(self, ctx: Context | None) -> dict[str, str]:
        return await self._bounded(ctx, "GetConfig", _CALL_SECONDS, self._shared_config)

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
        reply = await self._call(
            ctx,
            "RequestApproval",
            lambda stub: stub.request_approval(request),
            timeout=timeout + _ANSWER_SECONDS,
        )
        return engine_messages.approval(reply)

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
        reply = await self._call(
            ctx,
            "CallPlugin",
            lambda stub: stub.call_plugin(request),
            timeout=timeout + _ANSWER_SECONDS,
        )
        return engine_messages.plugin_result(plugin, action, reply)

    async def list_kpis(self, ctx: Context | None, *, kind: str = "", layer: str = "") -> list[KPI]:
        request = wire.ListKPIsRequest(tenant_id=self._link.tenant_id, kind=kind, layer=layer)
        reply = await self._call(ctx, "ListKPIs", lambda stub: stub.list_kpis(request))
        return [to_wire.kpi(kpi) for kpi in reply.kpis]

    async def get_kpi(self, ctx: Context | None, kpi_id: str) -> KPI | None:
        request = wire.GetKPIRequest(tenant_id=self._link.tenant_id, kpi_id=kpi_id)
        reply = await self._call(ctx, "GetKPI", lambda stub: stub.get_kpi(request))
        return None if reply.kpi is None else to_wire.kpi(reply.kpi)

    async def _shared_config(self, timeout: float) -> dict[str, str]:
        try:
            async with asyncio.timeout(timeout):
                return await self._config.get(lambda: fetch_config(self._link, _CALL_SECONDS))
        except TimeoutError as error:
            raise engine_error(error, method="GetConfig") from error

    async def _call[Reply](
        self,
        ctx: Context | None,
        method: str,
        invoke: Callable[[EngineServiceStub], Awaitable[Reply]],
        *,
        timeout: float = _CALL_SECONDS,
    ) -> Reply:
        return await self._bounded(
            ctx,
            method,
            timeout,
            lambda seconds: self._link.call(method, invoke, timeout=seconds),
        )

    async def _bounded[Reply](
        self,
        ctx: Context | None,
        method: str,
        timeout: float,
        call: Callable[[float], Awaitable[Reply]],
    ) -> Reply:
        """Make a call that ends with the execution, on the loop that the connection lives on."""
        deadline = (ctx or self._ctx).deadline
        if deadline is not None:
            timeout = min(timeout, deadline - self._clock.monotonic())

        async def bounded() -> Reply:
            return await self._scope.within(method, lambda: call(timeout))

        if asyncio.get_running_loop() is self._loop:
            return await bounded()
        # A plain `def execute` may run a loop of its own, in its thread, to call the engine.
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(bounded(), self._loop))
