"""The metrics agent, against a backend on 127.0.0.1."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from examples.metrics_agent import NAMES_KEY, MetricsAgent
from mirastack_sdk import serve_async
from mirastack_sdk.plugin import TimeRange
from mirastack_sdk.testing import LocalEngine, MockEngineClient, make_execute_request
from tests.examples.fake_backend import FakeBackend, running_backend

NIGHT = TimeRange(1774973400000, 1774977000000, "UTC", "an hour that night")


@pytest.fixture
async def backend() -> AsyncIterator[FakeBackend]:
    """A backend that runs for one test."""
    async with running_backend() as running:
        yield running


async def test_a_range_query_asks_for_the_time_range(backend: FakeBackend) -> None:
    """The engine's time range reaches the backend as epoch seconds."""
    backend.answers["query_range"] = {"result": []}
    req = make_execute_request({"query": "up"}, action="range_query", time_range=NIGHT)
    response = await MetricsAgent(backend.url).execute(req)
    assert json.loads(response.output["result"]) == {"result": []}
    assert backend.asked == [
        (
            "query_range",
            {"query": "up", "step": "60s", "start": "1774973400", "end": "1774977000"},
        )
    ]


async def test_a_range_query_without_a_time_range_asks_for_the_last_hour(
    backend: FakeBackend,
) -> None:
    """Without a time range the agent falls back on one of its own."""
    backend.answers["query_range"] = {}
    req = make_execute_request({"query": "up", "step": "5s"}, action="range_query")
    await MetricsAgent(backend.url).execute(req)
    _, query = backend.asked[0]
    assert int(query["end"]) - int(query["start"]) == 3600
    assert query["step"] == "5s"


async def test_an_instant_query_returns_the_backends_data(backend: FakeBackend) -> None:
    """The data arrives unchanged under output["result"]."""
    backend.answers["query"] = {"resultType": "scalar", "result": [0, "1"]}
    req = make_execute_request({"query": "1"}, action="instant_query")
    response = await MetricsAgent(backend.url).execute(req)
    assert json.loads(response.output["result"]) == backend.answers["query"]


async def test_names_are_asked_for_once(backend: FakeBackend) -> None:
    """The engine's cache spares the backend the second question."""
    backend.answers["label/__name__/values"] = ["errors_total", "up"]
    engine, agent = MockEngineClient(), MetricsAgent(backend.url)
    for prefix, expected in (("", ["errors_total", "up"]), ("err", ["errors_total"])):
        req = make_execute_request({"prefix": prefix}, engine, action="list_metrics")
        response = await agent.execute(req)
        assert json.loads(response.output["result"]) == expected
    assert len(backend.asked) == 1
    assert await engine.cache_get(None, NAMES_KEY) == '["errors_total", "up"]'


async def test_a_refused_query_is_a_log_line(backend: FakeBackend) -> None:
    """What the backend does not understand is not fatal."""
    req = make_execute_request({"query": "sum("}, action="instant_query")
    response = await MetricsAgent(backend.url).execute(req)
    assert response.logs == ["backend query failed: parse error"]
    assert response.output == {}


async def test_an_agent_without_backend_fails(backend: FakeBackend) -> None:
    """A missing configuration is fatal, and says what to set."""
    req = make_execute_request({"query": "up"}, action="instant_query")
    with pytest.raises(RuntimeError, match="set METRICS_BACKEND_URL"):
        await MetricsAgent().execute(req)
    assert backend.asked == []


async def test_an_unknown_action_is_a_log_line() -> None:
    """An action that the agent does not have is named."""
    response = await MetricsAgent().execute(make_execute_request(action="drop_everything"))
    assert response.logs == ["unknown action: drop_everything"]


async def test_an_unhealthy_backend_makes_the_agent_unhealthy(backend: FakeBackend) -> None:
    """health_check asks the backend, each time."""
    agent = MetricsAgent(backend.url)
    await agent.health_check()
    backend.healthy = False
    with pytest.raises(RuntimeError, match="HTTP 503"):
        await agent.health_check()


async def test_a_real_engine_configures_and_calls_the_agent(backend: FakeBackend) -> None:
    """Over real sockets: registered, configured, healthy, queried, and gone at the end."""
    backend.answers["query"] = {"result": [1]}
    stop = asyncio.Event()
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        environ = {
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        }
        tasks.create_task(serve_async(MetricsAgent(), environ=environ, stop=stop))
        agent = await engine.wait_registered("metrics_agent")
        assert not (await agent.health()).healthy
        assert (await agent.push_config({"backend_url": backend.url})).acknowledged
        assert (await agent.health()).healthy
        result = await agent.execute("instant_query", {"query": "1"})
        assert json.loads(result.output["result"]) == {"result": [1]}
        stop.set()
        await engine.wait_deregistered("metrics_agent")
        assert engine.violations == []
