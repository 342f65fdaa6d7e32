"""docs/metrics.md lists what an agent exports, with its labels."""

import asyncio
import re
from pathlib import Path
from typing import NamedTuple

from prometheus_client import Metric

from mirastack_sdk._core.policy.registration import FailureReason
from mirastack_sdk._runtime.metrics.http_request import LONGEST_HEAD
from mirastack_sdk._runtime.metrics.scrape_server import DEFAULT_LIMITS
from mirastack_sdk.testing import LocalEngine
from tests.deploy.deploy_files import RULES, promtool
from tests.documentation.documentation import REPOSITORY
from tests.e2e.agent_process import agent_process
from tests.e2e.scraped import metrics_port, scrape

PAGE = (REPOSITORY / "docs" / "metrics.md").read_text(encoding="utf-8")


class Listed(NamedTuple):
    """A metric, as the page or an agent has it."""

    name: str
    type: str
    labels: frozenset[str]


def documented() -> set[Listed]:
    """The rows of the page's tables."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) ?\| .+ \|$", PAGE, re.MULTILINE)
    return {
        Listed(name, kind, frozenset(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows
    }


def exported(metric: Metric) -> Listed:
    """A metric as it is listed: a counter's name ends with `_total`."""
    labels = {name for sample in metric.samples for name in sample.labels} - {"le"}
    name = f"{metric.name}_total" if metric.type == "counter" else metric.name
    return Listed(name, metric.type, frozenset(labels))


async def test_the_page_lists_what_is_exported() -> None:
    """Each metric with its type and its labels, and no other."""
    async with (
        LocalEngine() as engine,
        agent_process(
            "measured.py", engine=engine.address, MIRASTACK_METRICS_ADDR="127.0.0.1:0"
        ) as agent,
    ):
        registered = await engine.wait_registered("measured", timeout=30)
        engine.fail("call_plugin", "PERMISSION_DENIED")
        assert (await registered.execute("store")).success
        assert not (await registered.execute("fail")).success
        page = await asyncio.to_thread(scrape, await metrics_port(agent))
    assert {exported(metric) for metric in page.families.values()} == documented()


def test_the_page_names_every_reason() -> None:
    """The values of the label `reason` are those of the code."""
    section = PAGE.partition("\n`reason` is ")[2].partition(". The first")[0]
    assert re.findall(r"`(\w+)`", section) == [reason.value for reason in FailureReason]


def test_the_limits_are_those_of_the_code() -> None:
    """The limits on the page are those of the server."""
    section = PAGE.partition("## Limits of the port")[2]
    assert DEFAULT_LIMITS == (16, 10.0, 0.5)
    assert LONGEST_HEAD == 16 * 1024
    for promise in ("At most 16 connections", "after ten seconds", "16 KiB", "half a second"):
        assert promise in section


def test_prometheus_accepts_the_configuration(tmp_path: Path) -> None:
    """The page's configuration is valid, beside the rules."""
    (tmp_path / "mirastack-agent.rules.yml").write_bytes(RULES.read_bytes())
    block = PAGE.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "prometheus.yml").write_text(block, encoding="utf-8")
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml", folder=tmp_path)
