"""Executions of the slow agent that grpcio calls, all on one connection."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import grpc.aio

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk.testing import Encoding

_EXECUTE = "/mirastack.plugin.v1.PluginService/Execute"
_CODECS = CODECS[Encoding.PROTOBUF]


class Caller:
    """One connection of grpcio to an agent."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
        self._call = channel.unary_unary(_EXECUTE)

    def begin(
        self, seconds: float, *, timeout: float, cleanup: float = 0.0
    ) -> "grpc.aio.UnaryUnaryCall[bytes, bytes]":
        """Begin an execution that waits for so many seconds."""
        params = {"seconds": str(seconds), "cleanup": str(cleanup)}
        request = wire.ExecuteRequest(action_id="wait", params_json=json.dumps(params).encode())
        data = _CODECS.for_type(wire.ExecuteRequest).encode(request)
        return self._call(data, timeout=timeout)

    async def succeeds(self, seconds: float, *, timeout: float) -> bool:
        """Whether an execution that waits for so many seconds is answered."""
        response = await self.begin(seconds, timeout=timeout)
        return _CODECS.for_type(wire.ExecuteResponse).decode(response).success

    async def expire(
        self, count: int, *, timeout: float, cleanup: float = 0.0
    ) -> Counter[grpc.StatusCode]:
        """Begin so many executions that never end in time; count how they end."""
        calls = [self.begin(60, timeout=timeout, cleanup=cleanup) for _ in range(count)]
        return Counter(await asyncio.gather(*(call.code() for call in calls)))


@asynccontextmanager
async def grpcio_caller(port: int) -> AsyncIterator[Caller]:
    """Connect to the agent at a port of this machine."""
    options = (("grpc.use_local_subchannel_pool", 1),)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        yield Caller(channel)
