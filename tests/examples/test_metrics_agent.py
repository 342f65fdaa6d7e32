"""The metrics agent works with a scripted backend and with real ones."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from examples.metrics_agent import MetricsConfig, Sample, Series, agent
from mirastack_sdk import ConfigurationError
from mirastack_sdk.plugin import TimeRange
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.e2e.agent_process import agent_process
from tests.examples.fake_backend import FakeBackend, running_backend
from tests.examples.metrics_backends import DAY, SPIKE, START

PROGRAM = Path(__file__).parent.parent.parent / "examples" / "metrics_agent.py"
NOTHING: dict[str, object] = {"resultType": "vector", "result": []}
SPIKE_MINUTES = TimeRange(SPIKE.start * 1000, (SPIKE.start + 120) * 1000, "UTC", "two minutes")


@pytest.fixture
async def fake(backend: FakeBackend) -> AsyncIterator[FakeBackend]:
    """A scripted backend that the agent in this process queries."""
    async with agent.running(config=MetricsConfig(backend.url)):
        yield backend


@pytest.fixture
async def real(day: str) -> AsyncIterator[str]:
    """A real backend that the agent in this process queries."""
    async with agent.running(config=MetricsConfig(day)):
        yield day


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@pytest.mark.parametrize(
    ("seconds", "step"),
    [
        pytest.param(60, "15.0", id="a minute"),
        pytest.param(3000, "15.0", id="just 200 points"),
        pytest.param(3600, "30.0", id="an hour"),
        pytest.param(86_400, "900.0", id="a day"),
        pytest.param(7 * 86_400, "3600.0", id="a week"),
        pytest.param(3650 * 86_400, "86400.0", id="ten years"),
    ],
)
async def test_the_step_follows_from_the_range(fake: FakeBackend, seconds: int, step: str) -> None:
    """A series has at most 200 points, up to a step of one day."""
    fake.data = NOTHING
    given = TimeRange(START * 1000, (START + seconds) * 1000, "UTC", "some time")
    await agent.call("range_query", query="up", time_range=given)
    asked = {"query": "up", "start": str(START), "end": str(START + seconds), "step": step}
    assert fake.asked == [("query_range", asked)]


async def test_a_step_that_is_given_is_used(fake: FakeBackend) -> None:
    """Any way in which a language model writes a duration is accepted."""
    fake.data = NOTHING
    await agent.call("range_query", query="up", step="1h30m")
    assert fake.asked[0][1]["step"] == "5400.0"


async def test_without_a_time_range_it_is_the_last_hour(fake: FakeBackend) -> None:
    """The agent has a default time range."""
    fake.data = NOTHING
    await agent.call("range_query", query="up")
    _, query = fake.asked[0]
    assert int(query["end"]) - int(query["start"]) == 3600


async def test_an_instant_is_now_or_the_end_of_the_time_range(fake: FakeBackend) -> None:
    """Without a time range the backend decides what now is."""
    fake.data = NOTHING
    await agent.call("instant_query", query="up")
    await agent.call("instant_query", query="up", time_range=DAY)
    assert [query.get("time") for _, query in fake.asked] == [None, str(START + 86_400)]


async def test_labels_are_of_all_series_or_of_some(fake: FakeBackend) -> None:
    """A selector that is not given is not sent."""
    fake.data = ["job"]
    await agent.call("labels", time_range=DAY)
    await agent.call("labels", label="job", match='up{a="b,c"}', time_range=DAY)
    bounds = {"start": str(START), "end": str(START + 86_400)}
    assert fake.asked == [
        ("labels", bounds),
        ("label/job/values", {**bounds, "match[]": 'up{a="b,c"}'}),
    ]


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_backend_may_have_a_path(backend: FakeBackend, slash: str) -> None:
    """The path of a VictoriaMetrics cluster works with and without a slash at the end."""
    backend.data = []
    async with agent.running(config=MetricsConfig(f"{backend.url}/select/0/prometheus{slash}")):
        await agent.call("labels")
    assert [path for path, _ in backend.asked] == ["/select/0/prometheus/api/v1/labels"]


async def test_an_invalid_label_is_refused(fake: FakeBackend) -> None:
    """No request is made with it in the path."""
    found = await agent.call("labels", label="../admin")
    assert found.logs[1].startswith("label: expected ")
    assert fake.asked == []


async def test_a_refused_query_is_answered_in_the_backends_words(fake: FakeBackend) -> None:
    """A language model can act on the message."""
    fake.refuse("1:5: parse error: unclosed left parenthesis")
    found = await agent.call("instant_query", query="sum(")
    assert found.logs == [
        "the metrics backend refused: 1:5: parse error: unclosed left parenthesis"
    ]


async def test_a_response_that_is_not_json_is_a_failure(fake: FakeBackend) -> None:
    """The error page of a proxy fails the execution."""
    fake.break_down(502)
    with pytest.raises(RuntimeError, match="the metrics backend returned HTTP 502"):
        await agent.call("instant_query", query="up")


async def test_an_agent_without_backend_says_what_to_set() -> None:
    """Health check and queries name the missing setting."""
    with pytest.raises(ConfigurationError, match=r"url is required.* METRICS_BACKEND_URL"):
        await agent.health_check()
    (line,) = (await agent.call("instant_query", query="up")).logs
    assert "METRICS_BACKEND_URL" in line


async def test_another_backend_can_be_set_while_it_runs(fake: FakeBackend) -> None:
    """The next query uses it, over a new connection."""
    fake.data = []
    async with running_backend() as other:
        other.data = ["job"]
        await agent.config_updated({"url": other.url})
        assert (await agent.call("labels")).value == ["job"]
    assert fake.asked == []


@pytest.mark.usefixtures("real")
async def test_each_series_has_its_value() -> None:
    """The vector of a real backend is parsed into types, in its order."""
    moment = TimeRange(START * 1000, SPIKE.start * 1000, "UTC", "until six")
    found = await agent.call("instant_query", query="sort(queue_length)", time_range=moment)
    mail, orders = found.read(list[Sample])
    assert mail.metric == {"__name__": "queue_length", "job": "shop", "queue": "mail"}
    assert (mail.value, orders.value) == ((at(SPIKE.start), "1"), (at(SPIKE.start), "50"))


@pytest.mark.usefixtures("real")
async def test_a_number_has_a_value() -> None:
    """The backend may respond with a scalar or with a vector."""
    found = await agent.call("instant_query", query="6 * 7", time_range=DAY)
    assert found.text in (
        '["2026-04-09T00:00:00Z","42"]',
        '[{"metric":{},"value":["2026-04-09T00:00:00Z","42"]}]',
    )


@pytest.mark.usefixtures("real")
async def test_a_range_has_a_value_each_step() -> None:
    """Both ends of the range are included."""
    query = 'queue_length{queue="orders"}'
    found = await agent.call("range_query", query=query, step="1m", time_range=SPIKE_MINUTES)
    (series,) = found.read(list[Series])
    times = [at(SPIKE.start + minute * 60) for minute in range(3)]
    assert series.values == [(time, "50") for time in times]


@pytest.mark.usefixtures("real")
async def test_a_day_fits_into_a_response() -> None:
    """With the step that the agent chooses nothing is cut."""
    found = await agent.call("range_query", query="queue_length", time_range=DAY)
    assert [len(series.values) for series in found.read(list[Series])] == [97, 97]
    assert found.logs == []


@pytest.mark.usefixtures("real")
async def test_labels_and_metrics_are_found() -> None:
    """Names, values, the values of some series, and the names of metrics are listed."""
    but_mail = 'queue_length{queue!="mail"}'
    found = [
        await agent.call("labels", time_range=DAY),
        await agent.call("labels", label="queue", time_range=DAY),
        await agent.call("labels", label="queue", match=but_mail, time_range=DAY),
        await agent.call("labels", label="__name__", time_range=DAY),
    ]
    assert [answer.value for answer in found] == [
        ["__name__", "job", "queue"],
        ["mail", "orders"],
        ["orders"],
        ["queue_length"],
    ]


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("query", ["sum(", "", "queue_length{"])
async def test_a_real_backend_says_what_is_wrong(query: str) -> None:
    """The message of each backend is returned."""
    found = await agent.call("range_query", query=query, time_range=DAY)
    (line,) = found.logs
    assert line.startswith("the metrics backend refused: ")
    assert len(line) > len("the metrics backend refused: ")
    assert not found.response.output


async def test_it_serves_an_engine(day: str) -> None:
    """The process is healthy, responds in both encodings, and ends with status 0."""
    async with (
        LocalEngine() as engine,
        agent_process(PROGRAM, engine=engine.address, METRICS_BACKEND_URL=f"{day}/") as process,
    ):
        client = await engine.wait_registered("metrics_agent")
        assert (await client.health()).healthy
        for encoding in Encoding:
            asked = {"query": 'queue_length{queue="orders"}', "step": "1m"}
            found = await client.execute(
                "range_query", asked, time_range=SPIKE_MINUTES, encoding=encoding
            )
            (series,) = json.loads(found.output["result"])
            assert series["values"][0] == ["2026-04-08T06:00:00Z", "50"]
        process.signal()
        assert await process.ended() == 0
        assert engine.violations == []


async def test_it_is_unhealthy_while_its_backend_is_down() -> None:
    """Operators see that it is unhealthy, and queries fail."""
    async with running_backend() as backend:
        pass
    async with (
        LocalEngine() as engine,
        agent_process(PROGRAM, engine=engine.address, METRICS_BACKEND_URL=backend.url),
    ):
        client = await engine.wait_registered("metrics_agent")
        health = await client.health()
        assert not health.healthy
        assert "127.0.0.1" not in health.message
        assert not (await client.execute("instant_query", {"query": "up"})).success
