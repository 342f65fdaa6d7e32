"""The client that an agent has during one execution, in front of a mock engine."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping, Sequence

from mirastack_sdk._core.model.context import Context, Progress, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import (
    KPI,
    Approval,
    BlastRadius,
    EngineClient,
    License,
    PluginResult,
    RecordsProgress,
)
from mirastack_sdk._runtime.calls.executions import ExecutionScope


class ExecutionClient(EngineClient):
    """Makes the calls of one execution with `client`, until `end`.

    As with a real engine, a call without a context or a time range has those of the execution, and
    calls that run or are made after the end raise `EngineError` with `reason="execution_ended"`.
    """

    def __init__(self, client: EngineClient, ctx: Context, time_range: TimeRange | None) -> None:
        self._client = client
        self._ctx = ctx
        self._time_range = time_range
        self._scope = ExecutionScope()
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """End the execution, and every call made within it."""
        self._scope.end()

    @property
    def license(self) -> License | None:
        return self._client.license

    async def cache_get(self, ctx: Context | None, key: str) -> str | None:
        return await self._within("CacheGet", self._client.cache_get(ctx or self._ctx, key))

    async def cache_get_batch(
        self, ctx: Context | None, keys: Sequence[str]
    ) -> dict[str, str | None]:
        call = self._client.cache_get_batch(ctx or self._ctx, keys)
        return await self._within("CacheGetBatch", call)

    async def cache_set(self, ctx: Context | None, key: str, value: str, ttl: int = 0) -> None:
        call = self._client.cache_set(ctx or self._ctx, key, value, ttl)
        await self._within("CacheSet", call)

    async def log_event(self, ctx: Context | None, event: Mapping[str, str]) -> None:
        await self._within("LogEvent", self._client.log_event(ctx or self._ctx, event))

    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        call = self._client.publish_result(ctx or self._ctx, partial_json)
        await self._within("PublishResult", call)

    def record_progress(self, ctx: Context, progress: Progress) -> None:
        """Hand progress to the engine; raises `EngineError` after the end."""
        self._scope.note_progress(ctx, progress)
        if isinstance(self._client, RecordsProgress):
            self._client.record_progress(ctx, progress)

    async def get_config(self, ctx: Context | None) -> dict[str, str]:
        return await self._within("GetConfig", self._client.get_config(ctx or self._ctx))

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
        call = self._client.request_approval(
            ctx or self._ctx,
            description,
            permission=permission,
            context=context,
            blast_radius=blast_radius,
            timeout=timeout,
        )
        return await self._within("RequestApproval", call)

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
        call = self._client.call_plugin(
            ctx or self._ctx,
            plugin,
            action,
            params,
            time_range=time_range or self._time_range,
            timeout=timeout,
        )
        return await self._within("CallPlugin", call)

    async def list_kpis(self, ctx: Context | None, *, kind: str = "", layer: str = "") -> list[KPI]:
        call = self._client.list_kpis(ctx or self._ctx, kind=kind, layer=layer)
        return await self._within("ListKPIs", call)

    async def get_kpi(self, ctx: Context | None, kpi_id: str) -> KPI | None:
        return await self._within("GetKPI", self._client.get_kpi(ctx or self._ctx, kpi_id))

    def _within[Response](
        self, method: str, call: Coroutine[None, None, Response]
    ) -> Awaitable[Response]:
        """Make a call that ends with the execution, on the loop of the execution."""
        bounded = self._scope.within(method, call)
        if asyncio.get_running_loop() is self._loop:
            return bounded
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(bounded, self._loop))
