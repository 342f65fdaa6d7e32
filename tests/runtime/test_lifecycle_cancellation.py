"""An agent leaves its engine in order, wherever its task is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated

import pytest

from mirastack_sdk import serve_async
from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.plugin import Permission
from mirastack_sdk.testing import AgentCallError, AgentClient, ExecutionResult, LocalEngine
from tests.cancellation import MOMENTS, TIMEOUT, Moment, cancel_everywhere, until


class World:
    """An engine, and an agent with a lifespan, a resource and one call that runs at the end."""

    def __init__(self, engine: LocalEngine) -> None:
        self.engine = engine
        self.stop = asyncio.Event()
        self.entered = asyncio.Event()
        self.left = asyncio.Event()
        self.open: list[str] = []
        self.call: asyncio.Task[ExecutionResult] | None = None
        self.agent = self._agent()

    def _agent(self) -> Agent:
        agent = Agent(
            name="logs",
            version="1.0.0",
            description="Searches logs.",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

        async def opened() -> AsyncIterator[object]:
            self.open.append("resource")
            try:
                yield self
            finally:
                self.open.remove("resource")

        async def lifespan() -> AsyncIterator[None]:
            await asyncio.sleep(0)
            self.open.append("lifespan")
            try:
                yield
            finally:
                self.open.remove("lifespan")

        agent.lifespan(lifespan)

        @agent.action
        async def use(_it: Annotated[object, Depends(opened, lifetime="agent")]) -> str:
            """Use the resource."""
            self.entered.set()
            await self.left.wait()
            return "used"

        return agent

    @property
    def environ(self) -> dict[str, str]:
        return {
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            "MIRASTACK_ENGINE_ADDR": self.engine.address,
            "MIRASTACK_PLUGIN_TENANT_ID": "t-1",
        }

    async def use(self) -> ExecutionResult:
        """Call the agent as the engine does."""
        agent: AgentClient = await self.engine.wait_registered("logs")
        return await agent.execute("use")

    async def serve(self, stop: Callable[[], Coroutine[object, object, object]]) -> None:
        """Serve the agent until `stop` has made it stop."""
        stopping = asyncio.create_task(stop())
        try:
            await serve_async(
                self.agent, environ=self.environ, stop=self.stop, on_listening=lambda _: None
            )
        finally:
            stopping.cancel()

    async def stop_during_a_call(self) -> None:
        """Stop while a call runs, which ends during the grace period."""
        self.call = asyncio.create_task(self.use())
        await self.entered.wait()
        self.stop.set()
        await asyncio.sleep(0)
        self.left.set()


@asynccontextmanager
async def _world() -> AsyncIterator[World]:
    async with LocalEngine() as engine:
        yield World(engine)


async def _stop_during_a_call(world: World) -> None:
    await world.serve(world.stop_during_a_call)


async def _has_left(world: World) -> None:
    assert world.open == []
    assert world.engine.agents == []
    assert len(world.engine.deregistrations) <= 1
    if world.entered.is_set():
        assert world.call is not None
        assert (await world.call).success
    elif world.call is not None:
        world.call.cancel()
        await asyncio.wait((world.call,))


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_cancelled_agent_leaves_in_order(moment: Moment) -> None:
    """It deregisters once, answers the call that runs, and closes what it had opened."""
    number = await cancel_everywhere(
        _world, _stop_during_a_call, _has_left, moment, with_children=True
    )
    assert number > 5


async def test_a_second_cancellation_ends_the_shutdown() -> None:
    """As a second Ctrl-C does: a call that never ends is cancelled before the grace period ends."""
    async with _world() as world, asyncio.timeout(TIMEOUT):
        serving = asyncio.create_task(world.serve(asyncio.Event().wait))
        calling = asyncio.create_task(world.use())
        await world.entered.wait()
        world.stop.set()
        await until(lambda: not world.engine.agents)
        serving.cancel()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not serving.done()
        serving.cancel()
        await asyncio.wait((serving,))
        assert serving.cancelled()
        with pytest.raises(AgentCallError, match="the connection was lost"):
            await calling
        assert world.open == []
