"""A real agent process with telemetry, and a collector that works, is gone or is silent."""

import asyncio
import socket
import time
from pathlib import Path

import grpc
import pytest

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import AgentProcess, agent_process
from tests.e2e.collector import (
    Collector,
    grpc_collector,
    http_collector,
    silent_collector,
    texts_of,
)
from tests.reliability.tls.certificates import Authority

ON = {"MIRASTACK_OTEL_ENABLED": "true", "NO_PROXY": "127.0.0.1"}
# Each span is sent as soon as it ends.
AT_ONCE = {"OTEL_BSP_SCHEDULE_DELAY": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1"}


COLLECTORS = {"grpc": grpc_collector, "http": http_collector}


def unused_address() -> str:
    """An address at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


async def stopped(agent: AgentProcess) -> float:
    """Stop an agent in order, and return how many seconds that took."""
    began = time.monotonic()
    agent.signal()
    assert await agent.ended() == 0
    return time.monotonic() - began


@pytest.mark.contract("Environment: MIRASTACK_OTEL_ENABLED turns telemetry on")
@pytest.mark.contract("Environment: OTLP over gRPC to port 4317, host:port alone")
@pytest.mark.contract("What operators' dashboards read: the span agent.action")
@pytest.mark.parametrize(
    ("receiver", "environ"),
    [
        ("http", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://{}"}),
        # Without a scheme: gRPC, and over TLS unless it is called insecure.
        ("grpc", {"OTEL_EXPORTER_OTLP_ENDPOINT": "{}", "OTEL_EXPORTER_OTLP_INSECURE": "true"}),
        (
            "grpc",
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://{}",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
                "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            },
        ),
    ],
    ids=["http", "grpc-by-address", "grpc-by-protocol"],
)
async def test_spans_and_metrics_reach_the_collector(
    receiver: str, environ: dict[str, str]
) -> None:
    """When the process has ended, spans in one trace and metrics have arrived."""
    async with COLLECTORS[receiver]() as collector, LocalEngine() as engine:
        variables = {name: text.format(collector.endpoint) for name, text in environ.items()}
        variables |= {
            "OTEL_RESOURCE_ATTRIBUTES": "mirastack.tenant_id=t-1,region=eu",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-scope=hunter2",
        }
        async with agent_process("traced.py", engine=engine.address, **ON, **variables) as agent:
            registered = await engine.wait_registered("traced", timeout=30)
            assert (await registered.execute("query")).success
            await stopped(agent)
    said = f"traces go to {collector.endpoint} over {'gRPC' if receiver == 'grpc' else 'HTTP'}"
    assert any(said in line for line in agent.log)
    assert "hunter2" not in "\n".join(agent.log)
    assert {header.get("x-scope") for header in collector.headers} == {"hunter2"}
    assert_one_trace(collector)
    assert collector.resource["service.name"] == "traced"
    assert collector.resource["service.version"] == "1.2.3"
    assert collector.resource["service.instance.id"] == engine.registrations[0].instance_id
    assert collector.resource["mirastack.component_kind"] == "agent"
    assert collector.resource["mirastack.tenant_id"] == "t-1"
    assert collector.resource["region"] == "eu"
    assert_published_metrics(collector)


@pytest.mark.parametrize("receiver", COLLECTORS)
async def test_headers_from_a_file_reach_the_collector(receiver: str, tmp_path: Path) -> None:
    """Spans and metrics carry them, decoded, and the agent's log does not."""
    file = tmp_path / "headers"
    file.write_text("X-Scope=a%20b,authorization=Bearer hunter2=\n")
    async with COLLECTORS[receiver]() as collector, LocalEngine() as engine:
        variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.endpoint}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc" if receiver == "grpc" else "http/protobuf",
            "MIRASTACK_OTEL_HEADERS_FILE": str(file),
        }
        async with agent_process("traced.py", engine=engine.address, **ON, **variables) as agent:
            registered = await engine.wait_registered("traced", timeout=30)
            assert (await registered.execute("query")).success
            await stopped(agent)
    assert collector.spans
    assert collector.metrics
    sent = [{name.lower(): value for name, value in one.items()} for one in collector.headers]
    assert {(one["x-scope"], one["authorization"]) for one in sent} == {("a b", "Bearer hunter2=")}
    assert "hunter2" not in "\n".join(agent.log)


def assert_one_trace(collector: Collector) -> None:
    """From the engine's call through the action and the author's own span to the callback."""
    execution, action = collector.span("Execute"), collector.span("agent.action")
    query, call = collector.span("backend query"), collector.span("CacheSet")
    assert execution.name == "plugin.execute"
    assert action.parent_span_id == execution.span_id
    assert query.parent_span_id == action.span_id
    assert call.parent_span_id == query.span_id
    assert execution.trace_id == action.trace_id == query.trace_id == call.trace_id
    assert texts_of(execution.attributes)["mirastack.action"] == "query"
    assert texts_of(action.attributes) == {
        "agent.plugin": "traced",
        "agent.action": "query",
        "agent.permission": "read",
        "agent.outcome": "ok",
    }
    assert {one.key for one in action.attributes} - texts_of(action.attributes).keys() == {
        "agent.input_bytes",
        "agent.output_bytes",
        "agent.latency_ms",
    }
    assert collector.span("DeregisterPlugin").parent_span_id == b""


def assert_published_metrics(collector: Collector) -> None:
    """The counter and the histogram have one point each, of the action that was run."""
    metrics = collector.metrics
    assert {"rpc.server.call.duration", "rpc.client.call.duration"} <= metrics.keys()
    total = metrics["mirastack_agent_actions_total"].sum
    latency = metrics["mirastack_agent_action_latency_seconds"]
    (count,), (time_taken,) = total.data_points, latency.histogram.data_points
    assert total.is_monotonic
    assert (count.as_int, time_taken.count, latency.unit) == (1, 1, "s")
    for point in (count, time_taken):
        assert texts_of(point.attributes) == {
            "plugin": "traced",
            "action": "query",
            "outcome": "ok",
            "mirastack.component_kind": "agent",
            "tenant_id": "unresolved",
        }


async def test_an_action_in_a_worker_process_has_one_span() -> None:
    """The agent's process records it; the worker exports nothing of its own."""
    async with http_collector() as collector, LocalEngine() as engine:
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.endpoint}"}
        async with agent_process(
            "computing.py", engine=engine.address, **ON, **AT_ONCE, **endpoint
        ) as agent:
            registered = await engine.wait_registered("computing", timeout=60)
            assert (await registered.execute("process_id", timeout=120)).success
            await stopped(agent)
    execution, action = collector.span("Execute"), collector.span("agent.action")
    assert action.parent_span_id == execution.span_id
    assert texts_of(action.attributes)["agent.outcome"] == "ok"
    (count,) = collector.metrics["mirastack_agent_actions_total"].sum.data_points
    assert count.as_int == 1


@pytest.mark.contract("Environment: OTEL_EXPORTER_OTLP_INSECURE")
async def test_without_a_scheme_grpc_is_over_tls(tmp_path: Path) -> None:
    """A bare host:port gets TLS, and the collector's certificate is verified against the CA."""
    authority = Authority(tmp_path)
    issued = authority.issue("127.0.0.1")
    key, chain = issued.key.read_bytes(), issued.certificate.read_bytes()
    async with (
        grpc_collector(grpc.ssl_server_credentials([(key, chain)])) as collector,
        LocalEngine() as engine,
        agent_process(
            "traced.py",
            engine=engine.address,
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
            OTEL_EXPORTER_OTLP_CERTIFICATE=str(authority.ca),
            **ON,
        ) as agent,
    ):
        registered = await engine.wait_registered("traced", timeout=30)
        assert (await registered.execute("query")).success
        await stopped(agent)
    assert_one_trace(collector)
    assert_published_metrics(collector)


async def test_metrics_are_sent_as_often_as_asked() -> None:
    """`MIRASTACK_OTEL_METRIC_EXPORT_INTERVAL` sets the interval of a running agent."""
    interval = {"MIRASTACK_OTEL_METRIC_EXPORT_INTERVAL": "50ms"}
    async with http_collector() as collector, LocalEngine() as engine:
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.endpoint}"}
        async with agent_process("traced.py", engine=engine.address, **ON, **endpoint, **interval):
            registered = await engine.wait_registered("traced", timeout=30)
            await registered.execute("query")
            async with asyncio.timeout(20):
                await collector.received("mirastack_agent_actions_total")


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
@pytest.mark.parametrize("silent", [False, True], ids=["gone", "silent"])
async def test_a_collector_out_of_reach(protocol: str, *, silent: bool) -> None:
    """Calls work as usual, the log reports it once, and the end keeps to the grace period."""
    grace = 1.0
    async with (
        silent_collector() as hanging,
        LocalEngine() as engine,
        agent_process(
            "traced.py",
            engine=engine.address,
            MIRASTACK_PLUGIN_SHUTDOWN_GRACE=str(grace),
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{hanging if silent else unused_address()}",
            OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
            **ON,
            **AT_ONCE,
        ) as agent,
    ):
        registered = await engine.wait_registered("traced", timeout=30)
        results = await asyncio.gather(*(registered.execute("query") for _ in range(50)))
        seconds = await stopped(agent)
    assert all(result.success for result in results)
    # What a process takes to end comes on top; an exporter alone would take ten seconds.
    assert seconds < grace + 5
    warnings = [line for line in agent.log if "export" in line]
    assert len(warnings) <= 4, warnings
    assert any("the last telemetry was not sent" in line for line in agent.log)
    assert not any("Traceback" in line for line in agent.log)
    assert [record.known for record in engine.deregistrations] == [True]


@pytest.mark.contract("Environment: MIRASTACK_OTEL_ENABLED turns telemetry on")
async def test_off_opentelemetry_is_not_imported() -> None:
    """Unless telemetry is on, the process does not import OpenTelemetry."""
    async with LocalEngine() as engine, agent_process("traced.py", engine=engine.address):
        registered = await engine.wait_registered("traced", timeout=30)
        assert (await registered.execute("imported")).output["result"] == "false"


@pytest.mark.parametrize(
    ("environ", "extra"),
    [
        ({}, "otel"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}, "otel-grpc"),
        ({"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "grpc"}, "otel,otel-grpc"),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "none"}, "otel"),
    ],
)
async def test_on_without_the_packages(tmp_path: Path, environ: dict[str, str], extra: str) -> None:
    """The process ends with status 1 and a sentence that says what to install."""
    missing = "raise ModuleNotFoundError(\"No module named 'opentelemetry'\")\n"
    (tmp_path / "opentelemetry.py").write_text(missing)
    async with agent_process("traced.py", PYTHONPATH=str(tmp_path), **ON, **environ) as agent:
        assert await agent.ended() == 1
    text = "\n".join(agent.log)
    assert agent.stdout == []
    assert "MIRASTACK_OTEL_ENABLED is true, but OpenTelemetry is not installed" in text
    assert f'pip install "mirastack-agents-sdk-python[{extra}]"' in text
    assert "Traceback" not in text
