"""The spans of an agent's calls over real sockets, and how they are connected."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.trace import SpanKind, StatusCode

from mirastack_sdk import ExecuteRequest, ExecuteResponse
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing import LocalEngine
from tests.e2e.in_process import served
from tests.runtime.telemetry_in_memory import (
    CLIENT,
    SERVER,
    Records,
    RunningAgent,
    answer,
    id_of,
    parent_of,
    recording,
    registered,
    request,
    trace_of,
)

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = {"traceparent": f"00-{TRACE}-{PARENT}-01"}


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """The process's providers, as an author sets them before serving."""
    with recording(monkeypatch) as records:
        yield records


async def test_an_execution_is_a_server_span_of_the_callers_trace(records: Records) -> None:
    """It has the name and the attributes of other SDKs, and the span in `traceparent` as parent."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine) as agent:
        await agent.stub().execute(request(), metadata=TRACEPARENT)
    span = records.span("Execute")
    assert (span.name, span.kind) == ("plugin.execute", SpanKind.SERVER)
    assert (trace_of(span), parent_of(span)) == (TRACE, PARENT)
    assert span.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": f"{SERVER}/Execute",
        "rpc.response.status_code": "OK",
        "mirastack.action": "run",
        "mirastack.execution_id": "e-1",
        "mirastack.tenant_id": "t-1",
        "plugin.action": "run",
        "plugin.execution_id": "e-1",
        "plugin.success": True,
    }
    assert span.status.status_code is StatusCode.UNSET


@pytest.mark.contract("What operators' dashboards read: the span agent.action")
@pytest.mark.parametrize("fails", [False, True])
async def test_each_execution_has_the_published_span(records: Records, *, fails: bool) -> None:
    """`agent.action`, with the published attributes, is a child of the call's own span."""

    async def run(req: ExecuteRequest) -> str:
        if fails:
            raise RuntimeError("password=hunter2 was refused")
        return '"done"'

    async with LocalEngine() as engine, registered(RunningAgent(run), engine) as agent:
        execution = request()
        execution.params_json = b'{"x":"y"}'
        response = await agent.stub().execute(execution, metadata=TRACEPARENT)
    span = records.span("agent.action")
    assert (trace_of(span), parent_of(span)) == (TRACE, id_of(records.span("Execute")))
    assert span.kind is SpanKind.INTERNAL
    attributes = dict(span.attributes or {})
    latency = attributes.pop("agent.latency_ms")
    assert isinstance(latency, float)
    assert 0 < latency < 20_000
    assert attributes == {
        "agent.plugin": "my_agent",
        "agent.action": "run",
        "agent.permission": "read",
        "agent.outcome": "error" if fails else "ok",
        "agent.input_bytes": 9,
        "agent.output_bytes": len(response.result_json),
    }
    assert span.status.status_code is (StatusCode.ERROR if fails else StatusCode.UNSET)
    assert (records.span("Execute").attributes or {})["plugin.success"] is not fails
    assert "hunter2" not in records.everything()


@pytest.mark.parametrize("metadata", [{}, {"traceparent": "nonsense"}, {"traceparent": "00--01"}])
async def test_without_a_trace_one_begins(records: Records, metadata: dict[str, str]) -> None:
    """Without a valid `traceparent`, the execution is the root of a trace."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine) as agent:
        assert (await agent.stub().execute(request(), metadata=metadata)).success
    assert parent_of(records.span("Execute")) is None


async def test_a_call_of_the_engine_is_a_child_of_its_execution(records: Records) -> None:
    """The client span has the engine's address, and the engine receives its id."""

    async def ask(req: ExecuteRequest) -> str:
        return str(await req.engine_client.cache_get(req.ctx, "my_agent:key"))

    async with LocalEngine() as engine, registered(RunningAgent(ask), engine) as agent:
        await agent.stub().execute(request(), metadata=TRACEPARENT)
    span, parent = records.span("CacheGet"), records.span("agent.action")
    host, _, port = engine.address.rpartition(":")
    assert (span.name, span.kind) == (f"{CLIENT}/CacheGet", SpanKind.CLIENT)
    assert (trace_of(span), parent_of(span)) == (TRACE, id_of(parent))
    assert span.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": f"{CLIENT}/CacheGet",
        "rpc.response.status_code": "OK",
        "server.address": host,
        "server.port": int(port),
        "mirastack.action": "run",
        "mirastack.execution_id": "e-1",
        "mirastack.tenant_id": "t-1",
    }
    (heard,) = engine.calls_of("cache_get")
    assert heard.metadata["traceparent"] == f"00-{TRACE}-{id_of(span)}-01"
    assert heard.metadata["x-plugin-name"] == "my_agent"


async def test_the_authors_own_spans_stand_in_between(records: Records) -> None:
    """A span made in `execute` is a child of the execution, and parent of calls within it."""

    async def ask(req: ExecuteRequest) -> str:
        with trace.get_tracer("author").start_as_current_span("query"):
            await req.engine_client.cache_set(req.ctx, "my_agent:key", "value")
        return '"done"'

    async with LocalEngine() as engine, registered(RunningAgent(ask), engine) as agent:
        await agent.execute("run")
    own = records.span("query")
    assert parent_of(own) == id_of(records.span("agent.action"))
    assert parent_of(records.span("agent.action")) == id_of(records.span("Execute"))
    assert parent_of(records.span("CacheSet")) == id_of(own)


class Awkward(TextMapPropagator):
    """Writes headers that gRPC does not accept unchanged."""

    def extract(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,
    ) -> Context:
        return Context()

    def inject(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        setter: Setter[CarrierT] = default_setter,
    ) -> None:
        setter.set(carrier, "X-B3-TraceId", "1f")
        setter.set(carrier, "x-name", "Zoë\n")

    @property
    def fields(self) -> set[str]:
        return {"X-B3-TraceId", "x-name"}


async def test_no_call_fails_for_its_trace(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only those of a propagator's headers that gRPC accepts are sent, in lower case."""
    monkeypatch.setattr(propagate, "get_global_textmap", Awkward)
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine):
        pass
    (heard,) = engine.calls_of("register_plugin")
    assert heard.metadata["x-b3-traceid"] == "1f"
    assert "x-name" not in heard.metadata


class BlockingAgent(RunningAgent):
    """An agent with a plain `def execute`."""

    def execute(self, req: ExecuteRequest) -> ExecuteResponse:  # type: ignore[override] # the base's is a coroutine
        with trace.get_tracer("author").start_as_current_span(threading.current_thread().name):
            return ExecuteResponse()


async def test_spans_made_in_a_thread_are_children_too(records: Records) -> None:
    """In the thread of a plain `execute`, the execution's span is the current one."""
    async with LocalEngine() as engine, registered(BlockingAgent(answer), engine) as agent:
        await agent.execute("run")
    assert parent_of(records.span("mirastack-execute")) == id_of(records.span("agent.action"))


async def test_calls_at_the_same_time_keep_to_their_traces(records: Records) -> None:
    """Each of many concurrent executions is the parent of its own call only."""
    all_here = asyncio.Barrier(20)

    async def ask(req: ExecuteRequest) -> str:
        await all_here.wait()
        await req.engine_client.cache_set(req.ctx, f"my_agent:{req.ctx.execution_id}", "value")
        return '"done"'

    async with LocalEngine() as engine, registered(RunningAgent(ask), engine) as agent:
        await asyncio.gather(*(agent.execute("run") for _ in range(20)))
    served_calls = {id_of(span): span for span in records.spans_named("Execute")}
    executions = {
        id_of(span): served_calls[parent_of(span) or ""]
        for span in records.spans_named("agent.action")
    }
    calls = records.spans_named("CacheSet")
    assert len(executions) == len(calls) == 20
    assert {parent_of(span) for span in calls} == executions.keys()
    for span in calls:
        execution = executions[parent_of(span) or ""]
        assert trace_of(span) == trace_of(execution)
        assert span.attributes is not None
        assert execution.attributes is not None
        mark = "mirastack.execution_id"
        assert span.attributes[mark] == execution.attributes[mark]


async def test_a_health_check_belongs_to_the_callers_trace(records: Records) -> None:
    """A call that is no execution continues the trace in `traceparent` too."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine) as agent:
        await agent.stub().health_check(wire.HealthCheckRequest(), metadata=TRACEPARENT)
        traced = [span for span in records.spans_named("HealthCheck") if trace_of(span) == TRACE]
    assert [parent_of(span) for span in traced] == [PARENT]


async def test_the_session_is_recorded(records: Records) -> None:
    """Registration, dial back and deregistration have a trace each."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine):
        pass
    for method in ("RegisterPlugin", "Info", "GetSchema", "DeregisterPlugin"):
        assert parent_of(records.span(method)) is None or method in {"Info", "GetSchema"}
        assert "mirastack.action" not in (records.span(method).attributes or {})


async def test_the_authors_providers_outlive_the_agent(records: Records) -> None:
    """Existing providers are used, and are not shut down."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine):
        pass
    trace.get_tracer("author").start_span("afterwards").end()
    assert records.spans[-1].name == "afterwards"


@pytest.mark.parametrize(
    ("variable", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_SAMPLER", "always_off")]
)
async def test_what_is_not_recorded_is_served_all_the_same(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """If OpenTelemetry is disabled or does not sample, no span is recorded, and calls work."""

    async def ask(req: ExecuteRequest) -> str:
        await req.engine_client.cache_set(req.ctx, "my_agent:key", "value")
        return '"done"'

    monkeypatch.setenv(variable, value)
    with recording(monkeypatch) as records:
        async with LocalEngine() as engine, registered(RunningAgent(ask), engine) as agent:
            assert (await agent.stub().execute(request(), metadata=TRACEPARENT)).success
        assert records.spans == []
    (heard,) = engine.calls_of("cache_set")
    assert heard.metadata["traceparent"].split("-")[1] == TRACE


async def test_off_nothing_is_recorded(records: Records) -> None:
    """Unless telemetry is on, nothing is recorded, not even with an author's providers."""
    async with (
        LocalEngine() as engine,
        served(RunningAgent(answer), engine=engine.address),
    ):
        agent = await engine.wait_registered("my_agent")
        await agent.stub().execute(request(), metadata=TRACEPARENT)
    assert records.spans == []
    assert records.points() == {}
    assert all("traceparent" not in call.metadata for call in engine.calls)
