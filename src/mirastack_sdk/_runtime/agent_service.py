"""The service of an agent: the engine's calls, handed to the author's methods."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from mirastack_sdk._core.contract.execute_messages import (
    InvalidResponseError,
    execute_request,
    time_range,
)
from mirastack_sdk._core.contract.parameters import ParamsError
from mirastack_sdk._core.contract.to_wire import info_response, schema_response
from mirastack_sdk._core.model.context import Context
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse
from mirastack_sdk._core.model.plugin_base import DISPATCHER, Dispatcher, HasLifespan
from mirastack_sdk._core.redaction.clean import clean, clean_log, describe_exception, text_of
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets, secret_notice
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._log import Log, LoggedCall, enter_logged_call
from mirastack_sdk._runtime.calls.author_call import (
    CANCEL_GRACE,
    AuthorCall,
    AuthorError,
    OverdueError,
    start_author_call,
)
from mirastack_sdk._runtime.calls.config_reload import ConfigReload
from mirastack_sdk._runtime.calls.config_updates import (
    UPDATE_SECONDS,
    ConfigUpdates,
    StoredConfig,
)
from mirastack_sdk._runtime.calls.executions import (
    ExecutionCounts,
    Executions,
    ExecutionScope,
)
from mirastack_sdk._runtime.calls.health import CHECK_SECONDS, HealthChecks
from mirastack_sdk._runtime.calls.response_writer import ResponseWriter
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_client import RpcEngineClient, publish_progress
from mirastack_sdk._runtime.engine_access.engine_config import (
    ConfigCache,
    EngineConfig,
    fetch_config,
)
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk._wire.socket.jitter import uniform
from mirastack_sdk.errors import ActionError

if TYPE_CHECKING:
    from mirastack_sdk._runtime.calls.progress import ProgressPublisher

type ExecuteMethod = Callable[[ExecuteRequest], Awaitable[ExecuteResponse] | ExecuteResponse]

_LOG = Log("agent")

# The rest of the caller's deadline is for the way back: better a response that names what takes so
# long than none.
_SHARE_OF_THE_DEADLINE = 0.9
# What a caller chose freely must not fill the log.
_SHOWN_OF_A_NAME = 64


class AuthorTimeouts(NamedTuple):
    """How many seconds the author's code may take: two of its methods, and what is cancelled."""

    health_check: float = CHECK_SECONDS
    config_updated: float = UPDATE_SECONDS
    cancelled: float = CANCEL_GRACE


class AgentService(PluginServiceBase):
    """Serves the engine's calls of one agent; `timeouts` bound its author's code.

    `fetched_config` fetches the config; it is `None` if there is no engine, or the agent takes no
    config.
    """

    def __init__(
        self,
        agent: CheckedPlugin,
        link: EngineLink,
        config: ConfigCache,
        clock: Clock,
        *,
        settings: Settings,
        secrets: KnownSecrets,
        timeouts: AuthorTimeouts = AuthorTimeouts(),  # noqa: B008 - it is frozen
    ) -> None:
        plugin = agent.plugin
        self._plugin = plugin
        self._link = link
        self._config = config
        self._clock = clock
        self._secrets = secrets
        self._hide_in_json = secrets.hide_in_json
        self._responses = ResponseWriter(secrets, clock, agent.schema, settings.max_message_bytes)
        self._executions = Executions(
            settings.limits.max_executions, cancel_grace=timeouts.cancelled
        )
        of_tenant: LoggedCall = ("", "", "", link.tenant_id)
        self._health = HealthChecks(
            lambda: plugin.health_check, seconds=timeouts.health_check, logged_as=of_tenant
        )
        self._engine_config = self._new_engine_config(agent, timeouts, of_tenant)
        self.config_reload = ConfigReload(self._engine_config.updates, clock, self._reason)
        self._progress = self._new_progress_publisher()
        is_fetched = link.address is not None and agent.takes_config
        self.fetched_config = self._engine_config if is_fetched else None
        self._info = info_response(agent.info, agent.schema, agent.instance_id)
        self._schema = schema_response(agent.info, agent.schema)

    @property
    def config_in_force(self) -> StoredConfig | None:
        """The last config of the engine's, if the author's code has accepted it."""
        return self._engine_config.current

    @property
    def executions(self) -> ExecutionCounts:
        """How many executions run, wait and were refused."""
        return self._executions.counts

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:  # noqa: ARG002 - empty
        return self._info

    async def get_schema(self, request: wire.GetSchemaRequest) -> wire.GetSchemaResponse:  # noqa: ARG002 - empty
        return self._schema

    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        self._require_own_tenant(request)
        # What is nearly always so is asked for first: a coroutine costs more than the question.
        config = self.fetched_config
        if config is not None and not config.is_settled:
            await config.wait(self._time_left())
        if not self._executions.have_capacity:
            await self._executions.require_capacity()
        started = self._clock.monotonic()
        scope = ExecutionScope(self._progress)
        try:
            author, action = self._start(request, scope)
            if author.has_ended and author.error is None and scope.reporter is None:
                response = author.result()
            else:
                response = await self._finish(author, request, scope)
            plain = self._responses.plain_message(response, started)
            if plain is not None:
                return plain
            return await self._responses.message(
                response, action=action, started=started, encoding=current_call().encoding
            )
        except ParamsError as error:
            _LOG.warning("%r cannot be executed: %s", request.action_id[:_SHOWN_OF_A_NAME], error)
            return self._responses.failure(self._shown(str(error)), started)
        except InvalidResponseError as error:
            _LOG.error(
                "the response of %r cannot be sent: %s", request.action_id[:_SHOWN_OF_A_NAME], error
            )
            return self._responses.failure(self._shown(str(error)), started)
        except AuthorError as error:
            return self._responses.failure(self._reason(error), started)
        finally:
            scope.end()

    async def health_check(
        self,
        request: wire.HealthCheckRequest,  # noqa: ARG002 - empty
    ) -> wire.HealthCheckResponse:
        try:
            await self._health.check(self._time_left())
        except (AuthorError, OverdueError) as error:
            return wire.HealthCheckResponse(healthy=False, message=self._reason(error))
        plugin = self._plugin
        if isinstance(plugin, HasLifespan) and (problem := plugin.health_problem):
            return wire.HealthCheckResponse(healthy=False, message=self._shown(problem))
        if self._engine_config.refusal:
            refused = f"the engine's config is refused: {self._engine_config.refusal}"
            return wire.HealthCheckResponse(healthy=False, message=refused)
        if refused := self.config_reload.refusal:
            return wire.HealthCheckResponse(healthy=False, message=refused)
        return wire.HealthCheckResponse(healthy=True, message="ok")

    async def is_healthy(self) -> bool:
        """Return whether the agent can use its backend, and so on, as the engine is told."""
        return (await self.health_check(wire.HealthCheckRequest())).healthy

    async def config_updated(
        self, request: wire.ConfigUpdatedRequest
    ) -> wire.ConfigUpdatedResponse:
        pushed = StoredConfig(request.config, request.version)
        try:
            await self._engine_config.push(pushed, self._time_left())
        except (AuthorError, OverdueError) as error:
            return wire.ConfigUpdatedResponse(acknowledged=False, error=self._reason(error))
        _LOG.info("config updated", extra={"version": request.version})
        return wire.ConfigUpdatedResponse(acknowledged=True)

    def _new_engine_config(
        self, agent: CheckedPlugin, timeouts: AuthorTimeouts, of_tenant: LoggedCall
    ) -> EngineConfig:
        plugin = agent.plugin
        return EngineConfig(
            lambda: fetch_config(self._link),
            self._config,
            ConfigUpdates(
                lambda: plugin.config_updated,
                seconds=timeouts.config_updated,
                # However often the engine sends other ones that are refused.
                on_accepted=secret_notice(agent.info, self._secrets, user="the accepted config"),
                logged_as=of_tenant,
            ),
            self._clock,
            describe=self._reason,
            uniform=uniform,
        )

    def _new_progress_publisher(self) -> "ProgressPublisher | None":
        """What publishes progress; without an engine, nothing does."""
        if self._link.address is None:
            return None
        from mirastack_sdk._runtime.calls.progress import ProgressPublisher  # noqa: PLC0415 - only with an engine

        clean_message = partial(clean_log, hide=self._secrets.hide)
        return ProgressPublisher(
            publish=partial(publish_progress, self._link, self._clock, clean_message),
            clock=self._clock,
        )

    def _start(
        self, message: wire.ExecuteRequest, scope: ExecutionScope
    ) -> tuple[AuthorCall[ExecuteResponse], str]:
        """Start the author's code; return its call, and the name of the action."""
        ctx = self._context(message, scope)
        enter_logged_call((ctx.execution_id, ctx.step_id, message.action_id, ctx.tenant_id))
        asked_range = time_range(message.time_range)
        client = RpcEngineClient(
            self._link,
            self._config,
            self._clock,
            ctx=ctx,
            scope=scope,
            time_range=asked_range,
            hide_in_json=self._hide_in_json,
        )
        request = execute_request(
            message,
            client,
            ctx,
            asked_range,
            on_other_action=partial(_warn_of_other_action, message),
        )
        if not message.action_id:
            enter_logged_call((ctx.execution_id, ctx.step_id, request.action, ctx.tenant_id))
        author = start_author_call(
            partial(self._execute_method, request.action), request, name="execute"
        )
        return author, request.action

    def _context(self, message: wire.ExecuteRequest, scope: ExecutionScope) -> Context:
        call = current_call()
        return Context(
            execution_id=message.execution_id,
            step_id=message.step_id,
            workflow_id=message.workflow_id,
            tenant_id=message.tenant_id or self._link.tenant_id,
            deadline=call.deadline,
            values=MappingProxyType(message.context),
            metadata=MappingProxyType(call.metadata),
            _note=scope.note_progress,
        )

    async def _finish(
        self,
        author: AuthorCall[ExecuteResponse],
        message: wire.ExecuteRequest,
        scope: ExecutionScope,
    ) -> ExecuteResponse:
        try:
            response = await self._executions.finish(
                author,
                action=message.action_id[:_SHOWN_OF_A_NAME],
                execution_id=message.execution_id[:_SHOWN_OF_A_NAME],
            )
        except AuthorError as error:
            if scope.reporter is not None:
                await scope.reporter.finish()
            if isinstance(error.cause, ActionError):
                # As in a typed action: the model can act on it.
                return ExecuteResponse(logs=[text_of(error.cause)])
            raise
        if scope.reporter is not None:
            await scope.reporter.finish()
        return response

    def _execute_method(self, action: str) -> ExecuteMethod:
        """What runs an action: the runner that `execute` would dispatch to, or `execute` itself."""
        execute = self._plugin.execute
        dispatcher: Dispatcher | None = getattr(execute, DISPATCHER, None)
        # A method that wraps a dispatching one has its attributes, and does more.
        if dispatcher is None or dispatcher.method is not getattr(execute, "__func__", None):
            return execute
        runner = dispatcher.runners(self._plugin)(action)
        return execute if runner is None else runner.run

    def _time_left(self) -> float:
        deadline = current_call().deadline
        if deadline is None:
            return math.inf
        return max(0.0, deadline - self._clock.monotonic()) * _SHARE_OF_THE_DEADLINE

    def _reason(self, error: AuthorError | OverdueError) -> str:
        if isinstance(error, OverdueError):
            return str(error)
        if isinstance(error.cause, asyncio.CancelledError) and not error.cause.args:
            return "the agent's code raised CancelledError, although nobody cancelled the call"
        return describe_exception(error.cause, self._secrets.hide)

    def _shown(self, text: str) -> str:
        return clean(text, self._secrets.hide)

    def _require_own_tenant(self, message: wire.ExecuteRequest) -> None:
        own, other = self._link.tenant_id, message.tenant_id
        if own and other and own != other:
            _LOG.warning(
                "refused an execution for another tenant",
                extra={
                    "execution_id": message.execution_id[:_SHOWN_OF_A_NAME],
                    "tenant_id": other[:_SHOWN_OF_A_NAME],
                },
            )
            raise CallRefused(Status.PERMISSION_DENIED, "this agent serves another tenant")


def _warn_of_other_action(message: wire.ExecuteRequest, named: str) -> None:
    _LOG.warning(
        "the parameters name the action %r, but the engine asks for %r, which runs",
        named[:_SHOWN_OF_A_NAME],
        message.action_id[:_SHOWN_OF_A_NAME],
        extra={"execution_id": message.execution_id[:_SHOWN_OF_A_NAME]},
    )
