"""(a) The agent by hand: grpcio's asyncio server and google protobuf."""

import asyncio
import time

import grpc
import grpc.aio
from google.protobuf.message import Message

from benchmarks.agents import google_messages as google
from benchmarks.agents.by_hand import (
    ENGINE,
    HOST,
    MAX_MESSAGE_BYTES,
    SERVICE,
    ExecuteRequestMessage,
    print_port,
    result_json,
)
from benchmarks.agents.grpcio_engine import GrpcioEngine

OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
)

_engine = GrpcioEngine(ENGINE)


async def _execute(
    request: ExecuteRequestMessage,
    context: grpc.aio.ServicerContext[ExecuteRequestMessage, Message],  # noqa: ARG001 - grpcio's
) -> Message:
    started = time.monotonic()
    result = await result_json(request, _engine.cache_get)
    milliseconds = round((time.monotonic() - started) * 1000)
    return google.ExecuteResponse(success=True, result_json=result, duration_ms=milliseconds)


def execute_method() -> "grpc.RpcMethodHandler[ExecuteRequestMessage, Message]":
    """Return the method Execute."""
    return grpc.unary_unary_rpc_method_handler(
        _execute,
        request_deserializer=google.read_execute_request,
        response_serializer=google.write_execute_response,
    )


async def main() -> None:
    """Serve until the process is ended."""
    server = grpc.aio.server(options=OPTIONS)
    handler = grpc.method_handlers_generic_handler(SERVICE, {"Execute": execute_method()})
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port(f"{HOST}:0")
    await server.start()
    print_port(port)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
