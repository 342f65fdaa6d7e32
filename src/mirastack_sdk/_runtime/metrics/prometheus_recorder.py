"""The recorder that counts and times an agent's calls for Prometheus.

Names and labels are those into which OpenTelemetry's become when a collector passes them on to
Prometheus, so that a dashboard shows both.
"""

import time
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry, Counter, Histogram

from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.telemetry.action_records import (
    ACTION_BOUNDS,
    AGENT,
    OTHER_ACTION,
    UNRESOLVED,
)
from mirastack_sdk._runtime.telemetry.call_outcomes import (
    AGENT_SERVICE,
    ENGINE_SERVICE,
    Outcome,
    action_of,
    outcome_of_calling,
    outcome_of_serving,
)
from mirastack_sdk._runtime.telemetry.call_spans import CALL_BOUNDS
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry

type _Labels = Mapping[str, str]


class _ActionSeries:
    """What is recorded of the executions of each declared action, by its outcome."""

    def __init__(
        self, registry: CollectorRegistry, constant: _Labels, actions: Collection[str]
    ) -> None:
        names = (*constant, "action", "outcome")
        count = Counter(
            "mirastack_agent_actions_total", "Actions that were run.", names, registry=registry
        )
        self._latency = Histogram(
            "mirastack_agent_action_latency_seconds",
            "How long actions take.",
            names,
            registry=registry,
            buckets=ACTION_BOUNDS,
        )
        # All from the start: an increase over the first execution would otherwise miss it.
        self._counts = {
            (action, outcome): count.labels(*constant.values(), action, outcome)
            for action in (*actions, OTHER_ACTION)
            for outcome in ("ok", "error")
        }
        self._constant = tuple(constant.values())
        self._actions = frozenset(actions)
        # Looking a series up in prometheus_client costs more than adding to it.
        self._latencies: dict[tuple[str, str], Histogram] = {}

    def record(self, action: str, *, succeeded: bool, seconds: float) -> None:
        name = action if action in self._actions else OTHER_ACTION
        key = (name, "ok" if succeeded else "error")
        self._counts[key].inc()
        latency = self._latencies.get(key)
        if latency is None:
            latency = self._latencies[key] = self._latency.labels(*self._constant, *key)
        latency.observe(seconds)


class _CallSeries:
    """What is recorded of the calls in one direction, by method, status and kind of error."""

    def __init__(
        self, registry: CollectorRegistry, side: str, service: str, constant: _Labels
    ) -> None:
        self._service = service
        self._constant = tuple(constant.values())
        names = (*constant, "rpc_method", "rpc_response_status_code", "error_type")
        self._duration = Histogram(
            f"rpc_{side}_call_duration_seconds",
            "How long calls take.",
            names,
            registry=registry,
            buckets=CALL_BOUNDS,
        )
        self._failures = Counter(
            f"mirastack_{side}_call_failures_total",
            "Calls that failed, or whose response reports a failure.",
            names,
            registry=registry,
        )
        self._durations: dict[tuple[str, str, str], Histogram] = {}

    def record(self, method: str, outcome: Outcome, seconds: float) -> None:
        key = (method, outcome.status, outcome.error_type)
        duration = self._durations.get(key)
        if duration is None:
            duration = self._durations[key] = self._duration.labels(*self._labels(key))
        duration.observe(seconds)
        if outcome.error_type:
            self._failures.labels(*self._labels(key)).inc()

    def _labels(self, key: tuple[str, str, str]) -> tuple[str, ...]:
        method, status, error_type = key
        return (*self._constant, f"{self._service}/{method}", status, error_type)


class PrometheusRecorder(Telemetry):
    """Counts and times the calls of one agent in `registry`.

    `actions` are those that the agent declares; all others share one series.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        plugin: str,
        actions: Collection[str],
        *,
        tenant_id: str,
        engine: Address | None,
        hide: Hide,
    ) -> None:
        whose = {
            "plugin": plugin,
            "mirastack_component_kind": AGENT,
            "tenant_id": tenant_id or UNRESOLVED,
        }
        system = {"rpc_system_name": "grpc"}
        address = (
            {}
            if engine is None
            else {"server_address": engine.host, "server_port": str(engine.port)}
        )
        self.actions = _ActionSeries(registry, whose, actions)
        self.served = _CallSeries(registry, "server", AGENT_SERVICE, system)
        self.called = _CallSeries(registry, "client", ENGINE_SERVICE, system | address)
        self.hide = hide

    def observed(self, service: PluginServiceBase) -> PluginServiceBase:
        """Return `service`, with every call that it serves counted and timed."""
        return _MeasuredService(service, self)

    def calling(self, method: str, metadata: dict[str, str]) -> AbstractContextManager[object]:  # noqa: ARG002 - a trace would go there
        """Count and time a call of the engine while it is entered."""
        return _Measured(self.called, method, self.hide)

    async def close(self, timeout: float) -> None:
        """Do nothing: what was counted is read until the end."""


class _Measured:
    """One call of the engine while it is entered."""

    __slots__ = ("_hide", "_method", "_series", "_started")

    def __init__(self, series: _CallSeries, method: str, hide: Hide) -> None:
        self._series = series
        self._method = method
        self._hide = hide

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        outcome = _OK if error is None else outcome_of_calling(error, self._hide)
        self._series.record(self._method, outcome, time.perf_counter() - self._started)


_OK = Outcome()
_EXECUTION_FAILED = Outcome(error_type="execution_failed")
_UNHEALTHY = Outcome(error_type="unhealthy")
_CONFIG_REFUSED = Outcome(error_type="config_refused")


class _MeasuredService(PluginServiceBase):
    """A service whose calls are counted and timed."""

    def __init__(self, service: PluginServiceBase, recorder: PrometheusRecorder) -> None:
        self._service = service
        self._served = recorder.served
        self._actions = recorder.actions
        self._hide = recorder.hide

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:
        with _Serving(self, "Info"):
            return await self._service.info(request)

    async def get_schema(self, request: wire.GetSchemaRequest) -> wire.GetSchemaResponse:
        with _Serving(self, "GetSchema"):
            return await self._service.get_schema(request)

    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        action = action_of(request)
        with _Serving(self, "Execute") as call:
            call.action = action
            response = await self._service.execute(request)
            call.outcome = _OK if response.success else _EXECUTION_FAILED
            return response

    async def health_check(self, request: wire.HealthCheckRequest) -> wire.HealthCheckResponse:
        with _Serving(self, "HealthCheck") as call:
            response = await self._service.health_check(request)
            call.outcome = _OK if response.healthy else _UNHEALTHY
            return response

    async def config_updated(
        self, request: wire.ConfigUpdatedRequest
    ) -> wire.ConfigUpdatedResponse:
        with _Serving(self, "ConfigUpdated") as call:
            response = await self._service.config_updated(request)
            call.outcome = _OK if response.acknowledged else _CONFIG_REFUSED
            return response

    def record(self, call: "_Serving", outcome: Outcome, seconds: float) -> None:
        """Count a call that has ended."""
        self._served.record(call.method, outcome, seconds)
        if call.action is not None:
            self._actions.record(call.action, succeeded=outcome is _OK, seconds=seconds)

    def outcome_of(self, error: BaseException) -> Outcome:
        """How a call ended that raised `error`."""
        return outcome_of_serving(error, self._hide)


class _Serving:
    """One call that is served while this is entered; a response may change its outcome."""

    __slots__ = ("_service", "_started", "action", "method", "outcome")

    def __init__(self, service: _MeasuredService, method: str) -> None:
        self._service = service
        self.method = method
        self.action: str | None = None
        self.outcome = _OK

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        outcome = self.outcome if error is None else self._service.outcome_of(error)
        self._service.record(self, outcome, time.perf_counter() - self._started)
