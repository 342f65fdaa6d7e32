"""An engine of grpcio and google protobuf, what it answers, and an agent that calls it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import grpc
import grpc.aio
from google.protobuf.message import Message

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
)
from tests.golden.google import CONTRACT, google_classes

GOOGLE = google_classes(*CONTRACT)
AGENT = "/mirastack.plugin.v1.PluginService/"


class CallingAgent(MirastackPlugin):
    """Runs whatever the test passes as its only action."""

    def __init__(self, run: Callable[[ExecuteRequest], Awaitable[str]]) -> None:
        self._run = run

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="my_agent",
            version="1.0.0",
            description="Runs.",
            permission=Permission.READ,
            devops_stages=["observe", "operate"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("run", "Run.", {"n": ParamSchema("integer", enum=["1"])})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(output={"result": await self._run(req)}, logs=["ran"])

    async def health_check(self) -> None:
        return

    async def config_updated(self, config: dict[str, str]) -> None:
        if config != {"k": "v"}:
            raise ValueError("k must be v")


async def call(port: int, method: str, **fields: object) -> Message:
    """Call the agent with grpcio and google's messages."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        rpc: grpc.aio.UnaryUnaryMultiCallable[Message, Message] = channel.unary_unary(
            AGENT + method,
            request_serializer=GOOGLE[f"{method}Request"].SerializeToString,
            response_deserializer=GOOGLE[f"{method}Response"].FromString,
        )
        return await rpc(GOOGLE[f"{method}Request"](**fields), timeout=20)


class GrpcioEngine:
    """An engine of grpcio and google's messages; keeps the requests."""

    def __init__(self, replies: Mapping[str, Mapping[str, object]]) -> None:
        self.asked: dict[str, Message] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.registered = asyncio.Event()
        self._replies = replies

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve on a free port; gives the address."""
        server = grpc.aio.server()
        names = [name.removesuffix("Request") for name in GOOGLE if name.endswith("Request")]
        methods = [name for name in names if f"{name}Response" in GOOGLE]
        handlers = {method: self._handler(method) for method in methods}
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("mirastack.plugin.v1.EngineService", handlers),)
        )
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            await server.stop(None)

    def _handler(self, method: str) -> "grpc.RpcMethodHandler[Message, Message]":
        async def answer(
            request: Message, context: "grpc.aio.ServicerContext[Message, Message]"
        ) -> Message:
            self.asked[method] = request
            metadata = context.invocation_metadata() or ()
            self.metadata[method] = {str(key): str(value) for key, value in metadata}
            if method == "RegisterPlugin":
                self.registered.set()
            return GOOGLE[f"{method}Response"](**self._replies.get(method, {}))

        return grpc.unary_unary_rpc_method_handler(
            answer,
            request_deserializer=GOOGLE[f"{method}Request"].FromString,
            response_serializer=GOOGLE[f"{method}Response"].SerializeToString,
        )


REPLIES: Mapping[str, Mapping[str, object]] = {
    "RegisterPlugin": {"success": True, "license": {"active": True, "effective_tier": "pro"}},
    "DeregisterPlugin": {"acknowledged": True},
    "Heartbeat": {"acknowledged": True},
    "CacheGet": {"value": b"cached", "found": True},
    "CacheGetBatch": {
        "entries": [{"key": "a", "value": b"1", "found": True}, {"key": "b", "found": False}]
    },
    "CacheSet": {"success": True},
    "PublishResult": {"acknowledged": True},
    "RequestApproval": {"approved": True, "reviewer": "ada"},
    "LogEvent": {"acknowledged": True},
    "CallPlugin": {"success": True, "result_json": b'{"result":"[1]"}', "duration_ms": 5},
    "ListKPIs": {"kpis": [{"id": "k1", "created_at": 2**53 + 1}]},
    "GetKPI": {"kpi": {"id": "k1"}},
    "GetConfig": {"config": {"a": "b"}, "version": 3},
}
# The same as Go's encoding/json writes them: bytes in base64, numbers whole.
JSON_REPLIES: Mapping[str, bytes] = {
    "RegisterPlugin": (
        b'{"success":true,"plugin_id":"","error":"",'
        b'"license":{"active":true,"effective_tier":"pro","expires_at":1774973400000}}'
    ),
    "DeregisterPlugin": b'{"acknowledged":true}',
    "Heartbeat": b'{"acknowledged":true}',
    "CacheGet": b'{"value":"Y2FjaGVk","found":true}',
    "CacheGetBatch": (
        b'{"entries":[{"key":"a","value":"MQ==","found":true},'
        b'{"key":"b","value":null,"found":false}]}'
    ),
    "CacheSet": b'{"success":true}',
    "PublishResult": b'{"acknowledged":true}',
    "RequestApproval": b'{"approved":true,"timed_out":false,"reviewer":"ada","comment":""}',
    "LogEvent": b'{"acknowledged":true}',
    "CallPlugin": b'{"success":true,"result_json":"eyJyZXN1bHQiOiJbMV0ifQ==","duration_ms":5}',
    "ListKPIs": b'{"kpis":[{"id":"k1","created_at":9007199254740993}]}',
    "GetKPI": b'{"kpi":{"id":"k1"}}',
    "GetConfig": b'{"config":{"a":"b"},"version":3}',
}
