"""An agent without descriptors left goes on serving, says so once, and ends in order."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk.testing import Encoding
from tests.e2e.agent_process import AgentProcess, agent_process

AGENT = Path(__file__).parent / "agents" / "hoarder.py"
SECONDS = 0.5
LARGEST_LOG = 3_000
LARGEST_GROWTH = 40_000_000


@asynccontextmanager
async def connected(agent: AgentProcess) -> AsyncIterator[PluginServiceStub]:
    """Call the agent on one connection."""
    channel = Channel("127.0.0.1", await agent.port(), CODECS, encoding=Encoding.JSON)
    try:
        yield PluginServiceStub(channel, timeout=10.0)
    finally:
        channel.close()


@contextmanager
def idle_connections(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Open connections that send nothing."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            for _ in range(count)
        ]


async def executed(stub: PluginServiceStub, action: str, **params: str) -> object:
    """Run an action; returns the open descriptors that it tells."""
    request = wire.ExecuteRequest(action_id=action, params_json=json.dumps(params).encode())
    response = await stub.execute(request)
    assert response.success, response.error
    return json.loads(response.result_json)["open"]


async def healthy_for(stub: PluginServiceStub, seconds: float) -> None:
    """Check the agent's health again and again."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        assert (await stub.health_check(wire.HealthCheckRequest())).healthy
        await asyncio.wait([loop.create_future()], timeout=0.05)


async def ends_in_order(agent: AgentProcess) -> None:
    """Signal the agent, and check how it ends and how much it has logged."""
    agent.signal()
    assert await agent.ended(timeout=10) == 0
    assert "stopped" in agent.log[-1]
    assert sum(map(len, agent.log)) < LARGEST_LOG
    assert not any("Traceback" in line for line in agent.log)


@pytest.mark.parametrize(("descriptors", "connections"), [(64, 200), (1_024, 1_300)])
async def test_more_idle_connections_than_descriptors(descriptors: int, connections: int) -> None:
    """The connections are limited to what the descriptors allow, less those that calls need."""
    async with agent_process(AGENT, DESCRIPTORS=str(descriptors)) as agent:
        await agent.logged(f"may have {descriptors} file descriptors")
        async with connected(agent) as stub:
            assert (await stub.health_check(wire.HealthCheckRequest())).healthy
            before = agent.memory
            with idle_connections(await agent.port(), connections):
                await healthy_for(stub, SECONDS)
                assert await executed(stub, "open", count="10") == "10"
                assert agent.memory - before < LARGEST_GROWTH
                await ends_in_order(agent)
    assert not any("can be accepted" in line for line in agent.log)


async def test_an_author_that_uses_all_descriptors() -> None:
    """Calls on open connections go on; new ones wait, and are served when there is room."""
    async with agent_process(AGENT, DESCRIPTORS="256") as agent, connected(agent) as stub:
        assert await executed(stub, "open", count="1000") == "all"
        with idle_connections(await agent.port(), 50):
            await healthy_for(stub, SECONDS)
            await agent.logged("no connection can be accepted")
            async with connected(agent) as other:
                waiting = asyncio.create_task(other.health_check(wire.HealthCheckRequest()))
                await executed(stub, "close")
                assert (await waiting).healthy
            lines = [line for line in agent.log if "can be accepted" in line]
            assert len(lines) == 1
            await ends_in_order(agent)


async def test_an_author_that_holds_all_descriptors_until_the_end() -> None:
    """The shutdown needs no descriptor."""
    async with agent_process(AGENT, DESCRIPTORS="128") as agent, connected(agent) as stub:
        assert await executed(stub, "open", count="1000") == "all"
        with idle_connections(await agent.port(), 30):
            await agent.logged("no connection can be accepted")
            await ends_in_order(agent)
