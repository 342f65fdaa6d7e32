"""The history agent reads window by window, and returns what it has when it is stopped."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from examples.history_agent import HistoryConfig, Window, agent, find_spikes
from mirastack_sdk import Agent, Permission, Secret
from mirastack_sdk.plugin import TimeRange
from mirastack_sdk.testing import LocalEngine, MockEngineClient, agent_client
from tests.e2e.agent_process import agent_process
from tests.examples.fake_backend import FakeBackend
from tests.examples.metrics_backends import DAY, SPIKE, START

TIMEOUT = 20.0
PROGRAM = Path(__file__).parent.parent.parent / "examples" / "history_agent.py"
ORDERS = 'queue_length{queue="orders"}'
CALM = {"resultType": "matrix", "result": [{"metric": {}, "values": [[START, "1"], [START, "2"]]}]}


@pytest.fixture
async def fake(backend: FakeBackend) -> AsyncIterator[FakeBackend]:
    """A scripted backend that the agent in this process queries."""
    async with agent.running(config=HistoryConfig(backend.url)):
        yield backend


@pytest.fixture
async def real(day: str) -> AsyncIterator[str]:
    """A real backend that the agent in this process queries."""
    async with agent.running(config=HistoryConfig(day)):
        yield day


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def hours(count: float) -> TimeRange:
    """The first hours from the start."""
    return TimeRange(START * 1000, round((START + count * 3600) * 1000), "UTC", "some hours")


async def test_the_windows_cover_the_range_once(fake: FakeBackend) -> None:
    """Windows share no point, and the last one ends with the range."""
    fake.data = CALM
    await agent.call("find_spikes", query="up", above=3, window="2h", time_range=hours(5))
    assert [(query["start"], query["end"], query["step"]) for _, query in fake.asked] == [
        (f"{START}", f"{START + 7080}.0", "120.0"),
        (f"{START + 7200}", f"{START + 14280}.0", "120.0"),
        (f"{START + 14400}", f"{START + 18000}", "120.0"),
    ]


@pytest.mark.parametrize(
    ("values", "highest", "above"),
    [
        pytest.param(["1", "2.5"], 2.5, True, id="the highest of a series"),
        pytest.param(["2", "2"], 2.0, False, id="at the limit is not above"),
        pytest.param(["NaN", "1"], 1.0, False, id="what is no number does not count"),
        pytest.param(["NaN", "+Inf"], None, False, id="nothing that counts"),
        pytest.param([], None, False, id="no values"),
    ],
)
async def test_a_window_has_its_highest_value(
    fake: FakeBackend, values: list[str], highest: float | None, above: bool
) -> None:
    """The value is that of all series, with whether it is above the limit."""
    one = [{"values": [[START, value]]} for value in values]
    fake.data = {"resultType": "matrix", "result": one}
    found = await agent.call("find_spikes", query="up", above="2", time_range=hours(1))
    assert found.read(list[Window]) == [Window(at(START), highest, above)]


async def test_each_window_is_shown_when_it_is_read(fake: FakeBackend) -> None:
    """The first window is published while the second is being read."""
    fake.data = CALM
    fake.answer_only(1)
    engine = MockEngineClient()
    call = asyncio.create_task(
        agent.call("find_spikes", query="up", above=3, time_range=DAY, engine_client=engine)
    )
    await asyncio.wait_for(fake.hanging.wait(), TIMEOUT)
    shown = [partial.value for partial in engine.published]
    assert shown == [{"start": "2026-04-08T00:00:00Z", "highest": 2.0, "above": False}]
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, TIMEOUT)


async def test_a_cancelled_search_leaves_nothing_behind(
    fake: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """The query to the backend ends, and the `finally` block has run."""
    caplog.set_level(logging.INFO, "history_agent")
    fake.data = CALM
    fake.answer_only(2)
    call = asyncio.create_task(agent.call("find_spikes", query="up", above=3, time_range=DAY))
    await asyncio.wait_for(fake.hanging.wait(), TIMEOUT)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, TIMEOUT)
    await asyncio.wait_for(fake.left.wait(), TIMEOUT)
    assert caplog.messages == ["2 of 4 windows were read"]


async def test_out_of_time_it_answers_with_what_it_has(backend: FakeBackend) -> None:
    """The function may also be an action with a shorter timeout."""
    hasty = Agent(
        name="hasty",
        version="1.0.0",
        description="Searches for a moment only.",
        permission=Permission.READ,
        devops_stages=["observe"],
        config=HistoryConfig,
    )
    hasty.action(timeout=2)(find_spikes)
    backend.data = CALM
    backend.answer_only(3)
    async with hasty.running(config=HistoryConfig(backend.url)):
        found = await hasty.call("find_spikes", query="up", above=3, time_range=DAY)
    assert [window.start for window in found.read(list[Window])] == [
        at(START + hour * 3600) for hour in (0, 6, 12)
    ]
    assert found.logs == ["find_spikes was stopped after 2 s, its result is incomplete"]
    await asyncio.wait_for(backend.left.wait(), TIMEOUT)


@pytest.mark.parametrize("token", ["", "s3cret"])
async def test_a_token_is_sent_if_there_is_one(backend: FakeBackend, token: str) -> None:
    """Backends behind a gateway require a token."""
    backend.data = CALM
    async with agent.running(config=HistoryConfig(backend.url, Secret(token))):
        await agent.call("find_spikes", query="up", above=3, window="1d", time_range=DAY)
    assert backend.authorization == (f"Bearer {token}" if token else None)


async def test_a_refused_query_is_answered(fake: FakeBackend) -> None:
    """The response has the backend's message, and the query is sent once."""
    fake.refuse("parse error")
    found = await agent.call("find_spikes", query="sum(", above=1, time_range=DAY)
    assert found.logs == ["the metrics backend refused: parse error"]
    assert len(fake.asked) == 1


@pytest.mark.parametrize("window", ["0", "10s", "-1h"])
async def test_too_short_windows_are_refused(fake: FakeBackend, window: str) -> None:
    """A language model cannot make the agent query each second of a week."""
    found = await agent.call("find_spikes", query="up", above=1, window=window, time_range=DAY)
    assert found.logs[1].startswith("window: expected ")
    assert fake.asked == []


async def test_a_backend_that_refuses_makes_the_agent_unhealthy(backend: FakeBackend) -> None:
    """The health check sends a query that every backend can answer."""
    backend.data = CALM
    async with agent_client(agent, environ={"METRICS_BACKEND_URL": backend.url}) as client:
        assert (await client.health()).healthy
        backend.break_down(503)
        assert (await client.health()).message == "the metrics backend returned HTTP 503"


@pytest.mark.usefixtures("real")
async def test_a_real_spike_is_found() -> None:
    """Only the window with the spike is above, and each window is a partial result."""
    healthy = agent.health_check()
    assert healthy is not None
    await healthy
    found = await agent.call("find_spikes", query=ORDERS, above=10, window="1h", time_range=DAY)
    windows = found.read(list[Window])
    assert [window.start for window in windows] == [at(START + hour * 3600) for hour in range(24)]
    assert [window for window in windows if window.above] == [Window(at(SPIKE.start), 50, True)]
    assert list(found.partials) == found.value


async def test_it_serves_an_engine(fake: FakeBackend) -> None:
    """Partial results arrive, a cancelled call ends, and the next one is served."""
    async with (
        LocalEngine() as engine,
        agent_process(PROGRAM, engine=engine.address, METRICS_BACKEND_URL=fake.url) as process,
    ):
        client = await engine.wait_registered("history_agent")
        fake.data = CALM
        fake.answer_only(2)
        params = {"query": "up", "above": "1"}
        call = asyncio.create_task(client.execute("find_spikes", params, time_range=DAY))
        await asyncio.wait_for(fake.hanging.wait(), TIMEOUT)
        assert [partial.value for partial in engine.published] == [
            {"start": f"2026-04-08T{hour}:00:00Z", "highest": 2.0, "above": True}
            for hour in ("00", "06")
        ]
        call.cancel()
        await process.logged("2 of 4 windows were read")
        await asyncio.wait_for(fake.left.wait(), TIMEOUT)
        fake.answer_all()
        found = await client.execute("find_spikes", params, time_range=DAY)
        assert len(json.loads(found.output["result"])) == 4
        process.signal()
        assert await process.ended() == 0
        assert engine.violations == []
