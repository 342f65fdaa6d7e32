"""One run of a recorded execution: the agent is served on loopback, without an engine."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import (
    ENGINE_ADDR,
    LISTEN_ADDR,
    TENANT_ID,
    VARIABLES,
    Settings,
)
from mirastack_sdk._core.settings.shutdown_variables import SHUTDOWN_GRACE
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.clock import Clock, SystemClock
from mirastack_sdk._runtime.connection_security.protection import Protection
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, Fetch, Notice
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.lifecycle import run_agent
from mirastack_sdk._runtime.recording.execution_capture import (
    GET_CONFIG,
    CapturedExecution,
    CapturingConfigCache,
    CapturingLink,
    CapturingService,
    running_execution,
)
from mirastack_sdk._runtime.recording.message_form import Form, form_of
from mirastack_sdk._runtime.recording.recorded_form import RecordedAgent, recorded_agent
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry
from mirastack_sdk._wire.client.engine_errors import engine_error
from mirastack_sdk._wire.client.pool import ConnectionOptions
from mirastack_sdk._wire.codec.methods import Method
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing._agent_client import AgentConnections
from mirastack_sdk.testing._in_process.agent_environment import agent_environment
from mirastack_sdk.testing._replay.recorded_answers import RecordedAnswers
from mirastack_sdk.testing._replay.recording_file import RecordedExecution, ReplayError

_FREE_PORT = "127.0.0.1:0"
# Nothing is ever sent there.
_NO_ENGINE = "127.0.0.1:1"
_GRACE_SECONDS = "1"
# From the end of the call to the moment when the agent has noticed it.
_END_SECONDS = 10.0


class ReplayedLink(CapturingLink):
    """A link to an engine that gives the recorded answers."""

    answer: "ReplayRun"

    def send[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        timeout: float,  # noqa: ARG002 - the answer is there
        scope: ExecutionScope | None,
    ) -> Coroutine[None, None, Response]:
        """Return what the engine answered."""
        answer = self.answer.response(method.name, request, method.response_type)
        return answer if scope is None else scope.within(method.name, answer)


class ReplayedConfig(CapturingConfigCache):
    """The config that the execution got from the engine when it was recorded."""

    answer: "ReplayRun"

    async def look_up(self, fetch: Fetch) -> wire.GetConfigResponse:  # noqa: ARG002 - see above
        """Return what the engine answered."""
        request = wire.GetConfigRequest()
        return await self.answer.response(GET_CONFIG, request, wire.GetConfigResponse)


class ReplayRun:
    """Stands for the engine and the recorder of an agent while it repeats an execution."""

    def __init__(self, recorded: RecordedExecution, config: Mapping[str, str]) -> None:
        self._recorded = recorded
        self._answers = RecordedAnswers(recorded.calls)
        self._agent: RecordedAgent | None = None
        self._clock: Clock = SystemClock()
        self._began = asyncio.Event()
        self._ended: asyncio.Future[CapturedExecution] = asyncio.get_running_loop().create_future()
        version = recorded.config_version or 1
        self._of_the_agent: dict[type, object] = {
            wire.RegisterPluginResponse: wire.RegisterPluginResponse(success=True),
            wire.DeregisterPluginResponse: wire.DeregisterPluginResponse(acknowledged=True),
            wire.HeartbeatResponse: wire.HeartbeatResponse(acknowledged=True),
            wire.GetConfigResponse: wire.GetConfigResponse(config=dict(config), version=version),
        }

    def open(self, agent: CheckedPlugin, secrets: KnownSecrets, clock: Clock) -> "ReplayRun":
        """See `OpenRecording`."""
        self._agent = recorded_agent(agent, secrets)
        self._clock = clock
        return self

    def link(
        self,
        settings: Settings,
        plugin_name: str,
        telemetry: Telemetry | None,
        protection: Protection,
        clock: Clock,
        options: ConnectionOptions | None,
    ) -> EngineLink:
        """See `Recording`."""
        link = ReplayedLink(
            settings, plugin_name, telemetry, protection, clock=clock, options=options
        )
        link.answer = self
        return link

    def config_cache(self, ttl: float, clock: Clock, *, notice: Notice) -> ConfigCache:
        """See `Recording`."""
        config = ReplayedConfig(ttl, clock, notice=notice)
        config.answer = self
        return config

    def observed(self, service: AgentService) -> PluginServiceBase:
        """See `Recording`."""
        return CapturingService(service, self, self._clock)

    async def close(self, timeout: float) -> None:
        """See `Recording`."""

    def is_wanted(self) -> bool:
        """See `Captures`."""
        self._began.set()
        return not self._ended.done()

    def take(self, size: int, calls: int) -> bool:  # noqa: ARG002 - whatever they are
        """See `Room`: what was recorded has been small enough."""
        return True

    def grow(self, size: int) -> None:
        """See `Room`."""

    def give_back(self, size: int) -> None:
        """See `Room`."""

    def ended(self, execution: CapturedExecution) -> None:
        """See `Captures`."""
        self._ended.set_result(execution)

    async def response[Response](
        self, method: str, request: object, response_type: type[Response]
    ) -> Response:
        """Return the engine's answer to a call of the execution, or of the agent itself."""
        execution = running_execution()
        if execution is not None and self._agent is not None:
            shown = self._agent.redaction(execution.request).shown
            form = form_of(request, shown=shown)
            return await self._answers.response(method, form, response_type)
        response = self._of_the_agent.get(response_type)
        if isinstance(response, response_type):
            return response
        raise EngineError(
            f"{method}: a recording has only the calls that are made within its execution",
            reason="not_connected",
        )

    async def result(self, port: int, timeout: float) -> Form:
        """Call the agent that listens on `port`, and return the execution as it is written.

        An execution that was cancelled is cancelled again: when it waits for the answers that it
        did not get, or, if it got all, after the same time. Raises `ReplayError` if the agent does
        not run it.
        """
        recorded = self._recorded
        connections = AgentConnections(Address.parse(f"127.0.0.1:{port}"))
        stub = connections.stub(recorded.encoding)
        call = asyncio.create_task(
            stub.execute(recorded.request, timeout=timeout, metadata=dict(recorded.metadata))
        )
        try:
            if recorded.is_cancelled:
                await self._wait_for_cancellation(call)
                call.cancel()
            await asyncio.wait((call,))
            return self._written(await self._captured(call))
        finally:
            call.cancel()
            connections.close()

    async def _wait_for_cancellation(self, call: asyncio.Task[wire.ExecuteResponse]) -> None:
        moment = asyncio.create_task(self._moment_of_cancellation())
        await asyncio.wait((call, moment), return_when=asyncio.FIRST_COMPLETED)
        moment.cancel()

    async def _moment_of_cancellation(self) -> None:
        await self._began.wait()
        if self._answers.has_unanswered:
            await self._answers.is_stuck.wait()
        else:
            await self._clock.sleep(self._recorded.seconds)

    async def _captured(self, call: asyncio.Task[wire.ExecuteResponse]) -> CapturedExecution:
        error = None if call.cancelled() else call.exception()
        # An execution that was refused is not captured; a deadline is noticed by the agent, too.
        seconds = 0.0 if isinstance(error, Exception) and not _is_late(error) else _END_SECONDS
        await asyncio.wait((self._ended,), timeout=seconds)
        if self._ended.done():
            return self._ended.result()
        why = (
            "it did not end"
            if not isinstance(error, Exception)
            else str(engine_error(error, method="Execute", peer="the agent"))
        )
        raise ReplayError(f"the agent did not run the execution: {why}", reason="refused")

    def _written(self, execution: CapturedExecution) -> Form:
        if self._agent is None:
            raise AssertionError("the agent is served before it is called")
        form, _ = self._agent.written(execution)
        return form


def _is_late(error: Exception) -> bool:
    return engine_error(error, method="Execute").reason == "deadline_exceeded"


@asynccontextmanager
async def serving(
    agent: CheckedPlugin, run: ReplayRun, environ: Mapping[str, str]
) -> AsyncIterator[int]:
    """Serve an agent on loopback; gives its port. Raises what `serve_async` does."""
    stop = asyncio.Event()
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    served = asyncio.create_task(
        run_agent(
            agent,
            Settings.from_mapping(environ),
            stop=stop,
            on_listening=listening.set_result,
            clock=SystemClock(),
            environ=environ,
            record=run.open,
        ),
        name="replayed-agent",
    )
    try:
        await asyncio.wait((served, listening), return_when=asyncio.FIRST_COMPLETED)
        if listening.done():
            yield listening.result()
        else:
            await served
            raise ReplayError("the agent stopped as it started", reason="refused")
    finally:
        stop.set()
        listening.cancel()
        await served


def replay_environment(environ: Mapping[str, str] | None, tenant_id: str) -> dict[str, str]:
    """The variables of a replayed agent: the author's own, and nothing of how it is served."""
    ours = {variable.name for variable in VARIABLES}
    given = agent_environment(environ)
    kept = {name: value for name, value in given.items() if name not in ours}
    return {
        **kept,
        ENGINE_ADDR.name: _NO_ENGINE,
        LISTEN_ADDR.name: _FREE_PORT,
        SHUTDOWN_GRACE.name: _GRACE_SECONDS,
        TENANT_ID.name: tenant_id,
    }
