"""The HTTP server of the metrics: one thread with a loop of its own, and few, short connections.

Its own thread, so that metrics can be read while the author's code blocks the agent's loop, and
writing them never delays a call.
"""

import asyncio
import concurrent.futures
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.metrics_variables import METRICS_ADDR
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._runtime.metrics.http_request import (
    RefusedRequestError,
    ScrapeRequest,
    head_length,
    parse_request,
    refusal,
    response,
)
from mirastack_sdk._runtime.metrics.metric_pages import MetricPages
from mirastack_sdk._threads import start_in_thread
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.socket.dialing import reason_of
from mirastack_sdk._wire.socket.listening import Listener, listen
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("metrics")


class ScrapeLimits(NamedTuple):
    """How many connections may be open at once, and how many seconds one may take.

    `closing` is how many seconds those that are open have when the agent ends.
    """

    connections: int = 16
    seconds: float = 10.0
    closing: float = 0.5


DEFAULT_LIMITS = ScrapeLimits()


class _Connection(asyncio.Protocol):
    """One connection: a request, its response, and the end."""

    def __init__(self, server: "_ScrapeLoop", seconds: float) -> None:
        self._server = server
        self._seconds = seconds
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._is_dropped = False
        self.has_responded = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's own promise
        self._transport = transport
        if self._is_dropped:
            transport.abort()
            return
        # From the first byte that is waited for to the last one that the scraper takes.
        self._timer = asyncio.get_running_loop().call_later(self._seconds, transport.abort)

    def data_received(self, data: bytes) -> None:
        if self.has_responded or self._transport is None:
            return
        self._received += data
        try:
            length = head_length(self._received)
            if length is None:
                return
            answer = self._server.respond(parse_request(bytes(self._received[:length])))
        except RefusedRequestError as error:
            answer = refusal(error)
        self.has_responded = True
        self._received.clear()
        self._transport.write(answer)
        # What is written goes out first; the timer ends a scraper that does not read it.
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it ends
        if self._timer is not None:
            self._timer.cancel()
        self._server.forget(self)

    def abort(self) -> None:
        """Close at once, or as soon as it begins."""
        self._is_dropped = True
        if self._transport is not None:
            self._transport.abort()


class _ScrapeLoop:
    """What runs in the server's thread."""

    def __init__(
        self, pages: MetricPages, bearer: BearerToken | None, limits: ScrapeLimits
    ) -> None:
        self._pages = pages
        self._bearer = bearer
        self._limits = limits
        # In the order in which they came.
        self._connections: dict[_Connection, None] = {}
        self._stop = asyncio.Event()
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._log = RateLimitedLog(_LOG)

    def stop(self) -> None:
        """End soon; any thread may call this."""
        # The loop is closed if it has ended by itself.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)

    async def run(self, address: Address, started: "_Started") -> None:
        """Listen until `stop`; `started` gets the port, or the error."""
        listener = Listener(listen(address.host, address.port), self._accept)
        try:
            started.set_result((self, listener.port))
            await self._stop.wait()
        finally:
            await listener.close()
        await self._until_idle()
        for connection in list(self._connections):
            connection.abort()

    async def _until_idle(self) -> None:
        """Let those that have sent a request read its response."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.closing):
                while any(one.has_responded for one in self._connections):
                    self._changed.clear()
                    await self._changed.wait()

    def _accept(self) -> asyncio.Protocol | None:
        if len(self._connections) >= self._limits.connections:
            idle = next((one for one in self._connections if not one.has_responded), None)
            if idle is None:
                return None
            # Whoever connects and says nothing must not keep Prometheus out.
            self.forget(idle)
            idle.abort()
        connection = _Connection(self, self._limits.seconds)
        self._connections[connection] = None
        return connection

    def forget(self, connection: _Connection) -> None:
        """Count a connection no longer."""
        self._connections.pop(connection, None)
        self._changed.set()

    def respond(self, request: ScrapeRequest) -> bytes:
        """Return the response to a request; raises `RefusedRequestError`."""
        if self._bearer is not None:
            problem = self._bearer.refusal(request.headers.get("authorization"))
            if problem is not None:
                self._log.write("token", "refused to show metrics: %s", problem, level=logging.INFO)
                raise RefusedRequestError(
                    HTTPStatus.UNAUTHORIZED, problem, {"WWW-Authenticate": "Bearer"}
                )
        page = self._pages.page(
            request.headers.get("accept", ""), request.headers.get("accept-encoding", "")
        )
        return response(HTTPStatus.OK, page.headers, page.body, with_body=request.method != "HEAD")


# The server and its port, from its thread.
_Started = concurrent.futures.Future[tuple[_ScrapeLoop, int]]


@asynccontextmanager
async def serving_pages(
    address: Address,
    pages: MetricPages,
    bearer: BearerToken | None = None,
    limits: ScrapeLimits = DEFAULT_LIMITS,
) -> AsyncIterator[int]:
    """Serve `pages` at `address` while this is entered; gives the port.

    Raises `ConfigurationError` if the address cannot be bound.
    """
    started = _Started()

    async def run() -> None:
        await _ScrapeLoop(pages, bearer, limits).run(address, started)

    ended = start_in_thread(partial(_serve, run, started), name="mirastack-metrics")
    try:
        # Not cancelled itself: the thread hands its loop over in any case.
        server, port = await asyncio.shield(asyncio.wrap_future(started))
    except OSError as error:
        raise ConfigurationError(
            f"{METRICS_ADDR.name}: cannot listen on {address}: {reason_of(error)}"
        ) from error
    except asyncio.CancelledError:
        started.add_done_callback(_stop_started)
        raise
    try:
        yield port
    finally:
        server.stop()
        await _wait_for_end(ended, limits.closing)


def _serve(run: Callable[[], Coroutine[None, None, None]], started: _Started) -> None:
    try:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(run())
    except BaseException as error:
        # Before it has started, whoever waits for that gets the error.
        if started.done():
            raise
        started.set_exception(error)


async def _wait_for_end(ended: asyncio.Future[None], closing: float) -> None:
    """Wait for the thread, but not for a collector of the author's that hangs."""
    await asyncio.wait((ended,), timeout=2 * closing)
    if not ended.done():
        _LOG.warning("the metrics' thread is left behind: one of your own metrics does not return")
        return
    error = ended.exception()
    if error is not None:
        _LOG.error("the metrics were no longer served: %s", error)


def _stop_started(started: _Started) -> None:
    if started.exception() is None:
        started.result()[0].stop()
