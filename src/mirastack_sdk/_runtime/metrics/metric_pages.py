"""The page of all metrics, in the format that a scraper asks for."""

import gzip
import logging
import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import REGISTRY, CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._log import Log, RateLimitedLog

_LOG = Log("metrics")

# A page costs milliseconds. Whoever asks more often than this gets the last one again.
_PAGES_AT_ONCE = 10
_PAGES_A_SECOND = 2.0
_COMPRESSION = 1


class Page(NamedTuple):
    """A page, and the headers that describe it."""

    headers: Mapping[str, str]
    body: bytes


class _AllMetrics(Collector):
    """The agent's metrics, and those of the author's that have other names.

    An author's collector that fails costs only the author's metrics.
    """

    def __init__(self, own: CollectorRegistry, others: CollectorRegistry) -> None:
        self._own = own
        self._others = others
        self._log = RateLimitedLog(_LOG)

    def collect(self) -> Iterator[Metric]:
        """Return all metrics of this moment."""
        names = set()
        for metric in self._own.collect():
            names.add(metric.name)
            # The library adds to each series when it began, a series of its own in plain text.
            metric.samples = [one for one in metric.samples if not one.name.endswith("_created")]
            yield metric
        yield from (metric for metric in self._of_author() if metric.name not in names)

    def _of_author(self) -> list[Metric]:
        try:
            return list(self._others.collect())
        except Exception as error:  # noqa: BLE001 - the author's code
            self._log.write(
                "author",
                "your own metrics are left out, because one of them cannot be read: %r",
                error,
                level=logging.WARNING,
            )
            return []


class MetricPages:
    """Writes pages of the metrics in `registry`, and of those of prometheus_client's default one.

    `monotonic` limits how often.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        others: CollectorRegistry = REGISTRY,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics = _AllMetrics(registry, others)
        self._monotonic = monotonic
        self._left = float(_PAGES_AT_ONCE)
        self._asked_at = monotonic()
        self._last: dict[tuple[str, bool], Page] = {}

    def page(self, accept: str, accept_encoding: str) -> Page:
        """Return the page for the values of these two headers of a request."""
        encode, content_type = choose_encoder(accept)
        is_compressed = _allows_gzip(accept_encoding)
        key = (content_type, is_compressed)
        last = self._last.get(key)
        if not self._may_write() and last is not None:
            return last
        body: bytes = encode(self._metrics)
        headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
        if is_compressed:
            body = gzip.compress(body, _COMPRESSION)
            headers["Content-Encoding"] = "gzip"
        page = self._last[key] = Page(headers, body)
        return page

    def _may_write(self) -> bool:
        now = self._monotonic()
        earned = (now - self._asked_at) * _PAGES_A_SECOND
        self._left, self._asked_at = min(_PAGES_AT_ONCE, self._left + earned), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _allows_gzip(accept_encoding: str) -> bool:
    codings = [coding.strip().partition(";") for coding in accept_encoding.lower().split(",")]
    return any(name.strip() == "gzip" and not _is_zero(rest) for name, _, rest in codings)


def _is_zero(weight: str) -> bool:
    """Whether a weight (RFC 9110 §12.4.2) forbids what it follows."""
    name, _, value = weight.replace(" ", "").partition("=")
    return name == "q" and value.strip("0.") == ""
