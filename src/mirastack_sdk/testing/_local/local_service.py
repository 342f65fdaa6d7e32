"""The engine's methods, as a local engine implements them."""

import asyncio

from mirastack_sdk._core.contract.parameters import ParamsError, json_bytes
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceBase
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing._agent_client import AgentCallError
from mirastack_sdk.testing._local.call_checks import CallChecks
from mirastack_sdk.testing._local.engine_faults import refusal_of
from mirastack_sdk.testing._local.journal import (
    DeregistrationRecord,
    EngineJournal,
    HeartbeatRecord,
    RegistrationRecord,
)
from mirastack_sdk.testing._local.local_script import LocalScript
from mirastack_sdk.testing._local.registry import (
    AgentRegistry,
    RegisteredAgent,
    RegistrationRefusedError,
)
from mirastack_sdk.testing._recorded_calls import (
    CallPluginCall,
    logged_event,
    published_progress,
    published_result,
)
from mirastack_sdk.testing._script import ScriptedAnswers, UnscriptedCallError
from mirastack_sdk.testing._stores import AgentConfigs, kpi_of, kpis_of, kpis_of_tenant
from mirastack_sdk.testing._wire_messages import (
    approval_call,
    approval_to_wire,
    kpi_to_wire,
    license_to_wire,
    plugin_call,
)


class LocalEngineService(EngineServiceBase):
    """The engine's service: it responds from a script and records what agents send."""

    def __init__(
        self,
        checks: CallChecks,
        script: LocalScript,
        answers: ScriptedAnswers,
        configs: AgentConfigs,
        journal: EngineJournal,
        registry: AgentRegistry,
    ) -> None:
        self._checks = checks
        self._script = script
        self._answers = answers
        self._configs = configs
        self._journal = journal
        self._registry = registry

    async def register_plugin(
        self, request: wire.RegisterPluginRequest
    ) -> wire.RegisterPluginResponse:
        error = await self._checks.run(
            "register_plugin", named=request.name, tenant_id=request.tenant_id
        )
        encoding = current_call().encoding
        error = error or await self._dial_back(request, encoding)
        self._journal.record(
            self._journal.registrations,
            RegistrationRecord(
                name=request.name,
                version=request.version,
                address=request.grpc_addr,
                instance_id=request.instance_id,
                tenant_id=request.tenant_id,
                encoding=encoding,
                error=error,
            ),
        )
        if error:
            return wire.RegisterPluginResponse(success=False, error=error)
        return wire.RegisterPluginResponse(
            success=True,
            plugin_id=f"plugin-{request.name}",
            license=license_to_wire(self._script.license),
        )

    async def deregister_plugin(
        self, request: wire.DeregisterPluginRequest
    ) -> wire.DeregisterPluginResponse:
        await self._checks.run("deregister_plugin", named=request.name)
        known = self._registry.remove(request.name, request.instance_id)
        self._journal.record(
            self._journal.deregistrations,
            DeregistrationRecord(name=request.name, instance_id=request.instance_id, known=known),
        )
        return wire.DeregisterPluginResponse(acknowledged=True)

    async def heartbeat(self, request: wire.HeartbeatRequest) -> wire.HeartbeatResponse:
        await self._checks.run("heartbeat", named=request.name)
        known = self._registry.knows(request.name, request.instance_id)
        self._journal.record(
            self._journal.heartbeats,
            HeartbeatRecord(name=request.name, instance_id=request.instance_id, known=known),
        )
        return wire.HeartbeatResponse(
            acknowledged=known,
            re_register_required=not known,
            heartbeat_interval_seconds=self._script.heartbeat_interval,
            license=license_to_wire(self._script.license),
        )

    async def get_config(self, request: wire.GetConfigRequest) -> wire.GetConfigResponse:
        await self._checks.run("get_config", named=request.plugin_name, tenant_id=request.tenant_id)
        own = self._configs.find(request.plugin_name)
        config = self._script.config if own is None else own
        version = self._configs.version_of(request.plugin_name, config)
        return wire.GetConfigResponse(config=dict(config), version=version)

    async def cache_get(self, request: wire.CacheGetRequest) -> wire.CacheGetResponse:
        await self._checks.run("cache_get", tenant_id=request.tenant_id)
        self._checks.check_keys("cache_get", [request.key])
        data = self._script.cache_of(request.tenant_id).get_bytes(request.key)
        return wire.CacheGetResponse(value=data or b"", found=data is not None)

    async def cache_get_batch(
        self, request: wire.CacheGetBatchRequest
    ) -> wire.CacheGetBatchResponse:
        await self._checks.run("cache_get_batch", tenant_id=request.tenant_id)
        self._checks.check_keys("cache_get_batch", request.keys)
        cache = self._script.cache_of(request.tenant_id)
        entries = []
        for key in request.keys:
            data = cache.get_bytes(key)
            entries.append(
                wire.CacheGetBatchEntry(key=key, value=data or b"", found=data is not None)
            )
        return wire.CacheGetBatchResponse(entries=entries)

    async def cache_set(self, request: wire.CacheSetRequest) -> wire.CacheSetResponse:
        await self._checks.run("cache_set", tenant_id=request.tenant_id)
        self._checks.check_keys("cache_set", [request.key])
        cache = self._script.cache_of(request.tenant_id)
        cache.set(request.key, request.value, request.ttl_seconds)
        return wire.CacheSetResponse(success=True)

    async def publish_result(
        self, request: wire.PublishResultRequest
    ) -> wire.PublishResultResponse:
        await self._checks.run("publish_result", tenant_id=request.tenant_id)
        self._checks.require_json("publish_result", "result_json", request.result_json)
        if (progress := published_progress(request)) is not None:
            self._journal.record(self._journal.progress, progress)
        else:
            self._journal.record(self._journal.published, published_result(request))
        return wire.PublishResultResponse(acknowledged=True)

    async def log_event(self, request: wire.LogEventRequest) -> wire.LogEventResponse:
        await self._checks.run("log_event", named=request.plugin_name, tenant_id=request.tenant_id)
        self._checks.require_json("log_event", "data_json", request.data_json)
        self._journal.record(self._journal.events, logged_event(request))
        return wire.LogEventResponse(acknowledged=True)

    async def request_approval(
        self, request: wire.RequestApprovalRequest
    ) -> wire.RequestApprovalResponse:
        await self._checks.run("request_approval", tenant_id=request.tenant_id)
        try:
            call = approval_call(request)
        except ValueError as error:
            self._checks.violate("request_approval", str(error))
        self._checks.require_change(call.permission)
        self._journal.record(self._journal.approvals, call)
        try:
            return approval_to_wire(await self._answers.approve(call))
        except EngineError as error:
            raise refusal_of(error) from error
        except UnscriptedCallError as error:
            raise CallRefused(Status.FAILED_PRECONDITION, str(error)) from error

    async def call_plugin(self, request: wire.CallPluginRequest) -> wire.CallPluginResponse:
        await self._checks.run(
            "call_plugin", named=request.caller_plugin, tenant_id=request.tenant_id
        )
        try:
            call = plugin_call(request)
        except ParamsError as error:
            self._checks.violate("call_plugin", str(error))
        self._checks.require_target(request.tenant_id, request.target_plugin)
        self._journal.record(self._journal.plugin_calls, call)
        if not self._answers.has_plugin(call.plugin, call.action):
            return await self._forward(call)
        try:
            return await self._answers.run_plugin(call)
        except EngineError as error:
            if error.reason == "plugin_failed":
                return wire.CallPluginResponse(success=False, error=str(error))
            raise refusal_of(error) from error

    async def list_kpis(self, request: wire.ListKPIsRequest) -> wire.ListKPIsResponse:
        await self._checks.run("list_kpis", tenant_id=request.tenant_id)
        own = kpis_of_tenant(self._script.kpis, request.tenant_id)
        found = kpis_of(own, kind=request.kind, layer=request.layer)
        return wire.ListKPIsResponse(kpis=[kpi_to_wire(kpi) for kpi in found])

    async def get_kpi(self, request: wire.GetKPIRequest) -> wire.GetKPIResponse:
        await self._checks.run("get_kpi", tenant_id=request.tenant_id)
        kpi = kpi_of(kpis_of_tenant(self._script.kpis, request.tenant_id), request.kpi_id)
        return wire.GetKPIResponse(kpi=None if kpi is None else kpi_to_wire(kpi))

    async def _dial_back(self, request: wire.RegisterPluginRequest, encoding: Encoding) -> str:
        try:
            agent = await self._registry.register(request, encoding)
        except RegistrationRefusedError as refusal:
            for text in refusal.violations:
                self._checks.note_violation("register_plugin", request.name, text)
            return str(refusal)
        self._confirm_when_sent(agent)
        return ""

    def _confirm_when_sent(self, agent: RegisteredAgent) -> None:
        """Show the agent to tests once the response to its registration has been written."""

        def confirm(task: asyncio.Task[object]) -> None:
            if not task.cancelled():
                self._registry.confirm(agent)
                self._journal.notify()

        handler = asyncio.current_task()
        assert handler is not None  # noqa: S101 - a coroutine that runs has a task
        handler.add_done_callback(confirm)

    async def _forward(self, call: CallPluginCall) -> wire.CallPluginResponse:
        agent = self._registry.find(call.plugin)
        if agent is None:
            return wire.CallPluginResponse(
                success=False, error=f"there is no agent {call.plugin!r} here"
            )
        try:
            result = await agent.execute(
                call.action,
                call.params,
                time_range=call.time_range,
                tenant_id=call.ctx.tenant_id,
                timeout=call.timeout,
            )
        except AgentCallError as error:
            return wire.CallPluginResponse(success=False, error=str(error))
        return wire.CallPluginResponse(
            success=result.success,
            result_json=json_bytes(result.output),
            error=result.error,
            duration_ms=result.duration_ms,
        )
