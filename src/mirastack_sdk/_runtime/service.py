"""What an agent serves: the engine's calls, handed to the author's methods."""

import asyncio
import logging
from types import MappingProxyType

from mirastack_sdk._core import translate
from mirastack_sdk._core.context import Context
from mirastack_sdk._core.describe import info_response, schema_response
from mirastack_sdk._core.parameters import ParamsError
from mirastack_sdk._core.redaction import clean, describe_exception
from mirastack_sdk._core.translate import InvalidResponseError
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.agent import Agent
from mirastack_sdk._runtime.author import AuthorError, call_author
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.config_cache import ConfigCache
from mirastack_sdk._runtime.engine_client import RpcEngineClient
from mirastack_sdk._runtime.engine_link import EngineLink
from mirastack_sdk._runtime.execution_scope import ExecutionScope
from mirastack_sdk._wire.call import current_call
from mirastack_sdk._wire.status import CallRefused, Status

_LOG = logging.getLogger("mirastack_sdk.agent")


class AgentService(PluginServiceBase):
    """Answers the engine for one agent."""

    def __init__(self, agent: Agent, link: EngineLink, config: ConfigCache, clock: Clock) -> None:
        self._plugin = agent.plugin
        self._link = link
        self._config = config
        self._clock = clock
        self._config_turn = asyncio.Lock()
        self._info = info_response(agent.info, agent.schema, agent.instance_id)
        self._schema = schema_response(agent.info, agent.schema)

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:  # noqa: ARG002 - empty
        return self._info

    async def get_schema(self, request: wire.GetSchemaRequest) -> wire.GetSchemaResponse:  # noqa: ARG002 - empty
        return self._schema

    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        self._require_own_tenant(request)
        started = self._clock.monotonic()
        scope = ExecutionScope()
        try:
            return await self._run(request, scope, started)
        except ParamsError as error:
            _LOG.warning("%r cannot be executed: %s", request.action_id, error)
            return self._failed(str(error), started)
        except InvalidResponseError as error:
            _LOG.error("%r answered what cannot be sent: %s", request.action_id, error)
            return self._failed(clean(str(error)), started)
        except AuthorError as error:
            _log_failure("execute", error, execution_id=request.execution_id)
            return self._failed(describe_exception(error.cause), started)
        finally:
            scope.end()

    async def health_check(
        self,
        request: wire.HealthCheckRequest,  # noqa: ARG002 - empty
    ) -> wire.HealthCheckResponse:
        try:
            await call_author(self._plugin.health_check)
        except AuthorError as error:
            _log_failure("health_check", error)
            return wire.HealthCheckResponse(healthy=False, message=describe_exception(error.cause))
        return wire.HealthCheckResponse(healthy=True, message="ok")

    async def config_updated(
        self, request: wire.ConfigUpdatedRequest
    ) -> wire.ConfigUpdatedResponse:
        self._config.forget()
        try:
            # One at a time: the author's state must end as the last push left it.
            async with self._config_turn:
                await call_author(self._plugin.config_updated, dict(request.config))
        except AuthorError as error:
            _log_failure("config_updated", error, version=request.version)
            text = describe_exception(error.cause)
            return wire.ConfigUpdatedResponse(acknowledged=False, error=text)
        _LOG.info("configuration updated", extra={"version": request.version})
        return wire.ConfigUpdatedResponse(acknowledged=True)

    async def _run(
        self, message: wire.ExecuteRequest, scope: ExecutionScope, started: float
    ) -> wire.ExecuteResponse:
        call = current_call()
        ctx = Context(
            execution_id=message.execution_id,
            step_id=message.step_id,
            workflow_id=message.workflow_id,
            tenant_id=message.tenant_id or self._link.tenant_id,
            deadline=call.deadline,
            values=MappingProxyType(message.context),
            metadata=MappingProxyType(call.metadata),
        )
        time_range = translate.time_range(message.time_range)
        client = RpcEngineClient(
            self._link, self._config, self._clock, ctx=ctx, scope=scope, time_range=time_range
        )
        request = translate.execute_request(message, client, ctx)
        response = await call_author(self._plugin.execute, request)
        return translate.execute_reply(response, self._milliseconds_since(started))

    def _failed(self, error: str, started: float) -> wire.ExecuteResponse:
        return translate.failed_reply(error, self._milliseconds_since(started))

    def _milliseconds_since(self, started: float) -> int:
        return round((self._clock.monotonic() - started) * 1000)

    def _require_own_tenant(self, message: wire.ExecuteRequest) -> None:
        own, asked = self._link.tenant_id, message.tenant_id
        if own and asked and own != asked:
            _LOG.warning(
                "refused an execution for another tenant",
                extra={"execution_id": message.execution_id, "tenant_id": asked},
            )
            raise CallRefused(Status.PERMISSION_DENIED, "this agent serves another tenant")


def _log_failure(method: str, error: AuthorError, **fields: object) -> None:
    _LOG.error("%s raised an exception", method, exc_info=error.cause, extra=fields)
