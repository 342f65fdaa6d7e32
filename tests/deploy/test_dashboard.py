"""The dashboard and the alerts beside a real Prometheus that reads a real agent."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from mirastack_sdk.testing import LocalEngine, RegisteredAgent
from tests.deploy.deploy_files import RULES, alerts, names_in, panels, queries
from tests.documentation.documentation import REPOSITORY
from tests.e2e.agent_process import agent_process
from tests.e2e.scraped import TIMEOUT, metrics_port
from tests.examples.metrics_backends import listening

TOKEN = "only-for-prometheus"
# What Grafana fills in: all agents, and a few scrapes for each rate.
FILLED_IN = {"$job": ".+", "$instance": ".+", "$__rate_interval": "3s"}
CONFIG = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: mirastack-agent
    authorization: {{credentials: "{token}"}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def ask(url: str) -> dict[str, list[dict[str, object]]]:
    """What Prometheus's HTTP API answers."""
    with urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310 - the test's own Prometheus
        data: dict[str, list[dict[str, object]]] = json.loads(response.read())["data"]
    return data


def has_data(prometheus: str, query: str) -> bool:
    """Whether a query has a result now that is a number."""
    for name, value in FILLED_IN.items():
        query = query.replace(name, value)
    found = ask(f"{prometheus}/api/v1/query?{urlencode({'query': query})}")["result"]
    return any("NaN" not in str(one["value"]) for one in found)


@asynccontextmanager
async def traffic(agent: RegisteredAgent) -> AsyncIterator[None]:
    """Executions that succeed and fail, one after the other, until the block ends."""

    async def execute() -> None:
        while True:
            assert (await agent.execute("store")).success
            assert not (await agent.execute("fail")).success

    running = asyncio.create_task(execute())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_every_panel_has_data_and_no_alert_fires(tmp_path: Path) -> None:
    """Each query of the dashboard finds numbers, and Prometheus can evaluate each alert."""
    async with (
        LocalEngine() as engine,
        agent_process(
            "measured.py",
            engine=engine.address,
            MIRASTACK_METRICS_ADDR="127.0.0.1:0",
            MIRASTACK_METRICS_TOKEN=TOKEN,
        ) as agent,
    ):
        registered = await engine.wait_registered("measured", timeout=30)
        engine.fail("call_plugin", "PERMISSION_DENIED", times=None)
        text = CONFIG.format(rules=RULES, token=TOKEN, port=await metrics_port(agent))
        (tmp_path / "prometheus.yml").write_text(text, encoding="utf-8")
        with ExitStack() as entered:
            url = await asyncio.to_thread(entered.enter_context, listening("prometheus", tmp_path))
            async with traffic(registered):
                empty = await without_data(url, queries())
                rules = (await asyncio.to_thread(ask, f"{url}/api/v1/rules"))["groups"][0]["rules"]
    assert empty == []
    assert isinstance(rules, list)
    assert {rule["name"]: rule["health"] for rule in rules} == dict.fromkeys(alerts(), "ok")
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []


async def without_data(url: str, asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that have no data within the time that Prometheus needs for a few scrapes."""
    deadline = asyncio.get_running_loop().time() + TIMEOUT
    while asked and asyncio.get_running_loop().time() < deadline:
        asked = [one for one in asked if not await asyncio.to_thread(has_data, url, one[1])]
    return asked


def test_panels_are_laid_out() -> None:
    """Panels have different ids, do not overlap, and say what they show."""
    places = set()
    for panel in panels():
        place = panel["gridPos"]
        assert isinstance(place, dict)
        assert panel["description"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in places
                assert x < 24
                places.add((x, y))
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)


def test_dashboard_and_alerts_read_documented_metrics() -> None:
    """Every metric that they read is on the page."""
    page = (REPOSITORY / "docs" / "metrics.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    read = names_in("\n".join([*alerts().values(), *(query for _, query in queries())]))
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in read - documented} <= documented
    assert read & documented
