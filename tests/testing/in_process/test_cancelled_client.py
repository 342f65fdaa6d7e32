"""`agent_client` leaves nothing behind, wherever its task is cancelled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk.agent import Agent
from mirastack_sdk.plugin import Permission
from mirastack_sdk.testing import MockEngineClient, agent_client
from tests.cancellation import MOMENTS, Moment, cancel_everywhere


class World:
    """An agent with a lifespan, and the engine that it calls."""

    def __init__(self) -> None:
        self.engine = MockEngineClient()
        self.open: list[str] = []
        self.agent = Agent(
            name="logs",
            version="1.0.0",
            description="Searches logs.",
            permission=Permission.READ,
            devops_stages=["observe"],
        )
        self.agent.lifespan(self._lifespan)
        self.agent.action(name="look")(self._look)

    async def _lifespan(self) -> AsyncIterator[None]:
        self.open.append("lifespan")
        yield
        self.open.remove("lifespan")

    async def _look(self) -> str:
        """Look."""
        return ",".join(self.open)


@asynccontextmanager
async def _world() -> AsyncIterator[World]:
    yield World()


async def _use(world: World) -> None:
    async with agent_client(world.agent, engine=world.engine) as agent:
        await agent.execute("look")


async def _is_closed(world: World) -> None:
    assert world.open == []
    # Nothing of the client is left in the engine of the test.
    with pytest.warns(UserWarning, match="the agent's name"):
        await world.engine.cache_set(None, "key", "value")


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_cancelled_block_closes_everything(moment: Moment) -> None:
    """The agent stops in order, and no task or connection remains."""
    assert await cancel_everywhere(_world, _use, _is_closed, moment) > 3
