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
# Only for a call that a test has lost.
TIMEOUT = 60.0
_CODECS = CODECS[Encoding.PROTOBUF]


class Caller:
    """One connection of grpcio to an agent."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
        self._call = channel.unary_unary(_EXECUTE)

    def begin(
        self, action: str, *, timeout: float, **params: float
    ) -> "grpc.aio.UnaryUnaryCall[bytes, bytes]":
        """Begin an execution of an action."""
        texts = {name: str(value) for name, value in params.items()}
        request = wire.ExecuteRequest(action_id=action, params_json=json.dumps(texts).encode())
        data = _CODECS.for_type(wire.ExecuteRequest).encode(request)
        return self._call(data, timeout=timeout)

    async def succeeds(self, action: str, *, timeout: float = TIMEOUT, **params: float) -> bool:
        """Whether an execution of an action is answered."""
        response = await self.begin(action, timeout=timeout, **params)
        return _CODECS.for_type(wire.ExecuteResponse).decode(response).success

    async def expire(
        self, count: int, *, timeout: float, cleanup: float = 0.0
    ) -> Counter[grpc.StatusCode]:
        """Begin so many executions that never end in time; count how they end."""
        calls = [
            self.begin("wait", seconds=TIMEOUT, timeout=timeout, cleanup=cleanup)
            for _ in range(count)
        ]
        return Counter(await asyncio.gather(*(call.code() for call in calls)))

    async def cancel(self, count: int, *, after: float) -> None:
        """Begin so many executions, and cancel them after so many seconds."""
        calls = [self.begin("wait", seconds=TIMEOUT, timeout=TIMEOUT) for _ in range(count)]
        await asyncio.wait([asyncio.create_task(calls[0].code())], timeout=after)
        for call in calls:
            call.cancel()


@asynccontextmanager
async def grpcio_caller(port: int) -> AsyncIterator[Caller]:
    """Connect to the agent at a port of this machine."""
    options = (("grpc.use_local_subchannel_pool", 1),)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        yield Caller(channel)
