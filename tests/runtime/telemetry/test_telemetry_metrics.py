"""What an agent measures of its calls, and what it never records."""

import re
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.metrics.export import HistogramDataPoint, NumberDataPoint

from mirastack_sdk import ExecuteRequest
from mirastack_sdk.testing import LocalEngine
from tests.runtime.recording import (
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
    """Both sides have a histogram of seconds of every call, and a count of those that failed."""

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
    """What callers make up does not become a time series each, and fills no span."""
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


async def test_nothing_secret_is_recorded(records: Records) -> None:
    """Neither parameters, results, configuration, cache values, metadata, nor what errors say."""

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
