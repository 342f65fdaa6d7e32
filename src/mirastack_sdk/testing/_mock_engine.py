"""The engine client in memory, for unit tests of agents."""

import os
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import get_args

from mirastack_sdk._core.contract import engine_messages
from mirastack_sdk._core.model.context import Context, Progress, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import (
    KPI,
    Approval,
    BlastRadius,
    EngineClient,
    HasExecutions,
    License,
    PluginResult,
)
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.engine_errors import engine_error
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.server.grpc_server import DEFAULT_MAX_MESSAGE_BYTES
from mirastack_sdk.errors import EncodeError, EngineError, MessageTooLargeError
from mirastack_sdk.testing._allowances import (
    Allowance,
    cache_key_error,
    checked_allowances,
    permission_error,
)
from mirastack_sdk.testing._faults import FaultPlan
from mirastack_sdk.testing._manual_clock import ManualClock
from mirastack_sdk.testing._mock_execution import ExecutionClient
from mirastack_sdk.testing._recorded_calls import (
    CacheGetBatchCall,
    CacheGetCall,
    CacheSetCall,
    CallLog,
    CallPluginCall,
    EngineCall,
    EngineMethod,
    GetConfigCall,
    GetKPICall,
    ListKPIsCall,
    LogEventCall,
    LoggedEvent,
    PublishedProgress,
    PublishedResult,
    PublishResultCall,
    RequestApprovalCall,
    logged_event,
    published_result,
)
from mirastack_sdk.testing._script import EngineScript, ScriptedAnswers
from mirastack_sdk.testing._stores import kpi_of, kpis_of
from mirastack_sdk.testing._wire_messages import plugin_call

ENGINE_METHODS: tuple[str, ...] = get_args(EngineMethod.__value__)

# A mock has no tenant.
_NO_TENANT = ""
# Warnings name the author's line, however many of our functions it calls through.
_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep


class MockEngineClient(EngineScript, CallLog, HasExecutions):
    """An `EngineClient` in memory, for unit tests of agents.

    It behaves as documented for `EngineClient`, without a network. `cache`, `config`, `kpis` and
    `license` are its initial state. `calls` lists every call that the agent made, `events`,
    `published` and `progress` what it logged, published and reported. `clock` stands still until
    `clock.advance()`.

    Script responses that only the test knows with `answer_approvals` and `answer_plugin`; a call
    without a scripted response raises `UnscriptedCallError`. Make calls fail with `fail_next` and
    `fail_always`.

    The mock is as strict as engines: it rejects requests for approval of READ actions, and warns
    (`UserWarning`) of cache keys without the agent's name. `agent` is that name; without it, any
    name will do. `allow` switches these rules off, as in `allow={"read_approvals"}`.
    """

    def __init__(
        self,
        *,
        cache: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        kpis: Sequence[KPI] = (),
        license: License | None = None,  # noqa: A002 - the name of the client's property
        clock: ManualClock | None = None,
        agent: str = "",
        allow: Collection[Allowance] = (),
    ) -> None:
        self.clock: ManualClock = clock or ManualClock()
        EngineScript.__init__(
            self, ScriptedAnswers(), clock=self.clock, cache=cache, config=config, kpis=kpis
        )
        CallLog.__init__(self)
        self.events: list[LoggedEvent] = []
        self.published: list[PublishedResult] = []
        self.progress: list[PublishedProgress] = []
        self._license = license
        self._agent = agent
        self._allowed = checked_allowances(allow)
        self._faults = FaultPlan[EngineError](ENGINE_METHODS)
        self._running = Context()
        self._time_range: TimeRange | None = None
        self._object: Callable[[str], None] = warn_author

    @property
    def license(self) -> License | None:
        """See `EngineClient.license`; tests may set it."""
        return self._license

    @license.setter  # noqa: A003 - the property above, not the builtin
    def license(self, known: License | None) -> None:
        self._license = known

    def fail_next(self, method: EngineMethod, error: EngineError, *, times: int = 1) -> None:
        """Raise `error` from the next `times` calls of `method`."""
        self._faults.next(method, error, times)

    def fail_always(self, method: EngineMethod, error: EngineError) -> None:
        """Raise `error` from every call of `method` until `recover`."""
        self._faults.always(method, error)

    def recover(self, method: EngineMethod | None = None) -> None:
        """Remove the errors ordered for `method`, or for all methods."""
        self._faults.clear(method)

    @contextmanager
    def execution(
        self, ctx: Context | None = None, time_range: TimeRange | None = None
    ) -> Iterator[EngineClient]:
        """Give the client that an agent has during one execution, which ends with the block.

        Calls that are made with it later, or still run then, raise `EngineError` with the reason
        `execution_ended`, as in production. `agent.call` does this by itself:

            with engine.execution() as client:
                await plugin.execute(make_execute_request(params, engine_client=client))

        Needs a running event loop. Calls without a context or a time range have those given here.
        """
        running = Context(execution_id="execution-1", step_id="step-1") if ctx is None else ctx
        client = ExecutionClient(self, running, time_range)
        try:
            yield client
        finally:
            client.end()

    async def cache_get(self, ctx: Context | None, key: str) -> str | None:
        call = CacheGetCall(ctx=ctx or self._running, key=key)
        (data,) = await self._stored(call, wire.CacheGetRequest(key=key), [key])
        return _text(key, data)

    async def cache_get_batch(
        self, ctx: Context | None, keys: Sequence[str]
    ) -> dict[str, str | None]:
        call = CacheGetBatchCall(ctx=ctx or self._running, keys=tuple(keys))
        found = await self._stored(call, wire.CacheGetBatchRequest(keys=list(keys)), keys)
        return {key: _text(key, data) for key, data in zip(keys, found, strict=True)}

    async def cache_set(self, ctx: Context | None, key: str, value: str, ttl: int = 0) -> None:
        request = engine_messages.cache_set_request(key, value, ttl, _NO_TENANT)
        call = CacheSetCall(ctx=ctx or self._running, key=key, value=value, ttl=ttl)
        self._receive(call, request)
        self._check_keys([key], is_write=True)
        self.cache.set(key, value, ttl)

    async def log_event(self, ctx: Context | None, event: Mapping[str, str]) -> None:
        request = engine_messages.log_event_request(self._agent, event, _NO_TENANT)
        self._receive(LogEventCall(ctx=ctx or self._running, event=dict(event)), request)
        self.events.append(logged_event(request))

    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        running = ctx or self._running
        request = engine_messages.publish_result_request(running, partial_json, _NO_TENANT)
        self._receive(PublishResultCall(ctx=running, partial_json=partial_json), request)
        self.published.append(published_result(request))

    def record_progress(self, ctx: Context, progress: Progress) -> None:
        """Add to `progress`; `ctx.progress` calls this in a test, without leaving anything out."""
        self.progress.append(
            PublishedProgress(
                fraction=progress.fraction,
                message=progress.message,
                execution_id=ctx.execution_id,
                step_id=ctx.step_id,
                tenant_id=ctx.tenant_id,
            )
        )

    async def get_config(self, ctx: Context | None) -> dict[str, str]:
        self._receive(GetConfigCall(ctx=ctx or self._running), wire.GetConfigRequest())
        return dict(self.config)

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
        running = ctx or self._running
        request = engine_messages.approval_request(
            running,
            description,
            permission=permission,
            context=context,
            blast_radius=blast_radius,
            timeout=timeout,
            tenant_id=_NO_TENANT,
        )
        call = RequestApprovalCall(
            ctx=running,
            description=description,
            permission=permission,
            context=dict(context or {}),
            blast_radius=blast_radius,
            timeout=timeout,
        )
        self._receive(call, request)
        error = permission_error(permission)
        if error is not None and "read_approvals" not in self._allowed:
            raise EngineError(
                f"RequestApproval: {error}", reason="invalid_argument", status="INVALID_ARGUMENT"
            )
        return await self._answers.approve(call)

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
            self._agent,
            plugin,
            action,
            params or {},
            time_range=time_range or self._time_range,
            timeout=timeout,
            tenant_id=_NO_TENANT,
        )
        call = replace(plugin_call(request), ctx=ctx or self._running, timeout=timeout)
        response = await self._run_plugin(call, request)
        return engine_messages.plugin_result(call.plugin, call.action, response)

    async def list_kpis(self, ctx: Context | None, *, kind: str = "", layer: str = "") -> list[KPI]:
        request = wire.ListKPIsRequest(kind=kind, layer=layer)
        self._receive(ListKPIsCall(ctx=ctx or self._running, kind=kind, layer=layer), request)
        return kpis_of(self.kpis, kind=kind, layer=layer)

    async def get_kpi(self, ctx: Context | None, kpi_id: str) -> KPI | None:
        request = wire.GetKPIRequest(kpi_id=kpi_id)
        self._receive(GetKPICall(ctx=ctx or self._running, kpi_id=kpi_id), request)
        return kpi_of(self.kpis, kpi_id)

    def _run_as(self, ctx: Context, time_range: TimeRange | None) -> None:
        """Make `ctx` and `time_range` those of the running execution."""
        self._running = ctx
        self._time_range = time_range

    async def _run_plugin(
        self, call: CallPluginCall, request: wire.CallPluginRequest
    ) -> wire.CallPluginResponse:
        self._receive(call, request)
        return await self._answers.run_plugin(call)

    @contextmanager
    def _serving(self, agent: str, listener: Callable[[str], None]) -> Iterator[None]:
        """Serve `agent`, and call `listener` in place of warning of what engines object to."""
        before = self._agent, self._object
        self._agent, self._object = self._agent or agent, listener
        try:
            yield
        finally:
            self._agent, self._object = before

    def _receive(self, call: EngineCall, request: object) -> None:
        """Record a call, or fail as a real call does on its way to the engine."""
        method = type(request).__name__.removesuffix("Request")
        try:
            _require_writable(request)
        except (EncodeError, MessageTooLargeError) as error:
            raise engine_error(error, method=method) from error
        deadline = call.ctx.deadline
        if deadline is not None and deadline <= self.clock.monotonic():
            raise EngineError(
                f"{method}: the execution's deadline has passed",
                reason="deadline_exceeded",
                retryable=True,
            )
        self.calls.append(call)
        ordered = self._faults.take(call.method)
        if ordered is not None:
            raise ordered.with_traceback(None)

    def _check_keys(self, keys: Sequence[str], *, is_write: bool = False) -> None:
        error = cache_key_error(self._agent, keys, is_write=is_write)
        if error is not None and "foreign_cache_keys" not in self._allowed:
            self._object(error)

    async def _stored(
        self, call: CacheGetCall | CacheGetBatchCall, request: object, keys: Sequence[str]
    ) -> list[bytes | None]:
        self._receive(call, request)
        self._check_keys(keys)
        return [self.cache.get_bytes(key) for key in keys]


def _text(key: str, data: bytes | None) -> str | None:
    return None if data is None else engine_messages.cached_text(key, data)


def warn_author(text: str) -> None:
    """Warn (`UserWarning`) at the author's line."""
    warnings.warn(text, skip_file_prefixes=(_OURS,))


def _require_writable(request: object) -> None:
    """Raise what a real client raises for a message that it cannot send."""
    size = len(CODECS[Encoding.PROTOBUF].for_type(type(request)).encode(request))
    if size > DEFAULT_MAX_MESSAGE_BYTES:
        raise MessageTooLargeError(size, DEFAULT_MAX_MESSAGE_BYTES)
