"""A constant load of executions by three kinds of clients, and the outcome of each."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import grpc
import grpc.aio
from grpclib.exceptions import GRPCError

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk.testing import Encoding, LocalEngine

EXECUTE = "/mirastack.plugin.v1.PluginService/Execute"
# Only for a call that a test has lost.
TIMEOUT = 30.0


class RefusedError(Exception):
    """The agent refused the call because it is stopping or has stopped."""


class Client(Protocol):
    """Calls Execute at any agent on this machine."""

    async def execute(self, port: int, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        """Return the response; raises `RefusedError` if the agent is stopping."""

    async def close(self) -> None:
        """End the connections."""


class OurClient:
    """Our channel, in one of the encodings."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._channels: dict[int, Channel] = {}

    async def execute(self, port: int, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        if port not in self._channels:
            self._channels[port] = Channel("127.0.0.1", port, CODECS, encoding=self._encoding)
        try:
            stub = PluginServiceStub(self._channels[port], timeout=TIMEOUT)
            return await stub.execute(request)
        except GRPCError as error:
            if error.status is Status.UNAVAILABLE:
                raise RefusedError from error
            raise
        except ConnectionError as error:
            raise RefusedError from error

    async def close(self) -> None:
        for channel in self._channels.values():
            channel.close()


class GrpcioClient:
    """grpcio, which speaks protobuf."""

    def __init__(self) -> None:
        self._channels: dict[int, grpc.aio.Channel] = {}

    async def execute(self, port: int, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        if port not in self._channels:
            options = (("grpc.use_local_subchannel_pool", 1),)
            self._channels[port] = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options)
        table = CODECS[Encoding.PROTOBUF]
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
        call = self._channels[port].unary_unary(EXECUTE)
        data = table.for_type(wire.ExecuteRequest).encode(request)
        try:
            reply = await call(data, timeout=TIMEOUT)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise RefusedError from error
            raise
        return table.for_type(wire.ExecuteResponse).decode(reply)

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()


CLIENTS: dict[str, Callable[[], Client]] = {
    "ours-json": lambda: OurClient(Encoding.JSON),
    "ours-protobuf": lambda: OurClient(Encoding.PROTOBUF),
    "grpcio": GrpcioClient,
}


@dataclass
class Load:
    """Calls the agent at `target` in a loop, and counts.

    Each execution reports its start to the engine: one that started without a response is lost.
    """

    engine: LocalEngine
    target: Callable[[], int | None]
    action: str = "hold"
    seconds: str = "0.02"
    answered: set[str] = field(default_factory=set)
    refused: int = 0
    stopped: bool = False
    _progress: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def started(self) -> set[str]:
        """The executions that the author's code has started."""
        return {result.execution_id for result in self.engine.published}

    @property
    def lost(self) -> set[str]:
        """The executions that started and got no response."""
        return self.started - self.answered

    async def run(self, client: Client) -> None:
        """Call until `stopped`; a refused call is repeated at the current `target`."""
        while not self.stopped:
            port = self.target()
            if port is None or not await self.call(client, port):
                await asyncio.sleep(0)

    async def until_answered(self, number: int) -> None:
        """Wait for this many more responses."""
        wanted = len(self.answered) + number
        async with asyncio.timeout(60):
            while len(self.answered) < wanted:
                self._progress.clear()
                await self._progress.wait()

    async def call(self, client: Client, port: int) -> bool:
        """Make one execution; return whether it got a response instead of a refusal."""
        execution_id = str(uuid.uuid4())
        request = wire.ExecuteRequest(
            execution_id=execution_id,
            action_id=self.action,
            params_json=json.dumps({"number": self.seconds}).encode(),
        )
        try:
            reply = await client.execute(port, request)
        except RefusedError:
            self.refused += 1
            return False
        assert reply.success, reply.error
        self.answered.add(execution_id)
        self._progress.set()
        return True


@asynccontextmanager
async def loaded(load: Load, kinds: dict[str, int]) -> AsyncIterator[None]:
    """Run this many callers of each kind, each kind over its own connections."""
    clients = {kind: CLIENTS[kind]() for kind in kinds}
    callers = [
        asyncio.create_task(load.run(clients[kind]))
        for kind, number in kinds.items()
        for _ in range(number)
    ]
    try:
        yield
        load.stopped = True
        async with asyncio.timeout(TIMEOUT):
            await asyncio.gather(*callers)
    finally:
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        for client in clients.values():
            await client.close()


async def push_config(port: int) -> None:
    """Push a config to the agent, as an engine does."""
    channel = Channel("127.0.0.1", port, CODECS, encoding=Encoding.JSON)
    try:
        request = wire.ConfigUpdatedRequest(config={"level": "high"}, version=1)
        stub = PluginServiceStub(channel, timeout=TIMEOUT)
        assert (await stub.config_updated(request)).acknowledged
    finally:
        channel.close()


def port_of(engine: LocalEngine, name: str = "worker") -> int | None:
    """The port of the instance that registered last, to which the engine would send a call."""
    if name not in engine.agents:
        return None
    return int(engine.agent(name).address.rpartition(":")[2])
