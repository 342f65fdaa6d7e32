"""The metrics of a running agent, as a scraper reads them."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.agent_process import AgentProcess

TIMEOUT = 30.0


class Scraped(NamedTuple):
    """A response: its status, its headers and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def families(self) -> dict[str, Metric]:
        """The metrics of a page by name."""
        return {one.name: one for one in text_string_to_metric_families(self.body.decode())}

    def value(self, name: str, /, **labels: str) -> float:
        """The sum of the samples with this name and these labels."""
        return sum(
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


def scrape(port: int, path: str = "/metrics", method: str = "GET", **headers: str) -> Scraped:
    """Ask for a page; `accept_encoding` is the header Accept-Encoding."""
    request = Request(
        f"http://127.0.0.1:{port}{path}",
        method=method,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310 - a fixed scheme
            return Scraped(response.status, dict(response.headers), response.read())
    except HTTPError as error:
        with error:
            return Scraped(error.code, dict(error.headers), error.read())


async def metrics_port(agent: AgentProcess) -> int:
    """The port on which a process serves its metrics."""
    found = re.search(r"port=(\d+)", await agent.logged("metrics are served"))
    assert found is not None
    return int(found[1])
