"""The server of the metrics: what it answers, whom it refuses, and how it ends."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter, Metric
from prometheus_client.registry import Collector

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._runtime.metrics.metric_pages import MetricPages
from mirastack_sdk._runtime.metrics.scrape_server import ScrapeLimits, serving_pages
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk.errors import ConfigurationError
from tests.e2e.scraped import scrape

ANY_PORT = Address("127.0.0.1", 0)
LIMIT = 30.0
# More bytes than sockets and streams buffer.
LARGE = 16_000_000


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server closes the connection, in order or not."""
    received = bytearray()
    async with asyncio.timeout(LIMIT):
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(1_000_000):
                received += part
    return bytes(received)


async def threads_ended() -> None:
    """Wait until no server's thread is left."""
    for thread in threading.enumerate():
        if thread.name == "mirastack-metrics":
            await asyncio.to_thread(thread.join, LIMIT)
            assert not thread.is_alive()


def pages(*collectors: Collector) -> MetricPages:
    """Pages of one counter, and of the author's collectors."""
    registry, author = CollectorRegistry(), CollectorRegistry()
    Counter("calls", "Calls.", registry=registry).inc()
    for collector in collectors:
        author.register(collector)
    return MetricPages(registry, others=author)


async def test_metrics_are_served() -> None:
    """GET gets the page; HEAD gets its headers."""
    async with serving_pages(ANY_PORT, pages()) as port:
        page = await asyncio.to_thread(scrape, port)
        head = await asyncio.to_thread(scrape, port, method="HEAD")
    assert (page.status, page.value("calls_total")) == (200, 1)
    assert (head.status, head.body) == (200, b"")
    assert head.headers == page.headers


async def test_other_pages_are_not_found() -> None:
    """The response says where the metrics are."""
    async with serving_pages(ANY_PORT, pages()) as port:
        found = await asyncio.to_thread(scrape, port, "/")
    assert (found.status, found.body) == (404, b"the metrics are at /metrics\n")


async def test_a_blocked_loop_does_not_stop_scrapers() -> None:
    """The metrics are read while the agent's loop waits for that."""
    async with serving_pages(ANY_PORT, pages()) as port:
        assert scrape(port).status == 200


async def test_the_token_is_required(caplog: pytest.LogCaptureFixture) -> None:
    """Without it or with another one there is nothing to read, and the log says so once."""
    caplog.set_level(logging.INFO)
    async with serving_pages(ANY_PORT, pages(), BearerToken(lambda: "secret-1")) as port:
        none = await asyncio.to_thread(scrape, port)
        wrong = await asyncio.to_thread(scrape, port, authorization="Bearer secret-2")
        right = await asyncio.to_thread(scrape, port, authorization="Bearer secret-1")
    assert [one.status for one in (none, wrong, right)] == [401, 401, 200]
    assert none.headers["WWW-Authenticate"] == "Bearer"
    assert b"calls" not in none.body + wrong.body
    assert b"secret" not in none.body + wrong.body
    assert caplog.text.count("refused to show metrics") == 1
    assert "secret-" not in caplog.text


async def test_who_says_nothing_keeps_nobody_out() -> None:
    """Connections without a request are closed for new ones, the oldest first."""
    limits = ScrapeLimits(connections=3)
    async with serving_pages(ANY_PORT, pages(), limits=limits) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for _ in range(2):
            assert (await asyncio.to_thread(scrape, port)).status == 200
        assert await rest_of(silent[0][0]) == b""
        assert not silent[2][0].at_eof()
        for _, writer in silent:
            writer.close()


async def test_a_flood_of_connections_keeps_nobody_out() -> None:
    """Many that come at once are closed, also before they have begun."""
    limits = ScrapeLimits(connections=2)
    async with serving_pages(ANY_PORT, pages(), limits=limits) as port:
        # The server's thread finds all of them at once, because this one does not wait.
        flood = [socket.create_connection(("127.0.0.1", port)) for _ in range(64)]
        for _ in range(3):
            assert (await asyncio.to_thread(scrape, port)).status == 200
        for one in flood:
            one.close()


@pytest.mark.parametrize("sent", [b"", b"GET /metrics HTTP/1.1\r\n"], ids=["nothing", "half"])
async def test_a_slow_scraper_is_closed(sent: bytes) -> None:
    """A connection has its time, whatever was sent on it."""
    async with serving_pages(ANY_PORT, pages(), limits=ScrapeLimits(seconds=0.05)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert await rest_of(reader) == b""
        writer.close()


class Large(Collector):
    """A metric with much to say."""

    def collect(self) -> Iterator[Metric]:
        yield Metric("large", "x" * LARGE, "gauge")


async def test_a_scraper_that_does_not_read_is_closed() -> None:
    """What it does not take in time is dropped."""
    limits = ScrapeLimits(seconds=0.2)
    async with serving_pages(ANY_PORT, pages(Large()), limits=limits) as port:
        stalled, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
        # A second connection that says nothing ends after the first one's time.
        later, other = await asyncio.open_connection("127.0.0.1", port)
        assert await rest_of(later) == b""
        assert len(await rest_of(stalled)) < LARGE
        writer.close()
        other.close()


async def test_an_address_in_use() -> None:
    """The error names the variable and the address."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        expected = f"MIRASTACK_METRICS_ADDR: cannot listen on 127.0.0.1:{port}: .*in use"
        with pytest.raises(ConfigurationError, match=expected):
            async with serving_pages(Address("127.0.0.1", port), pages()):
                pass


async def test_the_end_leaves_nothing_behind() -> None:
    """The port is free, open connections are closed, and the thread has ended."""
    async with serving_pages(ANY_PORT, pages()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.to_thread(scrape, port)
    assert await rest_of(reader) == b""
    writer.close()
    with socket.create_server(("127.0.0.1", port)):
        await threads_ended()


class Hanging(Collector):
    """A collector of an author's that returns when the test ends."""

    def __init__(self) -> None:
        self.is_asked = threading.Event()
        self.may_end = threading.Event()

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        self.is_asked.set()
        self.may_end.wait(LIMIT)
        yield Metric("late", "Late.", "gauge")


async def test_a_hanging_metric_does_not_hold_up_the_end(caplog: pytest.LogCaptureFixture) -> None:
    """The agent ends all the same, and the log says why a thread is left."""
    hanging = Hanging()
    limits = ScrapeLimits(closing=0.01)
    async with serving_pages(ANY_PORT, pages(hanging), limits=limits) as port:
        asked = asyncio.create_task(asyncio.to_thread(scrape, port))
        await asyncio.to_thread(hanging.is_asked.wait, LIMIT)
    assert "one of your own metrics does not return" in caplog.text
    hanging.may_end.set()
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(asked, return_exceptions=True)


async def test_a_start_that_is_cancelled_frees_the_port() -> None:
    """Nothing listens afterwards, whenever the cancellation comes."""
    for waits in range(4):

        async def start() -> None:
            async with serving_pages(ANY_PORT, pages()):
                await asyncio.Event().wait()

        starting = asyncio.create_task(start())
        for _ in range(waits):
            await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait([starting])
        assert starting.cancelled()
    await threads_ended()
