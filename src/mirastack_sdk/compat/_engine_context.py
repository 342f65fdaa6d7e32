"""The published calls of the engine, over an `EngineClient`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Self  # noqa: TID251 - values of JSON, which authors use as they are

from mirastack_sdk import plugin
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.engine_access.standalone_engine import StandaloneEngine
from mirastack_sdk.compat._published_types import Permission, TimeRange
from mirastack_sdk.compat._read_when_called import process_environment
from mirastack_sdk.compat._translation import PERMISSIONS
from mirastack_sdk.engine import EngineClient, PluginResult
from mirastack_sdk.errors import EngineError


@dataclass(slots=True)
class _Execution:
    """An execution, and whether it still runs: tasks that it has started may outlive it."""

    request: plugin.ExecuteRequest
    is_running: bool = True


_EXECUTION: ContextVar[_Execution | None] = ContextVar("execution", default=None)


@contextmanager
def executing(request: plugin.ExecuteRequest) -> Iterator[None]:
    """Make the engine calls of the current task, and of tasks that it starts, belong to `request`.

    Those that come after the execution belong to none.
    """
    execution = _Execution(request)
    token = _EXECUTION.set(execution)
    try:
        yield
    finally:
        execution.is_running = False
        _EXECUTION.reset(token)


class EngineContext:
    """The engine's services, available as `self._engine_context` while an agent is served.

    During an execution, calls belong to it and end with it. Otherwise, a call takes at most 30
    seconds, and one that waits for an approval five minutes. Calls raise
    `mirastack_sdk.EngineError` in place of `grpc.RpcError`.

    An `EngineContext` that you create yourself has a connection of its own, which the environment's
    security settings protect; `close()` ends it. Raises `ValueError` for an empty address.
    """

    def __init__(self, engine_addr: str, plugin_name: str, tenant_id: str = "") -> None:
        self._standalone: StandaloneEngine | None = StandaloneEngine(
            engine_addr, plugin_name, tenant_id, environ=process_environment()
        )
        self._engine: EngineClient = self._standalone.client
        self._tenant_id = tenant_id

    @classmethod
    def over(cls, engine: EngineClient, tenant_id: str = "") -> Self:
        """A context that calls `engine`, such as a `MockEngineClient`."""
        self = cls.__new__(cls)
        self._standalone = None
        self._engine = engine
        self._tenant_id = tenant_id
        return self

    @property
    def tenant_id(self) -> str:
        """The tenant whose agent this is; "" if none is set."""
        return self._tenant_id

    async def get_config(self, keys: Sequence[str] | None = None) -> dict[str, str]:
        """The agent's config as operators have set it, all of it or only `keys`.

        Keys that are not set are left out. The config is cached for 15 seconds, or for
        MIRASTACK_SDK_CONFIG_CACHE_TTL.
        """
        engine, ctx = self._current()
        config = await engine.get_config(ctx)
        return {key: config[key] for key in keys if key in config} if keys else config

    async def cache_get(self, key: str) -> str | None:
        """The value stored under `key`, or `None` if there is none or it has expired."""
        engine, ctx = self._current()
        return await engine.cache_get(ctx, key)

    async def cache_get_batch(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """A dict with `key`, `value` ("" if there is none) and `found` for each of `keys`."""
        engine, ctx = self._current()
        values = await engine.cache_get_batch(ctx, keys)
        return [
            {"key": key, "value": values[key] or "", "found": values[key] is not None}
            for key in keys
        ]

    async def cache_set(self, key: str, value: str, ttl: timedelta | int | None = None) -> None:
        """Store `value` for a time, a number of seconds, or for ever if `ttl` is None or 0.

        Fractions of a second are cut, but a `ttl` below a second counts as one. Prefix keys with
        the agent's name.
        """
        engine, ctx = self._current()
        await engine.cache_set(ctx, key, value, _whole_seconds(ttl))

    async def publish_result(self, execution_id: str, output: Mapping[str, Any]) -> None:
        """Publish a partial result while the execution is still running."""
        engine, ctx = self._current(execution_id)
        await engine.publish_result(ctx, json.dumps(dict(output)))

    async def request_approval(
        self, execution_id: str, reason: str, permission: Permission
    ) -> bool:
        """Ask a human for approval, and wait up to five minutes; whether it was given.

        The engine asks before it runs a MODIFY or ADMIN action, so ask only for what the action
        finds out while it runs.
        """
        engine, ctx = self._current(execution_id)
        approval = await engine.request_approval(
            ctx, reason, permission=PERMISSIONS.get(permission, plugin.Permission.MODIFY)
        )
        return approval.approved

    async def log_event(
        self, level: str, message: str, fields: Mapping[str, Any] | None = None
    ) -> None:
        """Record an event named `message` with severity `level`; `fields` are its data."""
        engine, ctx = self._current()
        data = {_field_name(name): value for name, value in (fields or {}).items()}
        await engine.log_event(ctx, {"event": message, "severity": level or "info", **data})

    async def call_plugin(self, target_plugin: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Run the action `params["action"]` of another agent, and return its result.

        Raises `ValueError` for a target that is empty or contains `:`, `RuntimeError` if the
        execution fails.
        """
        return await self._call_plugin(target_plugin, params, None)

    async def call_plugin_with_time_range(
        self,
        target_plugin: str,
        params: Mapping[str, Any],
        time_range: Mapping[str, Any] | plugin.TimeRange | None = None,
    ) -> dict[str, Any]:
        """Like `call_plugin`, with a time range: a `TimeRange`, or what `asdict` makes of one.

        Without one, the time range is that of the running execution.
        """
        if time_range is None or isinstance(time_range, plugin.TimeRange):
            return await self._call_plugin(target_plugin, params, time_range)
        return await self._call_plugin(target_plugin, params, TimeRange(**time_range))

    async def list_kpis(self, kind: str = "", layer: str = "") -> list[dict[str, Any]]:
        """The tenant's key performance indicators as dicts, filtered by `kind` and `layer`."""
        engine, ctx = self._current()
        return [asdict(kpi) for kpi in await engine.list_kpis(ctx, kind=kind, layer=layer)]

    async def get_kpi(self, kpi_id: str) -> dict[str, Any] | None:
        """One key performance indicator as a dict, or `None` if it does not exist."""
        engine, ctx = self._current()
        kpi = await engine.get_kpi(ctx, kpi_id)
        return None if kpi is None else asdict(kpi)

    async def close(self) -> None:
        """End the connection; that of an agent which is served ends when the agent does."""
        if self._standalone is not None:
            self._standalone.close()

    def register_self(
        self, grpc_addr: str, plugin_type: int, version: str, instance_id: str
    ) -> dict[str, Any]:
        """Register an agent that `serve()` does not serve; blocks up to ten seconds.

        Returns what the engine answers: `success`, `plugin_id`, `error` and `license`.
        """
        return self._own_connection().register(grpc_addr, plugin_type, version, instance_id)

    def deregister_self(self, instance_id: str) -> dict[str, Any]:
        """Deregister it; blocks up to ten seconds."""
        return self._own_connection().deregister(instance_id)

    def heartbeat(self, instance_id: str) -> dict[str, Any]:
        """Send a heartbeat for it; blocks up to ten seconds."""
        return self._own_connection().heartbeat(instance_id)

    def _current(self, execution_id: str = "") -> tuple[EngineClient, plugin.Context | None]:
        """The client to call with, and the execution to call for."""
        execution = _EXECUTION.get()
        if self._standalone is not None or execution is None or not execution.is_running:
            ctx = plugin.Context(execution_id=execution_id, tenant_id=self._tenant_id)
            return self._engine, ctx if execution_id else None
        running = execution.request
        if execution_id in ("", running.ctx.execution_id):
            return running.engine_client, running.ctx
        return running.engine_client, replace(running.ctx, execution_id=execution_id, step_id="")

    async def _call_plugin(
        self, target_plugin: str, params: Mapping[str, Any], time_range: plugin.TimeRange | None
    ) -> dict[str, Any]:
        target = target_plugin.strip()
        if not target or ":" in target:
            raise ValueError(
                f"target_plugin must be an agent's name, got {target_plugin!r}: pass the agent's "
                'name alone, and the action as params["action"]'
            )
        action = str(params.get("action") or "")
        engine, ctx = self._current()
        try:
            result = await engine.call_plugin(ctx, target, action, params, time_range=time_range)
        except EngineError as error:
            if error.reason != "plugin_failed":
                raise
            raise RuntimeError(f"call_plugin({target!r}) failed: {error}") from error
        return _native(result)

    def _own_connection(self) -> StandaloneEngine:
        if self._standalone is None:
            raise RuntimeError(
                "serve() registers this agent itself; to register another one, create an "
                "EngineContext for it"
            )
        return self._standalone


def _whole_seconds(ttl: timedelta | int | None) -> int:
    seconds = ttl.total_seconds() if isinstance(ttl, timedelta) else ttl or 0
    # 0 would mean that the value never expires.
    return 1 if 0 < seconds < 1 else int(seconds)


def _field_name(name: str) -> str:
    """The names of an event's own fields would replace what the event is."""
    return f"{name}_" if name in ("event", "severity") else name


def _native(result: PluginResult) -> dict[str, Any]:
    value = result.value
    return value if isinstance(value, dict) else {"result": value}
