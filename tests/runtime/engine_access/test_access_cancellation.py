"""Registration and the calls of an execution, cancelled at each of their suspensions."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceBase
from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.engine_access.engine_client import RpcEngineClient
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.session import Registration, Session
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.engine import Approval, EngineClient
from mirastack_sdk.plugin import Context
from mirastack_sdk.testing import LocalEngine
from tests.cancellation import MOMENTS, TIMEOUT, Moment, cancel_everywhere, nothing_left
from tests.runtime.recording_clock import RecordingClock


class Engine(EngineServiceBase):
    """An engine that knows the agents which are registered."""

    def __init__(self) -> None:
        self.known = set[str]()

    async def register_plugin(
        self, message: wire.RegisterPluginRequest
    ) -> wire.RegisterPluginResponse:
        self.known.add(message.instance_id)
        return wire.RegisterPluginResponse(success=True, plugin_id="p-1")

    async def heartbeat(self, message: wire.HeartbeatRequest) -> wire.HeartbeatResponse:
        return wire.HeartbeatResponse(acknowledged=message.instance_id in self.known)

    async def deregister_plugin(
        self, message: wire.DeregisterPluginRequest
    ) -> wire.DeregisterPluginResponse:
        self.known.discard(message.instance_id)
        return wire.DeregisterPluginResponse(acknowledged=True)


class World:
    """A session with an engine, which forgets the agent after its first heartbeat."""

    def __init__(self, engine: Engine, port: int) -> None:
        self.engine = engine
        self.clock = RecordingClock()
        settings = Settings(engine_addr=Address("127.0.0.1", port), tenant_id="t-1")
        self.link = EngineLink(settings, "logs", clock=self.clock)
        self.beats = 0
        self.session = Session(
            self.link,
            Registration("logs", "1.0.0", "127.0.0.1:7", "i-1", "t-1"),
            fixed_interval=None,
            clock=self.clock,
            uniform=random.uniform,
            on_heartbeat=self._on_heartbeat,
        )
        self._limit = asyncio.timeout(None)

    def _on_heartbeat(self) -> None:
        self.beats += 1
        if self.beats == 1:
            self.engine.known.clear()
        else:
            self._limit.reschedule(0)

    async def _pass_time(self) -> None:
        while True:
            await self.clock.wait_for_sleepers(timeout=TIMEOUT)
            self.clock.advance(30)

    async def run(self) -> None:
        """Register, be forgotten by the engine, and register again."""
        self._limit, self.beats = asyncio.timeout(None), 0
        passing = asyncio.create_task(self._pass_time())
        try:
            async with self._limit:
                await self.session.run()
        except TimeoutError:
            assert self._limit.expired()
        finally:
            passing.cancel()


@asynccontextmanager
async def _world() -> AsyncIterator[World]:
    engine = Engine()
    server = Server([engine], CODECS)
    await server.start()
    async with nothing_left():
        world = World(engine, server.port)
        yield world
        world.link.close()
    await server.close()


async def _leave(world: World) -> None:
    await world.session.leave(TIMEOUT)
    assert not world.engine.known


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_cancelled_session_deregisters(moment: Moment) -> None:
    """Wherever it is in registering, its heartbeats and registering again; then it starts anew."""

    async def check(world: World) -> None:
        await _leave(world)
        await world.run()
        assert world.engine.known == {"i-1"}
        await _leave(world)

    assert await cancel_everywhere(_world, World.run, check, moment, with_children=True) > 5


@asynccontextmanager
async def _execution() -> AsyncIterator[EngineClient]:
    """The engine client of an execution."""
    async with LocalEngine() as engine, nothing_left():
        engine.answer_approvals(Approval(approved=True))
        engine.answer_plugin("other", "act", {"result": "1"})
        settings = Settings(engine_addr=Address.parse(engine.address), tenant_id="t-1")
        clock = SystemClock()
        link = EngineLink(settings, "logs", clock=clock)
        yield RpcEngineClient(
            link,
            ConfigCache(0, clock),
            clock,
            ctx=Context(execution_id="e-1"),
            scope=ExecutionScope(),
        )
        link.close()


type Call = Callable[[EngineClient], Awaitable[object]]

CALLS: dict[str, Call] = {
    "request_approval": lambda engine: engine.request_approval(None, "Restart the pods"),
    "call_plugin": lambda engine: engine.call_plugin(None, "other", "act", {}),
    "get_config": lambda engine: engine.get_config(None),
    "cache_get": lambda engine: engine.cache_get(None, "key"),
    "publish_result": lambda engine: engine.publish_result(None, "{}"),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", CALLS)
async def test_a_cancelled_call_of_the_engine_harms_no_other(name: str, moment: Moment) -> None:
    """From the connection to the response; the same call and others succeed afterwards."""

    async def call(engine: EngineClient) -> None:
        await CALLS[name](engine)

    async def check(engine: EngineClient) -> None:
        await call(engine)
        assert await engine.cache_get(None, "key") is None

    assert await cancel_everywhere(_execution, call, check, moment, with_children=True) > 3
