"""A real agent process with telemetry on, its collector there, gone or silent."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import AgentProcess, agent_process
from tests.e2e.collector import running_collector, silent_collector, texts_of

ON = {"MIRASTACK_OTEL_ENABLED": "true", "NO_PROXY": "127.0.0.1"}
# Each span is sent as soon as it ends.
AT_ONCE = {"OTEL_BSP_SCHEDULE_DELAY": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1"}


def unused_url() -> str:
    """A URL at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


async def stopped(agent: AgentProcess) -> float:
    """End an agent in order, and return the seconds that it took."""
    began = time.monotonic()
    agent.signal()
    assert await agent.ended() == 0
    return time.monotonic() - began


async def test_spans_and_metrics_reach_the_collector() -> None:
    """What was recorded is there when the process has ended: spans in one trace, and metrics."""
    async with running_collector() as collector, LocalEngine() as engine:
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        async with agent_process("traced.py", engine=engine.address, **ON, **endpoint) as agent:
            registered = await engine.wait_registered("traced", timeout=30)
            assert (await registered.execute("query")).success
            await stopped(agent)
    execution, query = collector.span("Execute"), collector.span("backend query")
    call = collector.span("CacheSet")
    assert query.parent_span_id == execution.span_id
    assert call.parent_span_id == query.span_id
    assert execution.trace_id == query.trace_id == call.trace_id
    assert texts_of(execution.attributes)["mirastack.action"] == "query"
    assert collector.span("DeregisterPlugin").parent_span_id == b""
    assert collector.resource["service.name"] == "traced"
    assert collector.resource["service.version"] == "1.2.3"
    assert collector.resource["service.instance.id"] == engine.registrations[0].instance_id
    assert {"rpc.server.call.duration", "rpc.client.call.duration"} <= collector.metrics


@pytest.mark.parametrize("silent", [False, True], ids=["gone", "silent"])
async def test_a_collector_out_of_reach(*, silent: bool) -> None:
    """Calls are answered as ever, the log says it once, and the end keeps to the grace period."""
    grace = 3.0
    async with (
        silent_collector() as hanging,
        LocalEngine() as engine,
        agent_process(
            "traced.py",
            engine=engine.address,
            MIRASTACK_PLUGIN_SHUTDOWN_GRACE=str(grace),
            OTEL_EXPORTER_OTLP_ENDPOINT=hanging if silent else unused_url(),
            **ON,
            **AT_ONCE,
        ) as agent,
    ):
        registered = await engine.wait_registered("traced", timeout=30)
        results = await asyncio.gather(*(registered.execute("query") for _ in range(50)))
        seconds = await stopped(agent)
    assert all(result.success for result in results)
    # What a process takes to end comes on top; an exporter alone would take ten seconds.
    assert seconds < grace + 3
    complaints = [line for line in agent.log if "export" in line]
    assert len(complaints) <= 4, complaints
    assert any("the last telemetry was not sent" in line for line in agent.log)
    assert not any("Traceback" in line for line in agent.log)
    assert [record.known for record in engine.deregistrations] == [True]


async def test_off_opentelemetry_is_not_imported() -> None:
    """Unless it is switched on, nothing of OpenTelemetry is loaded into the process."""
    async with LocalEngine() as engine, agent_process("traced.py", engine=engine.address):
        registered = await engine.wait_registered("traced", timeout=30)
        assert (await registered.execute("imported")).output["result"] == "false"


async def test_on_without_the_packages(tmp_path: Path) -> None:
    """The start ends with status 1 and a sentence that says what to install."""
    missing = "raise ModuleNotFoundError(\"No module named 'opentelemetry'\")\n"
    (tmp_path / "opentelemetry.py").write_text(missing)
    async with agent_process("traced.py", PYTHONPATH=str(tmp_path), **ON) as agent:
        assert await agent.ended() == 1
    text = "\n".join(agent.log)
    assert agent.stdout == []
    assert "MIRASTACK_OTEL_ENABLED is true, but OpenTelemetry is not installed" in text
    assert 'pip install "mirastack-agents-sdk-python[otel]"' in text
    assert "Traceback" not in text
