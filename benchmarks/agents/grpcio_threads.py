"""(b) The agent on a thread pool of ten, each call handed to a background loop and waited for."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc

from benchmarks.agents import google_messages as google
from benchmarks.agents import json_messages
from benchmarks.agents.by_hand import (
    ENGINE,
    HOST,
    JSON_DIALECT,
    MAX_MESSAGE_BYTES,
    SERVICE,
    ExecuteRequestMessage,
    print_port,
    result_json,
)
from benchmarks.agents.grpcio_engine import GrpcioEngine

_WORKERS = 10

_engine = GrpcioEngine(ENGINE)
_background = asyncio.new_event_loop()


def _answering[Response](
    make: Callable[..., Response],
) -> Callable[[ExecuteRequestMessage, grpc.ServicerContext], Response]:
    def execute(request: ExecuteRequestMessage, context: grpc.ServicerContext) -> Response:  # noqa: ARG001 - grpcio's
        started = time.monotonic()
        running = result_json(request, _engine.cache_get)
        result = asyncio.run_coroutine_threadsafe(running, _background).result()
        milliseconds = round((time.monotonic() - started) * 1000)
        return make(success=True, result_json=result, duration_ms=milliseconds)

    return execute


def _handler() -> grpc.GenericRpcHandler:
    if JSON_DIALECT:
        execute = grpc.unary_unary_rpc_method_handler(
            _answering(json_messages.ExecuteResponse),
            request_deserializer=json_messages.read_execute_request,
            response_serializer=json_messages.write_execute_response,
        )
        return grpc.method_handlers_generic_handler(SERVICE, {"Execute": execute})
    execute_google = grpc.unary_unary_rpc_method_handler(
        _answering(google.ExecuteResponse),
        request_deserializer=google.read_execute_request,
        response_serializer=google.write_execute_response,
    )
    return grpc.method_handlers_generic_handler(SERVICE, {"Execute": execute_google})


def main() -> None:
    """Serve until the process is ended."""
    threading.Thread(target=_background.run_forever, daemon=True).start()
    server = grpc.server(
        ThreadPoolExecutor(max_workers=_WORKERS),
        options=(
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ),
    )
    server.add_generic_rpc_handlers((_handler(),))
    port = server.add_insecure_port(f"{HOST}:0")
    server.start()
    print_port(port)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
