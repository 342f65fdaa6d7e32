"""An OTLP collector on 127.0.0.1, made of aiohttp or grpcio, that keeps what it receives."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import grpc
import grpc.aio
from aiohttp import web
from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """Keeps the received spans and metrics, their resource, and the headers of requests."""

    def __init__(self) -> None:
        self.endpoint = ""
        self.resource: dict[str, str] = {}
        self.spans: list[Span] = []
        self.metrics: dict[str, Metric] = {}
        self.headers: list[dict[str, str]] = []
        self._changed = asyncio.Condition()

    async def received(self, metric: str) -> None:
        """Wait for a metric."""
        async with self._changed:
            await self._changed.wait_for(lambda: metric in self.metrics)

    async def _notify(self) -> None:
        """Wake the tests that wait for a metric."""
        async with self._changed:
            self._changed.notify_all()

    def span(self, method: str) -> Span:
        """The only span of a method of the contract, or the only span with that name."""
        (span,) = [
            span
            for span in self.spans
            if method in {span.name, texts_of(span.attributes).get("rpc.method", "").split("/")[-1]}
        ]
        return span

    def keep_spans(self, message: ExportTraceServiceRequest) -> None:
        """Keep the spans."""
        for resource in message.resource_spans:
            self.resource |= texts_of(resource.resource.attributes)
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def keep_metrics(self, message: ExportMetricsServiceRequest) -> None:
        """Keep the latest metric of each name."""
        for resource in message.resource_metrics:
            self.resource |= texts_of(resource.resource.attributes)
            for scope in resource.scope_metrics:
                self.metrics |= {metric.name: metric for metric in scope.metrics}

    async def on_traces(self, request: web.Request) -> web.Response:
        """Respond to a POST of spans."""
        self.headers.append(dict(request.headers))
        self.keep_spans(ExportTraceServiceRequest.FromString(await request.read()))
        return web.Response()

    async def on_metrics(self, request: web.Request) -> web.Response:
        """Respond to a POST of metrics."""
        self.headers.append(dict(request.headers))
        self.keep_metrics(ExportMetricsServiceRequest.FromString(await request.read()))
        await self._notify()
        return web.Response()

    async def on_export(
        self,
        request: Message,
        context: "grpc.aio.ServicerContext[Message, Message]",
    ) -> Message:
        """Answer the one method that both services of OTLP over gRPC have."""
        metadata = context.invocation_metadata() or ()
        self.headers.append({str(key): str(value) for key, value in metadata})
        if isinstance(request, ExportTraceServiceRequest):
            self.keep_spans(request)
            return ExportTraceServiceResponse()
        assert isinstance(request, ExportMetricsServiceRequest)
        self.keep_metrics(request)
        await self._notify()
        return ExportMetricsServiceResponse()


def texts_of(attributes: Iterable[KeyValue]) -> dict[str, str]:
    """The attributes that are text."""
    return {one.key: one.value.string_value for one in attributes if one.value.string_value}


@asynccontextmanager
async def http_collector() -> AsyncIterator[Collector]:
    """Receive OTLP over HTTP, in protobuf, on a free port until the block ends."""
    collector = Collector()
    application = web.Application()
    application.router.add_post("/v1/traces", collector.on_traces)
    application.router.add_post("/v1/metrics", collector.on_metrics)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    collector.endpoint = f"{host}:{port}"
    try:
        yield collector
    finally:
        await runner.cleanup()


@asynccontextmanager
async def grpc_collector(
    credentials: grpc.ServerCredentials | None = None,
) -> AsyncIterator[Collector]:
    """Receive OTLP over gRPC on a free port until the block ends, over TLS with `credentials`."""
    collector = Collector()
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (
            _service(collector, "trace.v1.TraceService", ExportTraceServiceRequest),
            _service(collector, "metrics.v1.MetricsService", ExportMetricsServiceRequest),
        )
    )
    address = "127.0.0.1:0"
    if credentials is None:
        port = server.add_insecure_port(address)
    else:
        port = server.add_secure_port(address, credentials)
    await server.start()
    collector.endpoint = f"127.0.0.1:{port}"
    try:
        yield collector
    finally:
        await server.stop(None)


def _service(collector: Collector, name: str, request: type[Message]) -> grpc.GenericRpcHandler:
    handler: grpc.RpcMethodHandler[Message, Message] = grpc.unary_unary_rpc_method_handler(
        collector.on_export,
        request_deserializer=request.FromString,
        response_serializer=Message.SerializeToString,
    )
    service = f"opentelemetry.proto.collector.{name}"
    return grpc.method_handlers_generic_handler(service, {"Export": handler})


@asynccontextmanager
async def silent_collector() -> AsyncIterator[str]:
    """Accept connections, and never respond; gives the address."""

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.append(writer)

    open_connections: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        server.close()
        for writer in open_connections:
            writer.close()
