"""The pages of metrics: their formats, the author's metrics, and how often they are written."""

import gzip
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics_families,
)
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from mirastack_sdk._runtime.metrics.metric_pages import MetricPages

OPEN_METRICS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2"


class Bench:
    """Pages of an agent's counter and of the author's registry, at a time that the test moves."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.now = 0.0
        self.count = Counter("calls", "Calls.", ["method"], registry=registry)
        self.author = CollectorRegistry()
        self.pages = MetricPages(registry, others=self.author, monotonic=lambda: self.now)

    def page(self, accept: str = "", accept_encoding: str = "") -> str:
        """A page, as text."""
        page = self.pages.page(accept, accept_encoding)
        body = page.body
        if page.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return body.decode()


@pytest.fixture
def bench() -> Bench:
    """Nothing counted yet."""
    return Bench()


def test_plain_text_is_the_default(bench: Bench) -> None:
    """A counter has one series for each label, and no series for when it began."""
    bench.count.labels("Execute").inc(2)
    assert "text/plain; version=0.0.4" in bench.pages.page("", "").headers["Content-Type"]
    (family,) = text_string_to_metric_families(bench.page())
    assert [(one.name, one.labels, one.value) for one in family.samples] == [
        ("calls_total", {"method": "Execute"}, 2)
    ]


def test_open_metrics_is_sent_to_who_asks(bench: Bench) -> None:
    """What Prometheus prefers is what it gets, in valid OpenMetrics."""
    bench.count.labels("Execute").inc()
    headers = bench.pages.page(OPEN_METRICS, "").headers
    assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    (family,) = open_metrics_families(bench.page(OPEN_METRICS))  # type: ignore[no-untyped-call]  # the library gives it no types
    assert (family.type, family.samples[0].value) == ("counter", 1)


@pytest.mark.parametrize(
    ("accept_encoding", "is_compressed"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("identity", False),
        ("x-gzip", False),
    ],
)
def test_pages_are_compressed_where_allowed(
    bench: Bench, accept_encoding: str, is_compressed: bool
) -> None:
    """The content is the same."""
    assert ("Content-Encoding" in bench.pages.page("", accept_encoding).headers) is is_compressed
    assert bench.page("", accept_encoding) == bench.page()


def test_the_authors_metrics_are_on_the_page(bench: Bench) -> None:
    """But not one that has the name of the agent's own."""
    Gauge("queue", "Waiting.", registry=bench.author).set(7)
    Counter("calls", "Other calls.", registry=bench.author).inc(99)
    page = bench.page()
    assert "queue 7.0" in page
    assert "99" not in page


class Failing(Collector):
    """A collector of an author's that can describe itself, but not be read."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        yield Metric("half", "Half of it.", "gauge")
        raise RuntimeError("the backend is gone")


def test_a_failing_metric_costs_only_the_authors(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """The agent's own are on the page, and the log says what is missing."""
    bench.author.register(Failing())
    bench.count.labels("Execute").inc()
    assert "calls_total" in bench.page()
    assert "half" not in bench.page()
    assert "the backend is gone" in caplog.text


def test_pages_are_not_written_without_end(bench: Bench) -> None:
    """Who asks too often gets the last page again, and a new one in time."""
    pages = set()
    for _ in range(100):
        bench.count.labels("Execute").inc()
        pages.add(bench.page())
    assert len(pages) == 10
    bench.now += 0.5
    assert "101.0" not in bench.page()
    assert "100.0" in bench.page()


def test_each_kind_of_page_is_kept_by_itself(bench: Bench) -> None:
    """A scraper never gets the format of another one."""
    for _ in range(30):
        assert bench.page().startswith("# HELP calls_total")
        assert bench.page(OPEN_METRICS).startswith("# HELP calls Calls")
        assert bench.page("", "gzip") == bench.page()
