"""What an agent serves: the engine's calls, handed to the author's methods."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from mirastack_sdk._core.contract import to_wire
from mirastack_sdk._core.contract.execute_response import (
    InvalidResponseError,
    execute_reply,
    failed_reply,
    require_size,
)
from mirastack_sdk._core.contract.parameters import ParamsError
from mirastack_sdk._core.contract.to_wire import info_response, schema_response
from mirastack_sdk._core.model.context import Context
from mirastack_sdk._core.model.plugin_base import Living
from mirastack_sdk._core.redaction.clean import clean, describe_exception
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.calls.author_call import (
    PATIENCE_SECONDS,
    AuthorError,
    OverdueError,
    begin_author_call,
)
from mirastack_sdk._runtime.calls.config_updates import UPDATE_SECONDS, ConfigUpdates
from mirastack_sdk._runtime.calls.executions import Executions, ExecutionScope
from mirastack_sdk._runtime.calls.health import CHECK_SECONDS, HealthChecks
from mirastack_sdk._runtime.checked_plugin import Agent
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_client import RpcEngineClient
from mirastack_sdk._runtime.engine_access.engine_config import (
    ConfigCache,
    EngineConfig,
    fetch_config,
)
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status

_LOG = Log("agent")

# What of the caller's own deadline is kept for the way back: better an answer that says what takes
# so long than none.
_SHARE_OF_THE_DEADLINE = 0.9
_SHOWN_OF_A_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many seconds the author's code may take: two of its methods, and what is cancelled."""

    health_check: float = CHECK_SECONDS
    config_updated: float = UPDATE_SECONDS
    cancelled: float = PATIENCE_SECONDS


class AgentService(PluginServiceBase):
    """Answers the engine for one agent; `patience` is how long its author's code may take.

    `engine_config` asks the engine for the configuration of an agent that reads one at its start.
    """

    def __init__(
        self,
        agent: Agent,
        link: EngineLink,
        config: ConfigCache,
        clock: Clock,
        *,
        settings: Settings,
        secrets: KnownSecrets,
        patience: Patience = Patience(),
    ) -> None:
        plugin = agent.plugin
        self._plugin = plugin
        self._link = link
        self._config = config
        self._clock = clock
        self._max_bytes = settings.max_message_bytes
        self._secrets = secrets
        self._executions = Executions(settings.limits.max_executions, patience=patience.cancelled)
        self._health = HealthChecks(lambda: plugin.health_check, seconds=patience.health_check)
        self._updates = ConfigUpdates(
            lambda: plugin.config_updated, seconds=patience.config_updated
        )
        self.engine_config: EngineConfig | None = None
        if isinstance(plugin, Living) and plugin.reads_config and link.address is not None:
            self.engine_config = EngineConfig(
                lambda: fetch_config(link),
                config,
                self._updates,
                clock,
                describe=self._reason,
                uniform=random.uniform,
            )
        self._info = info_response(agent.info, agent.schema, agent.instance_id)
        self._schema = schema_response(agent.info, agent.schema)

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:  # noqa: ARG002 - empty
        return self._info

    async def get_schema(self, request: wire.GetSchemaRequest) -> wire.GetSchemaResponse:  # noqa: ARG002 - empty
        return self._schema

    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        self._require_own_tenant(request)
        if self.engine_config is not None:
            await self.engine_config.wait(self._time_left())
        self._executions.require_room()
        started = self._clock.monotonic()
        scope = ExecutionScope()
        try:
            return await self._run(request, scope, started)
        except ParamsError as error:
            _LOG.warning("%r cannot be executed: %s", _name(request.action_id), error)
            return self._failed(self._shown(str(error)), started)
        except InvalidResponseError as error:
            _LOG.error("%r answered what cannot be sent: %s", _name(request.action_id), error)
            return self._failed(self._shown(str(error)), started)
        except AuthorError as error:
            return self._failed(self._reason(error), started)
        finally:
            scope.end()

    async def health_check(
        self,
        request: wire.HealthCheckRequest,  # noqa: ARG002 - empty
    ) -> wire.HealthCheckResponse:
        try:
            await self._health.ask(self._time_left())
        except (AuthorError, OverdueError) as error:
            return wire.HealthCheckResponse(healthy=False, message=self._reason(error))
        if self.engine_config is not None and self.engine_config.refusal:
            refused = f"the engine's configuration is not taken over: {self.engine_config.refusal}"
            return wire.HealthCheckResponse(healthy=False, message=refused)
        return wire.HealthCheckResponse(healthy=True, message="ok")

    async def config_updated(
        self, request: wire.ConfigUpdatedRequest
    ) -> wire.ConfigUpdatedResponse:
        self._config.pushed(request.config)
        if self.engine_config is not None:
            self.engine_config.on_push()
        try:
            await self._updates.take_over(request.config, self._time_left())
        except (AuthorError, OverdueError) as error:
            if self.engine_config is not None:
                self.engine_config.on_refused()
            return wire.ConfigUpdatedResponse(acknowledged=False, error=self._reason(error))
        if self.engine_config is not None:
            self.engine_config.on_taken_over()
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
        time_range = to_wire.time_range(message.time_range)
        client = RpcEngineClient(
            self._link, self._config, self._clock, ctx=ctx, scope=scope, time_range=time_range
        )
        request = to_wire.execute_request(message, client, ctx)
        author = begin_author_call(lambda: self._plugin.execute, request, name="execute")
        response = await self._executions.finish(
            author,
            action=_name(message.action_id),
            execution_id=_name(message.execution_id),
        )
        reply = execute_reply(
            response, self._milliseconds_since(started), max_bytes=self._max_bytes
        )
        require_size(reply, _written_in(call.encoding), self._max_bytes)
        return reply

    def _failed(self, error: str, started: float) -> wire.ExecuteResponse:
        return failed_reply(error, self._milliseconds_since(started))

    def _milliseconds_since(self, started: float) -> int:
        return round((self._clock.monotonic() - started) * 1000)

    def _time_left(self) -> float:
        deadline = current_call().deadline
        if deadline is None:
            return math.inf
        return max(0.0, deadline - self._clock.monotonic()) * _SHARE_OF_THE_DEADLINE

    def _reason(self, error: AuthorError | OverdueError) -> str:
        if isinstance(error, OverdueError):
            return str(error)
        return describe_exception(error.cause, self._secrets.hide)

    def _shown(self, text: str) -> str:
        return clean(text, self._secrets.hide)

    def _require_own_tenant(self, message: wire.ExecuteRequest) -> None:
        own, asked = self._link.tenant_id, message.tenant_id
        if own and asked and own != asked:
            _LOG.warning(
                "refused an execution for another tenant",
                extra={"execution_id": _name(message.execution_id), "tenant_id": _name(asked)},
            )
            raise CallRefused(Status.PERMISSION_DENIED, "this agent serves another tenant")


def _written_in(encoding: Encoding) -> Callable[[wire.ExecuteResponse], bytes]:
    return lambda reply: CODECS[encoding].for_type(wire.ExecuteResponse).encode(reply)


def _name(text: str) -> str:
    """What a caller chose freely, fit for a line of the log."""
    return text[:_SHOWN_OF_A_NAME]
