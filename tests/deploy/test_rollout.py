"""Replicas with the settings and probes of the manifests, behind what a Service does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

from mirastack_sdk.testing import LocalEngine, RegisteredAgent
from tests.deploy.health_probe import probe
from tests.deploy.manifests import at, container, pod_variables
from tests.e2e.agent_process import AgentProcess, agent_process
from tests.e2e.balancer import Balancer, balancer
from tests.e2e.scraped import metrics_port, scrape

_TIMEOUT = 120.0


class Service:
    """Leads to the Pods whose readiness probe passes."""

    def __init__(self, engine: LocalEngine, address: Balancer, pods: AsyncExitStack) -> None:
        self._engine = engine
        self._address = address
        self._pods = pods

    async def start(self) -> tuple[AgentProcess, int]:
        """Start a Pod, and lead to it when it is ready; returns its port, too."""
        environ = pod_variables() | {
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            "MIRASTACK_PLUGIN_ADVERTISE_ADDR": self._address.address,
            "MIRASTACK_METRICS_ADDR": "127.0.0.1:0",
        }
        del environ["MIRASTACK_ENGINE_ADDR"]
        started = agent_process("replica.py", engine=self._engine.address, **environ)
        pod = await self._pods.enter_async_context(started)
        port = await pod.port()
        while not await passes("readinessProbe", port):
            pass
        self._address.ports.append(port)
        return pod, port

    async def stop(self, pod: AgentProcess, port: int) -> None:
        """Stop a Pod, and lead to it no more when its probe fails, which is in time."""
        pod.signal()
        while await passes("readinessProbe", port):
            pass
        assert await passes("livenessProbe", port), "nobody should kill it while it drains"
        self._address.ports.remove(port)
        assert await pod.ended() == 0


async def passes(name: str, port: int) -> bool:
    """Whether a probe of the manifests passes."""
    service = at(container(), f"{name}/grpc/service")
    return await probe(["probe", "-addr=127.0.0.1:0", f"-service={service}"], port)


@asynccontextmanager
async def service() -> AsyncIterator[tuple[LocalEngine, Service]]:
    """An engine, and a Service without Pods."""
    async with (
        asyncio.timeout(_TIMEOUT),
        LocalEngine() as engine,
        balancer() as address,
        AsyncExitStack() as pods,
    ):
        yield engine, Service(engine, address, pods)


async def test_the_first_replica_is_registered_through_its_service() -> None:
    """It is ready before, since the engine dials it there; and its metrics say when it is."""
    async with service() as (engine, replicas):
        pod, _ = await replicas.start()
        await engine.wait_registered("replica", timeout=_TIMEOUT)
        await pod.logged("registered with the engine", timeout=_TIMEOUT)
        page = await asyncio.to_thread(scrape, await metrics_port(pod))
        assert page.value("mirastack_agent_registered") == 1


async def test_a_rollout_loses_no_call() -> None:
    """A new replica is ready before an old one stops, which serves until its Service forgets it."""
    async with service() as (engine, replicas):
        old = [await replicas.start() for _ in range(2)]
        for pod, _ in old:
            await pod.logged("registered with the engine", timeout=_TIMEOUT)

        async def rollout() -> None:
            for pod, port in old:
                new, _ = await replicas.start()
                await new.logged("registered with the engine", timeout=_TIMEOUT)
                await replicas.stop(pod, port)

        failures = await during(rollout, engine.agent("replica"))
        assert failures == []


async def during(
    action: Callable[[], Coroutine[object, object, None]], agent: RegisteredAgent
) -> list[str]:
    """The errors of the executions that the engine makes while something is done."""
    doing = asyncio.create_task(action())
    errors = []
    while not doing.done():
        result = await agent.execute("show")
        if not result.success:
            errors.append(result.error)
    await doing
    return errors
