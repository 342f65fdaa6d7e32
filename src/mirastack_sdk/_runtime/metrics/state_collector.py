"""The state of an agent as metrics, read when Prometheus asks for it."""

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.engine_access.registration_state import RegistrationState
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._wire.http2 import connection
from mirastack_sdk._wire.server.grpc_server import Server

_DISTRIBUTION = "mirastack-agents-sdk-python"
_PREFIX = "mirastack_agent_"


class StateCollector(Collector):
    """Reads an agent's state; what is not there yet has no metrics.

    Prometheus's thread reads: all that it calls may be called in any thread.
    """

    def __init__(self, agent: CheckedPlugin, blocked_seconds: Callable[[], float]) -> None:
        self.served: tuple[AgentService, Server, ServingStatus] | None = None
        self.registration: RegistrationState | None = None
        self._build = _build_info(agent)
        self._blocked_seconds = blocked_seconds

    def describe(self) -> list[Metric]:
        """Name nothing in advance, so that nothing is read at registration."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return the metrics of this moment."""
        yield self._build
        yield _gauge(
            "event_loop_blocked_seconds",
            "How long the event loop has not run what is due.",
            self._blocked_seconds(),
        )
        if self.served is not None:
            service, server, status = self.served
            yield _gauge("serving", "Whether the agent serves: 1 or 0.", status.is_started)
            yield from _executions(service)
            yield from _connections(server)
        if self.registration is not None:
            yield from _registration(self.registration)


def _executions(service: AgentService) -> Iterator[Metric]:
    counts = service.executions
    yield _gauge("executions_in_flight", "Executions that run.", counts.running)
    yield _gauge("executions_limit", "Executions that may run at once.", counts.limit)
    yield _gauge(
        "executions_waiting",
        "Executions that wait for one that is being cancelled.",
        counts.waiting,
    )
    yield _gauge(
        "executions_ignoring_cancellation",
        "Executions that were cancelled and still run.",
        counts.ignoring_cancellation,
    )
    yield _counter(
        "executions_refused", "Executions that were refused because of the limit.", counts.refused
    )


def _connections(server: Server) -> Iterator[Metric]:
    counts = server.counts
    yield _gauge("calls_in_flight", "Calls that are served, of all methods.", counts.calls)
    yield _gauge("connections", "Connections that are open.", counts.connections)
    yield _gauge("connections_limit", "Connections that may be open.", counts.max_connections)
    yield _counter(
        "connections_closed",
        "Connections that were closed because of the limit.",
        counts.closed_connections,
    )


def _registration(state: RegistrationState) -> Iterator[Metric]:
    yield _gauge(
        "registered",
        "Whether the agent is registered with its engine: 1 or 0.",
        state.is_registered,
    )
    yield _counter("registrations", "Registrations that succeeded.", state.registrations)
    failures = CounterMetricFamily(
        f"{_PREFIX}registration_failures",
        "Attempts to register that failed, by reason.",
        labels=["reason"],
    )
    for reason, count in state.failures_by_reason.items():
        failures.add_metric([reason], count)
    yield failures
    yield _gauge(
        "heartbeat_interval_seconds",
        "How often the agent sends heartbeats.",
        state.heartbeat_interval,
    )
    if state.confirmed_at:
        yield _gauge(
            "last_heartbeat_timestamp_seconds",
            "When the engine last acknowledged a heartbeat or registration, since the epoch.",
            state.confirmed_at,
        )


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, meaning, value=value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(_PREFIX + name, meaning, value=value)


def _build_info(agent: CheckedPlugin) -> Metric:
    built = GaugeMetricFamily(
        f"{_PREFIX}build_info",
        "What runs: always 1.",
        labels=["plugin", "version", "sdk_version", "python_version", "implementation", "build"],
    )
    built.add_metric(
        [
            agent.info.name,
            agent.info.version,
            _sdk_version(),
            platform.python_version(),
            platform.python_implementation(),
            # The module on which most of a call's time is spent tells which build is installed.
            "pure" if (connection.__file__ or "").endswith(".py") else "compiled",
        ],
        1,
    )
    return built


def _sdk_version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"
