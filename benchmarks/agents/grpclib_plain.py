"""(c) The agent on grpclib and betterproto as they come, with betterproto's own parser."""

import asyncio
import importlib
import socket
import time
from collections.abc import Callable

from grpclib.client import Channel
from grpclib.server import Server

from benchmarks.agents.by_hand import (
    CALL_SECONDS,
    ENGINE,
    HOST,
    METADATA,
    ExecuteRequestMessage,
    cached_text,
    print_port,
    result_json,
)

# What betterproto's plugin has written into the search path.
_GENERATED = importlib.import_module("mirastack.plugin.v1")
_ExecuteResponse: Callable[..., object] = _GENERATED.ExecuteResponse


class _Engine:
    """Connects when first called, on the loop that calls."""

    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.rpartition(":")
        self._channel: Channel | None = None

    async def cache_get(self, key: str) -> str | None:
        if self._channel is None:
            self._channel = Channel(self._host, int(self._port))
        stub = _GENERATED.EngineServiceStub(self._channel)
        request = _GENERATED.CacheGetRequest(key=key)
        return cached_text(await stub.cache_get(request, timeout=CALL_SECONDS, metadata=METADATA))


class _Agent(_GENERATED.PluginServiceBase):  # type: ignore[name-defined, misc] # made at run time
    def __init__(self) -> None:
        self._engine = _Engine(ENGINE)

    async def execute(self, execute_request: ExecuteRequestMessage) -> object:
        started = time.monotonic()
        result = await result_json(execute_request, self._engine.cache_get)
        milliseconds = round((time.monotonic() - started) * 1000)
        return _ExecuteResponse(success=True, result_json=result, duration_ms=milliseconds)


async def main() -> None:
    """Serve until the process is ended."""
    server = Server([_Agent()])
    # With the protocol named, asyncio sends at once (TCP_NODELAY), as it does on its own sockets.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind((HOST, 0))
    await server.start(sock=listening)
    print_port(listening.getsockname()[1])
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
