"""The recorder of an agent's calls, in both directions, with OpenTelemetry."""

import asyncio
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from mirastack_sdk._core.contract.parameters import ParamsError, parse_params
from mirastack_sdk._core.redaction.clean import clean, describe_exception
from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._dataclasses import dataclass
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.telemetry.action_records import (
    LONGEST_MARK,
    ActionRecords,
    ActionRun,
)
from mirastack_sdk._runtime.telemetry.call_spans import Api, Calls, Outcome, Subject
from mirastack_sdk._runtime.telemetry.otel_export import Destination
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import EngineError

if TYPE_CHECKING:
    from opentelemetry.context import Context

# As OpenTelemetry's propagators write them.
type Headers = MutableMapping[str, list[str] | str]

_SCOPE = "mirastack_sdk"
_AGENT = "mirastack.plugin.v1.PluginService"
_ENGINE = "mirastack.plugin.v1.EngineService"

# The statuses that OpenTelemetry's conventions count as errors of a server; of a client, all are.
_SERVER_ERRORS = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
# The name that the platform's other SDKs give to the span of an execution.
_EXECUTION_SPAN = "plugin.execute"
# Reading the parameters twice only for the action's name must cost little.
_MOST_PARAMS_READ = 65_536

_EXECUTION: ContextVar[Subject | None] = ContextVar("mirastack_observed_execution", default=None)
# A caller's deadline begins before its request arrives, so the caller may reset a call that has
# outlasted its deadline a little before the deadline ends here.
_CALLER_IS_EARLIER_BY = 0.1


class OpenTelemetry:
    """Records the calls of one agent with OpenTelemetry."""

    def __init__(
        self,
        api: Api,
        destination: Destination,
        settings: Settings,
        actions: ActionRecords,
        hide: Hide,
    ) -> None:
        self._api = api
        self._destination = destination
        self._actions = actions
        self._tenant_id = settings.tenant_id
        address = _server_address(settings.engine_addr)
        self._served = Calls(
            api, api.server, _AGENT, {}, lambda error: _outcome_of_serving(error, hide)
        )
        self._called = Calls(
            api, api.client, _ENGINE, address, lambda error: _outcome_of_calling(error, hide)
        )
        self._other = Subject(marks=_marks(tenant_id=settings.tenant_id))

    def observed(self, service: PluginServiceBase) -> PluginServiceBase:
        """Return `service`, with every call that it serves recorded."""
        return _RecordedService(service, self)

    @contextmanager
    def calling(self, method: str, metadata: dict[str, str]) -> Iterator[None]:
        """Record a call of the engine while it is entered; adds the trace to `metadata`."""
        subject = _EXECUTION.get() or self._other
        with self._called.recorded(method, subject) as (context, _):
            headers: Headers = {}
            self._api.propagator.inject(headers, context)
            metadata.update(_sendable(headers))
            yield

    @contextmanager
    def executing(self, request: wire.ExecuteRequest) -> Iterator["_Execution"]:
        """Record an execution while it is entered, and the calls made meanwhile as part of it."""
        action = _action_of(request)
        subject = Subject(
            marks=_marks(
                action=action,
                execution_id=request.execution_id,
                tenant_id=request.tenant_id or self._tenant_id,
            ),
            action=self._actions.label_of(action),
        )
        published: dict[str, str | bool] = {
            "plugin.action": action[:LONGEST_MARK],
            "plugin.execution_id": request.execution_id[:LONGEST_MARK],
            "plugin.success": False,
        }
        parent = self._api.propagator.extract(current_call().metadata)
        with (
            self._served.recorded(
                "Execute", subject, parent, span_name=_EXECUTION_SPAN, marks=published
            ) as (context, outcome),
            self._actions.recorded(action, len(request.params_json), context) as (inner, run),
            self._entered(inner, subject),
        ):
            yield _Execution(outcome, run)

    @contextmanager
    def serving(self, method: str) -> Iterator[Outcome]:
        """Record a call that is not an execution while it is entered."""
        parent = self._api.propagator.extract(current_call().metadata)
        with (
            self._served.recorded(method, self._other, parent) as (context, outcome),
            self._entered(context, None),
        ):
            yield outcome

    async def close(self, timeout: float) -> None:
        """Send what is left to send, within `timeout` seconds."""
        await self._destination.close(timeout)

    @contextmanager
    def _entered(self, context: "Context", execution: Subject | None) -> Iterator[None]:
        """Make the author's own spans, and calls of the engine, children of the context's span."""
        attached = self._api.attach(context)
        entered = _EXECUTION.set(execution)
        try:
            yield
        finally:
            _EXECUTION.reset(entered)
            self._api.detach(attached)


@dataclass(frozen=True, slots=True)
class _Execution:
    """What is recorded of one execution: the call, and the action that it runs."""

    outcome: Outcome
    run: ActionRun

    def finished(self, response: wire.ExecuteResponse) -> None:
        """Take note of the response."""
        self.run.finished(response)
        self.outcome.marks["plugin.success"] = response.success
        if not response.success:
            self.outcome.failed("execution_failed", response.error)


class _RecordedService(PluginServiceBase):
    """A service that records every call."""

    def __init__(self, service: PluginServiceBase, telemetry: OpenTelemetry) -> None:
        self._service = service
        self._telemetry = telemetry

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:
        with self._telemetry.serving("Info"):
            return await self._service.info(request)

    async def get_schema(self, request: wire.GetSchemaRequest) -> wire.GetSchemaResponse:
        with self._telemetry.serving("GetSchema"):
            return await self._service.get_schema(request)

    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        with self._telemetry.executing(request) as execution:
            response = await self._service.execute(request)
            execution.finished(response)
            return response

    async def health_check(self, request: wire.HealthCheckRequest) -> wire.HealthCheckResponse:
        with self._telemetry.serving("HealthCheck") as outcome:
            response = await self._service.health_check(request)
            if not response.healthy:
                outcome.failed("unhealthy", response.message)
            return response

    async def config_updated(
        self, request: wire.ConfigUpdatedRequest
    ) -> wire.ConfigUpdatedResponse:
        with self._telemetry.serving("ConfigUpdated") as outcome:
            response = await self._service.config_updated(request)
            if not response.acknowledged:
                outcome.failed("config_refused", response.error)
            return response


def open_telemetry(
    agent: CheckedPlugin, settings: Settings, environ: Mapping[str, str], *, hide: Hide
) -> OpenTelemetry:
    """Start recording the calls of an agent; `environ` holds OpenTelemetry's own variables.

    `hide` removes secrets from the texts of errors.

    Raises `ConfigurationError` when a package is missing or a variable cannot be used.
    """
    destination = Destination.of(agent, environ, settings.metric_export_interval)
    from opentelemetry import context, propagate, trace  # noqa: PLC0415 - an optional extra

    api = Api(
        tracer=destination.tracer_provider.get_tracer(_SCOPE),
        meter=destination.meter_provider.get_meter(_SCOPE),
        propagator=propagate.get_global_textmap(),
        server=trace.SpanKind.SERVER,
        client=trace.SpanKind.CLIENT,
        error=trace.StatusCode.ERROR,
        with_span=trace.set_span_in_context,
        attach=context.attach,
        detach=context.detach,
    )
    permissions = {
        action.name: (action.permission or agent.info.permission).value
        for action in agent.schema.actions
    }
    actions = ActionRecords(api, agent.info.name, permissions, settings.tenant_id)
    return OpenTelemetry(api, destination, settings, actions, hide)


def _action_of(request: wire.ExecuteRequest) -> str:
    """The action that runs: agents of other SDKs name it in the parameters alone."""
    if request.action_id or len(request.params_json) > _MOST_PARAMS_READ:
        return request.action_id
    try:
        return parse_params(request.params_json, "").get("action", "")
    except ParamsError:
        return ""


def _marks(**values: str) -> dict[str, str]:
    return {f"mirastack.{name}": text[:LONGEST_MARK] for name, text in values.items() if text}


def _server_address(engine: Address | None) -> dict[str, str | int]:
    if engine is None:
        return {}
    return {"server.address": engine.host, "server.port": engine.port}


def _sendable(headers: Headers) -> dict[str, str]:
    """The propagator's headers that gRPC allows: a call must not fail because of its trace."""
    return {
        name.lower(): text
        for name, text in headers.items()
        if isinstance(text, str) and text.isascii() and text.isprintable()
    }


def _outcome_of_calling(error: BaseException, hide: Hide) -> Outcome:
    if isinstance(error, EngineError):
        status = error.status or _status_named(error.reason)
        return Outcome(status, error.status or error.reason, describe_exception(error, hide))
    if isinstance(error, asyncio.CancelledError):
        return Outcome("CANCELLED", "CANCELLED", "the agent gave up waiting")
    return Outcome("INTERNAL", type(error).__name__, describe_exception(error, hide))


def _status_named(reason: str) -> str:
    """The gRPC status of an error for which the engine sent none."""
    name = reason.upper()
    return name if name in Status.__members__ else "INTERNAL"


def _outcome_of_serving(error: BaseException, hide: Hide) -> Outcome:
    match error:
        case CallRefused():
            status, text = error.status.name, clean(error.message, hide)
        case asyncio.CancelledError():
            status, text = _status_of_cancelled(), "the call ended before its response"
        case _:
            return Outcome("INTERNAL", type(error).__name__, describe_exception(error, hide))
    return Outcome(status, status, text) if status in _SERVER_ERRORS else Outcome(status)


def _status_of_cancelled() -> str:
    deadline = current_call().deadline
    now = asyncio.get_running_loop().time()
    overdue = deadline is not None and now >= deadline - _CALLER_IS_EARLIER_BY
    return "DEADLINE_EXCEEDED" if overdue else "CANCELLED"
