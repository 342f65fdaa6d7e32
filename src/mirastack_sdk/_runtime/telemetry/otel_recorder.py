"""Records what an agent answers and calls with OpenTelemetry."""

import asyncio
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from mirastack_sdk._core.redaction.clean import clean, describe_exception
from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.telemetry.call_spans import Api, Calls, Outcome, Subject
from mirastack_sdk._runtime.telemetry.otel_export import Destination
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import EngineError

# As OpenTelemetry's propagators write them.
type Headers = MutableMapping[str, list[str] | str]

_SCOPE = "mirastack_sdk"
_AGENT = "mirastack.plugin.v1.PluginService"
_ENGINE = "mirastack.plugin.v1.EngineService"

# The statuses that OpenTelemetry's conventions take for a server's fault; a client's are all.
_SERVER_ERRORS = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
# What callers choose freely must neither fill a span nor make a time series each.
_LONGEST_MARK = 256
_OTHER_ACTION = "_OTHER"

_EXECUTION: ContextVar[Subject | None] = ContextVar("mirastack_observed_execution", default=None)


class OpenTelemetry:
    """Records the calls of one agent with OpenTelemetry."""

    def __init__(
        self,
        api: Api,
        destination: Destination,
        settings: Settings,
        actions: frozenset[str],
        hide: Hide,
    ) -> None:
        self._api = api
        self._destination = destination
        self._actions = actions
        self._tenant_id = settings.tenant_id
        address = _server_address(settings.engine_addr)
        self._answered = Calls(
            api, api.server, _AGENT, {}, lambda error: _outcome_of_answering(error, hide)
        )
        self._called = Calls(
            api, api.client, _ENGINE, address, lambda error: _outcome_of_calling(error, hide)
        )
        self._other = Subject(marks=_marks(tenant_id=settings.tenant_id))

    def observed(self, service: PluginServiceBase) -> PluginServiceBase:
        """Return `service`, with every call it answers recorded."""
        return _ObservedService(service, self)

    @contextmanager
    def calling(self, method: str, metadata: dict[str, str]) -> Iterator[None]:
        """Record a call of the engine while it is entered; adds the trace to `metadata`."""
        subject = _EXECUTION.get() or self._other
        with self._called.recorded(method, subject) as (context, _):
            headers: Headers = {}
            self._api.propagator.inject(headers, context)
            metadata.update(_sendable(headers))
            yield

    def executing(self, request: wire.ExecuteRequest) -> AbstractContextManager[Outcome]:
        """Record an execution while it is entered, and mark what is called meanwhile as its own."""
        action = request.action_id
        marks = _marks(
            action=action,
            execution_id=request.execution_id,
            tenant_id=request.tenant_id or self._tenant_id,
        )
        known = action if action in self._actions else _OTHER_ACTION
        return self._answering("Execute", Subject(marks=marks, action=known))

    def answering(self, method: str) -> AbstractContextManager[Outcome]:
        """Record the answer to a call that is no execution while it is entered."""
        return self._answering(method, self._other)

    async def close(self, timeout: float) -> None:
        """Send what is left to send, within `timeout` seconds."""
        await self._destination.close(timeout)

    @contextmanager
    def _answering(self, method: str, subject: Subject) -> Iterator[Outcome]:
        parent = self._api.propagator.extract(current_call().metadata)
        with self._answered.recorded(method, subject, parent) as (context, outcome):
            # The author's own spans, and calls of the engine, become children.
            attached = self._api.attach(context)
            entered = _EXECUTION.set(subject if subject.action else None)
            try:
                yield outcome
            finally:
                _EXECUTION.reset(entered)
                self._api.detach(attached)


class _ObservedService(PluginServiceBase):
    """A service whose every answer is recorded."""

    def __init__(self, service: PluginServiceBase, telemetry: OpenTelemetry) -> None:
        self._service = service
        self._telemetry = telemetry

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:
        with self._telemetry.answering("Info"):
            return await self._service.info(request)

    async def get_schema(self, request: wire.GetSchemaRequest) -> wire.GetSchemaResponse:
        with self._telemetry.answering("GetSchema"):
            return await self._service.get_schema(request)

    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        with self._telemetry.executing(request) as outcome:
            reply = await self._service.execute(request)
            if not reply.success:
                outcome.failed("execution_failed", reply.error)
            return reply

    async def health_check(self, request: wire.HealthCheckRequest) -> wire.HealthCheckResponse:
        with self._telemetry.answering("HealthCheck") as outcome:
            reply = await self._service.health_check(request)
            if not reply.healthy:
                outcome.failed("unhealthy", reply.message)
            return reply

    async def config_updated(
        self, request: wire.ConfigUpdatedRequest
    ) -> wire.ConfigUpdatedResponse:
        with self._telemetry.answering("ConfigUpdated") as outcome:
            reply = await self._service.config_updated(request)
            if not reply.acknowledged:
                outcome.failed("config_refused", reply.error)
            return reply


def open_telemetry(
    agent: CheckedPlugin, settings: Settings, environ: Mapping[str, str], *, hide: Hide
) -> OpenTelemetry:
    """Begin to record the calls of an agent; `environ` holds OpenTelemetry's own variables.

    No error's text is recorded with what `hide` takes out of it.

    Raises `ConfigurationError` when a package is missing or a variable cannot be used.
    """
    destination = Destination.of(agent, environ)
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
    actions = frozenset(action.name for action in agent.schema.actions)
    return OpenTelemetry(api, destination, settings, actions, hide)


def _marks(**values: str) -> dict[str, str]:
    return {f"mirastack.{name}": text[:_LONGEST_MARK] for name, text in values.items() if text}


def _server_address(engine: Address | None) -> dict[str, str | int]:
    if engine is None:
        return {}
    return {"server.address": engine.host, "server.port": engine.port}


def _sendable(headers: Headers) -> dict[str, str]:
    """The headers of a propagator, as gRPC takes them: a call must not fail for its trace."""
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
    """The gRPC status that a client gives itself, where the engine has given none."""
    name = reason.upper()
    return name if name in Status.__members__ else "INTERNAL"


def _outcome_of_answering(error: BaseException, hide: Hide) -> Outcome:
    match error:
        case CallRefused():
            status, text = error.status.name, clean(error.message, hide)
        case asyncio.CancelledError():
            status, text = _status_of_cancelled(), "the call was ended before its answer"
        case _:
            return Outcome("INTERNAL", type(error).__name__, describe_exception(error, hide))
    return Outcome(status, status, text) if status in _SERVER_ERRORS else Outcome(status)


def _status_of_cancelled() -> str:
    deadline = current_call().deadline
    overdue = deadline is not None and asyncio.get_running_loop().time() >= deadline
    return "DEADLINE_EXCEEDED" if overdue else "CANCELLED"
