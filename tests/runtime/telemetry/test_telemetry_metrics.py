"""The metrics of an agent's calls, and the values that are never recorded."""

import re
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.metrics.export import HistogramDataPoint, NumberDataPoint

from mirastack_sdk import ExecuteRequest
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing import AgentCallError, LocalEngine
from tests.runtime.telemetry_in_memory import (
    CLIENT,
    SERVER,
    Records,
    RunningAgent,
    answer,
    recording,
    registered,
    request,
)


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """The process's providers, as an author sets them before serving."""
    with recording(monkeypatch) as records:
        yield records


def point_of(
    points: list[HistogramDataPoint | NumberDataPoint], method: str, action: str | None
) -> HistogramDataPoint | NumberDataPoint:
    """The only measurement of a method and an action."""
    (point,) = [
        point
        for point in points
        if point.attributes is not None
        and point.attributes["rpc.method"] == method
        and point.attributes.get("mirastack.action") == action
    ]
    return point


async def test_durations_and_failures_are_counted_by_action(records: Records) -> None:
    """Both sides have a histogram of all durations in seconds, and a counter of failures."""

    async def ask(req: ExecuteRequest) -> str:
        await req.engine_client.cache_get(req.ctx, "my_agent:key")
        return '"done"'

    async with LocalEngine() as engine, registered(RunningAgent(ask), engine) as agent:
        await agent.execute("run")
        await agent.execute("run")
        records.points()
        engine.fail("cache_get", "RESOURCE_EXHAUSTED")
        await agent.execute("run")
        points = records.points()
    served_calls = point_of(points["rpc.server.call.duration"], f"{SERVER}/Execute", "run")
    called = point_of(points["rpc.client.call.duration"], f"{CLIENT}/CacheGet", "run")
    for point in (served_calls, called):
        assert isinstance(point, HistogramDataPoint)
        assert point.count == 1
        assert 0 < point.sum < 20
        assert point.explicit_bounds[:2] == (0.005, 0.01)
    assert served_calls.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": f"{SERVER}/Execute",
        "rpc.response.status_code": "OK",
        "mirastack.action": "run",
        "error.type": "execution_failed",
    }
    failed = point_of(points["mirastack.server.call.failures"], f"{SERVER}/Execute", "run")
    refused = point_of(points["mirastack.client.call.failures"], f"{CLIENT}/CacheGet", "run")
    for number in (failed, refused):
        assert isinstance(number, NumberDataPoint)
        assert number.value == 1


async def test_actions_nobody_declared_share_one_series(records: Records) -> None:
    """A name that a caller makes up creates no time series, and is shortened in the span."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine) as agent:
        for number in range(5):
            await agent.stub().execute(request(f"made_up_{number}" + "x" * 10_000))
        points = records.points()["rpc.server.call.duration"]
    point = point_of(points, f"{SERVER}/Execute", "_OTHER")
    assert isinstance(point, HistogramDataPoint)
    assert point.count == 5
    for span in records.spans_named("Execute"):
        assert span.attributes is not None
        assert len(str(span.attributes["mirastack.action"])) <= 256


def action_points(
    records: Records,
) -> dict[str, dict[str, HistogramDataPoint | NumberDataPoint]]:
    """The measurements of the published metrics, by action and outcome."""
    points = records.points()
    return {
        name: {
            f"{point.attributes['action']!s} {point.attributes['outcome']!s}": point
            for point in points[name]
            if point.attributes is not None
        }
        for name in ("mirastack_agent_actions_total", "mirastack_agent_action_latency_seconds")
    }


@pytest.mark.contract("What operators' dashboards read: the counter and the histogram")
async def test_the_published_metrics_count_and_time_actions(records: Records) -> None:
    """Both have the labels that dashboards use; failed and refused executions are errors."""

    async def run(req: ExecuteRequest) -> str:
        if req.params["fail"] == "true":
            raise RuntimeError("no")
        return '"done"'

    tenant = {"MIRASTACK_PLUGIN_TENANT_ID": "t-1"}
    async with LocalEngine() as engine, registered(RunningAgent(run), engine, **tenant) as agent:
        for fail in ("false", "false", "true"):
            await agent.execute("run", {"fail": fail})
        with pytest.raises(AgentCallError):
            await agent.execute("run", {"fail": "false"}, tenant_id="t-2")
        counts, latencies = action_points(records).values()
    assert counts.keys() == latencies.keys() == {"run ok", "run error"}
    for outcome, number in (("ok", 2), ("error", 2)):
        count, latency = counts[f"run {outcome}"], latencies[f"run {outcome}"]
        assert isinstance(count, NumberDataPoint)
        assert isinstance(latency, HistogramDataPoint)
        assert count.value == latency.count == number
        assert 0 < latency.sum < 20
        assert latency.explicit_bounds[0] == 0.005  # actions take between milliseconds and minutes
        assert latency.explicit_bounds[-1] == 300
        assert count.attributes == {
            "plugin": "my_agent",
            "action": "run",
            "outcome": outcome,
            "mirastack.component_kind": "agent",
            "tenant_id": "t-1",
        }


async def test_published_metrics_have_one_series_for_what_callers_make_up(
    records: Records,
) -> None:
    """Undeclared actions, in `action_id` or in the parameters, are `_OTHER`."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine) as agent:
        for number in range(3):
            await agent.stub().execute(request(f"made_up_{number}"))
            params = b'{"action":"made_up_%d"}' % number
            await agent.stub().execute(wire.ExecuteRequest(params_json=params))
        counts, _ = action_points(records).values()
    assert counts.keys() <= {"_OTHER ok", "_OTHER error"}
    assert {point.attributes["tenant_id"] for point in counts.values() if point.attributes} == {
        "unresolved"
    }


@pytest.mark.parametrize(
    ("params", "action"),
    [
        (b'{"action":"run"}', "run"),
        (b'{"action":"run","x":"' + b"x" * 70_000 + b'"}', ""),
        (b"[]", ""),
        (b"", ""),
    ],
)
async def test_the_action_that_the_parameters_name(
    records: Records, params: bytes, action: str
) -> None:
    """Other SDKs name the action in the parameters only; large parameters are not parsed for it."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine) as agent:
        await agent.stub().execute(wire.ExecuteRequest(params_json=params))
        counts, _ = action_points(records).values()
    span = records.span("agent.action")
    assert span.attributes is not None
    assert span.attributes["agent.action"] == action
    assert span.attributes["agent.input_bytes"] == len(params)
    assert {name.split()[0] for name in counts} == {action or "_OTHER"}


async def test_nothing_secret_is_recorded(records: Records) -> None:
    """No parameter, result, config, cache value, metadata or error text is recorded."""

    async def leak(req: ExecuteRequest) -> str:
        client = req.engine_client
        await client.cache_set(req.ctx, "my_agent:hunter2", "hunter2")
        await client.log_event(req.ctx, {"event": "hunter2", "message": "hunter2"})
        await client.publish_result(req.ctx, '"hunter2"')
        await client.get_config(req.ctx)
        if req.params["fail"] == "true":
            raise RuntimeError("postgres://admin:hunter2@db.internal:5432/x failed")
        return '"hunter2"'

    secret = {"authorization": "Bearer hunter2", "x-request-id": "hunter2"}
    async with LocalEngine() as engine, registered(RunningAgent(leak), engine) as agent:
        engine.store_config("my_agent", {"token": "hunter2"})
        for fail in (b"true", b"false"):
            params = b'{"password":"hunter2","fail":%s}' % fail
            execution = request()
            execution.params_json = params
            execution.context = {"user": "hunter2"}
            await agent.stub().execute(execution, metadata=secret)
        await agent.health()
        await agent.push_config({"token": "hunter2"})
    recorded = records.everything()
    assert len(records.spans) > 10
    assert "hunter2" not in recorded
    assert not re.search(r"db\.internal|10\.0\.0\.1", recorded)
