"""The recorder of an agent's calls, in both directions, with OpenTelemetry."""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from mirastack_sdk._core.redaction.known_secrets import Hide, KnownSecrets
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.telemetry.action_records import (
    LONGEST_MARK,
    ActionRecords,
    ActionRun,
)
from mirastack_sdk._runtime.telemetry.call_outcomes import (
    AGENT_SERVICE,
    ENGINE_SERVICE,
    Outcome,
    action_of,
    outcome_of_calling,
    outcome_of_serving,
)
from mirastack_sdk._runtime.telemetry.call_spans import Api, Calls, Subject
from mirastack_sdk._runtime.telemetry.collector_headers import collector_headers
from mirastack_sdk._runtime.telemetry.otel_export import Destination
from mirastack_sdk._wire.grpc.current_call import current_call

if TYPE_CHECKING:
    from opentelemetry.context import Context

# As OpenTelemetry's propagators write them.
type Headers = MutableMapping[str, list[str] | str]

_SCOPE = "mirastack_sdk"

# The name that the platform's other SDKs give to the span of an execution.
_EXECUTION_SPAN = "plugin.execute"
_EXECUTION: ContextVar[Subject | None] = ContextVar("mirastack_observed_execution", default=None)


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
            api, api.server, AGENT_SERVICE, {}, lambda error: outcome_of_serving(error, hide)
        )
        self._called = Calls(
            api, api.client, ENGINE_SERVICE, address, lambda error: outcome_of_calling(error, hide)
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
        action = action_of(request)
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
    agent: CheckedPlugin, settings: Settings, environ: Mapping[str, str], secrets: KnownSecrets
) -> OpenTelemetry:
    """Start recording the calls of an agent; `environ` holds OpenTelemetry's own variables.

    `secrets` are removed from the texts of errors, and learn the values of the headers that are
    read from a file.

    Raises `ConfigurationError` when a package is missing, or a variable or a file cannot be used.
    """
    headers = collector_headers(settings.telemetry_headers_file, environ)
    secrets.learn(headers.values(), user="the collector's headers")
    destination = Destination.of(agent, environ, settings.metric_export_interval, headers)
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
    return OpenTelemetry(api, destination, settings, actions, secrets.hide)


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
