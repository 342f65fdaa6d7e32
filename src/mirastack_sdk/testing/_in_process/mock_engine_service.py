"""The engine's methods, answered by a mock engine: calls pass the real codecs on their way."""

from collections.abc import Coroutine, Mapping

from mirastack_sdk._core.contract.parameters import ParamsError
from mirastack_sdk._core.contract.progress_messages import progress_in
from mirastack_sdk._core.model.context import Context
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceBase
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing._local.engine_faults import refusal_of
from mirastack_sdk.testing._mock_engine import MockEngineClient
from mirastack_sdk.testing._recorded_calls import (
    CacheGetBatchCall,
    CacheGetCall,
    logged_event,
)
from mirastack_sdk.testing._script import UnscriptedCallError
from mirastack_sdk.testing._stores import AgentConfigs
from mirastack_sdk.testing._wire_messages import (
    approval_call,
    approval_to_wire,
    kpi_to_wire,
    license_to_wire,
    plugin_call,
)

# The mock has time to spare, and no agent has to be found dead.
_HEARTBEAT_SECONDS = 3600


class MockEngineService(EngineServiceBase):
    """Answers an agent's calls from `engine`, which records them; it uses its private methods, too.

    `unscripted` are the calls that the test should have scripted. The config that the agent is
    given when it starts is no call of its author, so it is not recorded before `is_started` is set.
    """

    def __init__(self, engine: MockEngineClient) -> None:
        self.is_started = False
        self.unscripted: list[UnscriptedCallError] = []
        self._engine = engine
        self._configs = AgentConfigs()

    def store_config(self, name: str, config: Mapping[str, str]) -> int:
        """Make `config` the agent's, and return its version."""
        self._engine.config = dict(config)
        return self._configs.store(name, config)

    async def register_plugin(
        self,
        request: wire.RegisterPluginRequest,
    ) -> wire.RegisterPluginResponse:
        return wire.RegisterPluginResponse(
            success=True,
            plugin_id=f"plugin-{request.name}",
            license=license_to_wire(self._engine.license),
        )

    async def deregister_plugin(
        self,
        request: wire.DeregisterPluginRequest,  # noqa: ARG002 - there is one agent
    ) -> wire.DeregisterPluginResponse:
        return wire.DeregisterPluginResponse(acknowledged=True)

    async def heartbeat(
        self,
        request: wire.HeartbeatRequest,  # noqa: ARG002 - there is one agent
    ) -> wire.HeartbeatResponse:
        return wire.HeartbeatResponse(
            acknowledged=True,
            heartbeat_interval_seconds=_HEARTBEAT_SECONDS,
            license=license_to_wire(self._engine.license),
        )

    async def get_config(self, request: wire.GetConfigRequest) -> wire.GetConfigResponse:
        config = self._engine.config
        if self.is_started:
            ctx = Context(tenant_id=request.tenant_id)
            config = await self._response(self._engine.get_config(ctx))
        version = self._configs.version_of(request.plugin_name, config)
        return wire.GetConfigResponse(config=dict(config), version=version)

    async def cache_get(self, request: wire.CacheGetRequest) -> wire.CacheGetResponse:
        call = CacheGetCall(ctx=Context(tenant_id=request.tenant_id), key=request.key)
        (data,) = await self._response(self._engine._stored(call, request, [request.key]))  # noqa: SLF001 - see above
        return wire.CacheGetResponse(value=data or b"", found=data is not None)

    async def cache_get_batch(
        self, request: wire.CacheGetBatchRequest
    ) -> wire.CacheGetBatchResponse:
        keys = request.keys
        call = CacheGetBatchCall(ctx=Context(tenant_id=request.tenant_id), keys=tuple(keys))
        found = await self._response(self._engine._stored(call, request, keys))  # noqa: SLF001 - see above
        entries = [
            wire.CacheGetBatchEntry(key=key, value=data or b"", found=data is not None)
            for key, data in zip(keys, found, strict=True)
        ]
        return wire.CacheGetBatchResponse(entries=entries)

    async def cache_set(self, request: wire.CacheSetRequest) -> wire.CacheSetResponse:
        ctx = Context(tenant_id=request.tenant_id)
        value = request.value.decode()
        await self._response(
            self._engine.cache_set(ctx, request.key, value, ttl=request.ttl_seconds)
        )
        return wire.CacheSetResponse(success=True)

    async def publish_result(
        self, request: wire.PublishResultRequest
    ) -> wire.PublishResultResponse:
        ctx = Context(
            execution_id=request.execution_id,
            step_id=request.step_id,
            tenant_id=request.tenant_id,
        )
        if (progress := progress_in(request.result_json)) is not None:
            self._engine.record_progress(ctx, progress)
        else:
            await self._response(self._engine.publish_result(ctx, request.result_json.decode()))
        return wire.PublishResultResponse(acknowledged=True)

    async def log_event(self, request: wire.LogEventRequest) -> wire.LogEventResponse:
        stored = logged_event(request)
        event = {"event": stored.event, **stored.data}
        if stored.severity != "info":
            event["severity"] = stored.severity
        ctx = Context(tenant_id=request.tenant_id)
        await self._response(self._engine.log_event(ctx, event))
        return wire.LogEventResponse(acknowledged=True)

    async def request_approval(
        self, request: wire.RequestApprovalRequest
    ) -> wire.RequestApprovalResponse:
        try:
            call = approval_call(request)
        except ValueError as error:
            raise CallRefused(Status.INVALID_ARGUMENT, str(error)) from error
        approval = await self._response(
            self._engine.request_approval(
                call.ctx,
                call.description,
                permission=call.permission,
                context=call.context,
                blast_radius=call.blast_radius,
                timeout=call.timeout,
            )
        )
        return approval_to_wire(approval)

    async def call_plugin(self, request: wire.CallPluginRequest) -> wire.CallPluginResponse:
        try:
            call = plugin_call(request)
        except ParamsError as error:
            raise CallRefused(Status.INVALID_ARGUMENT, str(error)) from error
        try:
            return await self._engine._run_plugin(call, request)  # noqa: SLF001 - see above
        except EngineError as error:
            if error.reason == "plugin_failed":
                return wire.CallPluginResponse(success=False, error=str(error))
            raise refusal_of(error) from error
        except UnscriptedCallError as error:
            raise self._unscripted(error) from error

    async def list_kpis(self, request: wire.ListKPIsRequest) -> wire.ListKPIsResponse:
        ctx = Context(tenant_id=request.tenant_id)
        found = await self._response(
            self._engine.list_kpis(ctx, kind=request.kind, layer=request.layer)
        )
        return wire.ListKPIsResponse(kpis=[kpi_to_wire(kpi) for kpi in found])

    async def get_kpi(self, request: wire.GetKPIRequest) -> wire.GetKPIResponse:
        ctx = Context(tenant_id=request.tenant_id)
        kpi = await self._response(self._engine.get_kpi(ctx, request.kpi_id))
        return wire.GetKPIResponse(kpi=None if kpi is None else kpi_to_wire(kpi))

    async def _response[Response](self, call: Coroutine[None, None, Response]) -> Response:
        """What the mock answers; an error becomes the status that an engine would send."""
        try:
            return await call
        except EngineError as error:
            raise refusal_of(error) from error
        except UnscriptedCallError as error:
            raise self._unscripted(error) from error

    def _unscripted(self, error: UnscriptedCallError) -> CallRefused:
        self.unscripted.append(error)
        return CallRefused(Status.FAILED_PRECONDITION, str(error))
