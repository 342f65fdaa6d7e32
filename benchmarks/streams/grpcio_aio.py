"""(a) The streams by hand: grpcio's asyncio server and google protobuf."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import grpc.aio
from google.protobuf.message import Message

from benchmarks.agents.by_hand import HOST, print_port
from benchmarks.streams import google_tokens as google
from benchmarks.streams.google_tokens import StreamRequestMessage, TokenMessage
from benchmarks.streams.methods import SERVICE, TEXT


async def _send(request: StreamRequestMessage, context: object) -> AsyncIterator[Message]:  # noqa: ARG001 - grpcio's
    for _ in range(int(request.params_json)):
        yield google.Token(token=TEXT)


async def _collect(requests: AsyncIterator[TokenMessage], context: object) -> Message:  # noqa: ARG001 - grpcio's
    count = 0
    async for request in requests:
        count += request.token == TEXT
    return google.Token(token=str(count))


def send_method() -> "grpc.RpcMethodHandler[StreamRequestMessage, Message]":
    """Return the method that responds with a stream."""
    return grpc.unary_stream_rpc_method_handler(
        _send, request_deserializer=google.read_request, response_serializer=google.write_token
    )


def _collect_method() -> "grpc.RpcMethodHandler[TokenMessage, Message]":
    return grpc.stream_unary_rpc_method_handler(
        _collect, request_deserializer=google.read_token, response_serializer=google.write_token
    )


async def main() -> None:
    """Serve until the process is ended."""
    server = grpc.aio.server()
    send = grpc.method_handlers_generic_handler(SERVICE, {"Send": send_method()})
    collect = grpc.method_handlers_generic_handler(SERVICE, {"Collect": _collect_method()})
    server.add_generic_rpc_handlers((send, collect))
    port = server.add_insecure_port(f"{HOST}:0")
    await server.start()
    print_port(port)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
