"""The telemetry of an agent on the test's loop, kept in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    HistogramDataPoint,
    InMemoryMetricReader,
    NumberDataPoint,
)
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing import LocalEngine
from mirastack_sdk.testing._local.registry import RegisteredAgent
from tests.e2e.in_process import served

SERVER, CLIENT = "mirastack.plugin.v1.PluginService", "mirastack.plugin.v1.EngineService"

type Run = Callable[[ExecuteRequest], Awaitable[str]]


class Records:
    """An author's own providers, which keep everything in memory."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        delta = AggregationTemporality.DELTA
        self._reader = InMemoryMetricReader(
            preferred_temporality={Histogram: delta, Counter: delta}
        )
        self.meter_provider = MeterProvider([self._reader], shutdown_on_exit=False)

    @property
    def spans(self) -> list[ReadableSpan]:
        """Every span that has ended, in the order of their ends."""
        return list(self._exporter.get_finished_spans())

    def spans_named(self, method: str) -> list[ReadableSpan]:
        """The spans of one method, or those with that name that belong to no method."""
        return [
            span
            for span in self.spans
            if str((span.attributes or {}).get("rpc.method", span.name)).rpartition("/")[2]
            == method
        ]

    def span(self, method: str) -> ReadableSpan:
        """The only span of one method."""
        (span,) = self.spans_named(method)
        return span

    def points(self) -> dict[str, list[HistogramDataPoint | NumberDataPoint]]:
        """The measurements of each instrument since the last call."""
        data = self._reader.get_metrics_data()
        return {
            metric.name: [
                point
                for point in metric.data.data_points
                if isinstance(point, HistogramDataPoint | NumberDataPoint)
            ]
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def everything(self) -> str:
        """All spans and measurements as text."""
        data = self._reader.get_metrics_data()
        spans = "\n".join(span.to_json() for span in self.spans)
        return spans + (data.to_json() if data else "")


@contextmanager
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """Set global providers, as an author would before serving."""
    records = Records()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: records.tracer_provider)
    monkeypatch.setattr(metrics, "get_meter_provider", lambda: records.meter_provider)
    yield records
    records.meter_provider.shutdown()


class RunningAgent(MirastackPlugin):
    """Runs a function of the test as its only action."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="my_agent",
            version="1.0.0",
            description="Runs.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("run", "Run.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(output={"result": await self._run(req)})

    async def health_check(self) -> None:
        raise RuntimeError("http://10.0.0.1:9200/_cat is down, password=hunter2")

    async def config_updated(self, config: dict[str, str]) -> None:
        raise ValueError("token=hunter2 is not what I expected")


async def answer(req: ExecuteRequest) -> str:
    """Respond at once."""
    return '"done"'


@asynccontextmanager
async def registered(
    plugin: MirastackPlugin, engine: LocalEngine, **environ: str
) -> AsyncIterator[RegisteredAgent]:
    """Serve a plugin with telemetry on, registered with the engine."""
    settings = {"MIRASTACK_OTEL_ENABLED": "true", **environ}
    async with served(plugin, engine=engine.address, **settings):
        yield await engine.wait_registered(plugin.info().name)


def request(action: str = "run") -> wire.ExecuteRequest:
    """A request for the agent's action, with recognisable ids."""
    return wire.ExecuteRequest(execution_id="e-1", action_id=action, tenant_id="t-1")


def trace_of(span: ReadableSpan) -> str:
    """The trace id of a span, as it is sent."""
    assert span.context is not None
    return format(span.context.trace_id, "032x")


def id_of(span: ReadableSpan) -> str:
    """The id of a span, as it is sent."""
    assert span.context is not None
    return format(span.context.span_id, "016x")


def parent_of(span: ReadableSpan) -> str | None:
    """The id of a span's parent, `None` for a root."""
    return None if span.parent is None else format(span.parent.span_id, "016x")
