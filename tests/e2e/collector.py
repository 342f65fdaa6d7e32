"""An OTLP collector on 127.0.0.1 that keeps what it is sent, or never answers."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """Receives OTLP over HTTP, in protobuf."""

    def __init__(self) -> None:
        self.url = ""
        self.resource: dict[str, str] = {}
        self.spans: list[Span] = []
        self.metrics: set[str] = set()

    def span(self, name: str) -> Span:
        """The only span whose name ends like that."""
        (span,) = [span for span in self.spans if span.name.rpartition("/")[2] == name]
        return span

    async def traces(self, request: web.Request) -> web.Response:
        """Keep the spans."""
        message = ExportTraceServiceRequest.FromString(await request.read())
        for resource in message.resource_spans:
            self.resource |= texts_of(resource.resource.attributes)
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return web.Response()

    async def measurements(self, request: web.Request) -> web.Response:
        """Keep the names of the metrics."""
        message = ExportMetricsServiceRequest.FromString(await request.read())
        for resource in message.resource_metrics:
            for scope in resource.scope_metrics:
                self.metrics |= {metric.name for metric in scope.metrics}
        return web.Response()


def texts_of(attributes: Iterable[KeyValue]) -> dict[str, str]:
    """The attributes that are text."""
    return {one.key: one.value.string_value for one in attributes if one.value.string_value}


@asynccontextmanager
async def running_collector() -> AsyncIterator[Collector]:
    """Receive on a free port until the block ends."""
    collector = Collector()
    application = web.Application()
    application.router.add_post("/v1/traces", collector.traces)
    application.router.add_post("/v1/metrics", collector.measurements)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    collector.url = f"http://{host}:{port}"
    try:
        yield collector
    finally:
        await runner.cleanup()


@asynccontextmanager
async def silent_collector() -> AsyncIterator[str]:
    """Accept connections, and never answer; gives the URL."""

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.append(writer)

    open_connections: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()
        for writer in open_connections:
            writer.close()
