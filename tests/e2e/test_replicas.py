"""Three replicas of an agent behind one address, each in its own process."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk.testing import Encoding, LocalEngine
from mirastack_sdk.testing._agent_client import AgentClient, AgentConnections
from tests.e2e.agent_process import AgentProcess, agent_process
from tests.e2e.balancer import Balancer, balancer

HEARTBEAT = 2.0


@dataclass(frozen=True, kw_only=True)
class Replica:
    """One replica, and a client that reaches it directly."""

    process: AgentProcess
    client: AgentClient
    port: int

    async def config(self) -> object:
        """The config that the author's code has."""
        return json.loads((await self.client.execute("show")).output["result"])


@asynccontextmanager
async def replicas(engine: LocalEngine, shared: Balancer) -> AsyncIterator[list[Replica]]:
    """Run three of them, registered."""
    async with AsyncExitStack() as stack:
        started: list[Replica] = []
        for _ in range(3):
            process = await stack.enter_async_context(
                agent_process(
                    "replica.py",
                    engine=engine.address,
                    MIRASTACK_PLUGIN_ADVERTISE_ADDR=shared.address,
                    MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL=str(HEARTBEAT),
                )
            )
            port = await process.port()
            shared.ports.append(port)
            client = AgentClient(
                "replica",
                AgentConnections(Address("127.0.0.1", port)),
                encoding=Encoding.JSON,
                tenant_id="",
                store_config=engine.store_config,
            )
            await stack.enter_async_context(client)
            started.append(Replica(process=process, client=client, port=port))
        for replica in started:
            await replica.process.logged("registered with the engine")
        yield started


async def all_have(running: list[Replica], config: dict[str, str]) -> None:
    """Return when every replica's author has the config."""
    await asyncio.gather(
        *(replica.client.execute("wait_for", {"config": config}) for replica in running)
    )


@pytest.mark.contract("Configuration at the start: a newer version is taken over with a heartbeat")
async def test_a_push_to_one_reaches_all() -> None:
    """The stored config is in all at the start; a push is in all within two heartbeats."""
    async with asyncio.timeout(60), LocalEngine() as engine, balancer() as shared:
        engine.store_config("replica", {"level": "1"})
        async with replicas(engine, shared) as running:
            await all_have(running, {"level": "1"})
            assert (await engine.agent("replica").push_config({"level": "2"})).acknowledged
            before = len(engine.heartbeats)
            have_it = [await replica.config() for replica in running].count({"level": "2"})
            await all_have(running, {"level": "2"})
            assert have_it < 3, "the push reached one replica, and the others asked"
            sent = Counter(record.instance_id for record in engine.heartbeats[before:])
            assert max(sent.values()) <= 2


@pytest.mark.contract("How agents are deployed: replicas advertise the Service's name")
async def test_stopping_one_loses_nothing() -> None:
    """A replica that stops completes its calls; the others serve what follows, config included."""
    async with (
        asyncio.timeout(60),
        LocalEngine() as engine,
        balancer() as shared,
        replicas(engine, shared) as running,
    ):
        agent = engine.agent("replica")
        await agent.push_config({"level": "1"})
        held = [asyncio.create_task(agent.execute("hold", {"seconds": 1})) for _ in range(5)]
        await engine.wait_for(lambda: len(engine.published) == 5 or None)
        stopping = next(found for found in running if found.port == shared.chosen[-1])
        stopping.process.signal()
        results = []
        while not all(task.done() for task in held):
            results.append(await agent.execute("show"))
        results += await asyncio.gather(*held)
        assert await stopping.process.ended() == 0
        assert [result.error for result in results if not result.success] == []
        left = [found for found in running if found is not stopping]
        await all_have(left, {"level": "1"})
        assert (await agent.push_config({"level": "2"})).acknowledged
        await all_have(left, {"level": "2"})
