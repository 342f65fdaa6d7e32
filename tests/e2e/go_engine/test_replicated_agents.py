"""Three replicas of an agent behind real balancers, called by an engine of grpc-go."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.go_engine.building import Program
from tests.e2e.go_engine.driver import Fields, GoEngine, Json, go_engine
from tests.e2e.go_engine.probed_replica import ProbedReplica
from tests.e2e.proxies import HAPROXY_HTTP, HAPROXY_TCP, NGINX, Proxy, free_port, proxied

REPLICAS = 3
CALLERS = 8
# The version of the config that engines have before the first change.
BIG = 2**53 + 1
FIRST: Fields = {"level": "1"}
SECOND: Fields = {"level": "2"}


@asynccontextmanager
async def replicas(
    program: Program, proxy: Proxy, folder: Path, **environ: str
) -> AsyncIterator[tuple[GoEngine, list[ProbedReplica]]]:
    """Run an engine and three replicas behind a proxy, which are registered and probed."""
    ports = [free_port() for _ in range(REPLICAS)]
    with proxied(proxy, folder, [[f"127.0.0.1:{port}" for port in ports]]) as (shared,):
        async with asyncio.timeout(240), go_engine(program) as engine, AsyncExitStack() as stack:
            started = [
                ProbedReplica(
                    port,
                    engine.address,
                    MIRASTACK_PLUGIN_ADVERTISE_ADDR=shared,
                    MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL="0.5",
                    **environ,
                )
                for port in ports
            ]
            for replica in started:
                await stack.enter_async_context(replica.probed())
            await asyncio.gather(*(replica.start() for replica in started))
            yield engine, started
            await asyncio.gather(*(replica.stop() for replica in started))
    for replica in started:
        replica.check()


@asynccontextmanager
async def load(engine: GoEngine, action: str, take: Callable[[Json], None]) -> AsyncIterator[None]:
    """Call an action all the time; `take` gets the results, and the first failure is raised."""
    is_over = asyncio.Event()

    async def keep_calling() -> None:
        while not is_over.is_set():
            outcome = await engine.execute(action)
            assert (outcome.code, outcome.message) == ("OK", "")
            assert outcome.reply["success"], outcome.reply["error"]
            take(outcome.result)

    async with asyncio.TaskGroup() as callers:
        for _ in range(CALLERS):
            callers.create_task(keep_calling())
        yield
        is_over.set()


async def configure(engine: GoEngine, config: Fields, version: int) -> None:
    """Change the config as an operator does."""
    outcome = await engine.ask("configure", request={"config": config, "version": version})
    assert outcome.reply["acknowledged"]


@pytest.mark.contract("How agents are deployed: replicas advertise the Service's name")
@pytest.mark.parametrize("proxy", [NGINX, HAPROXY_HTTP], ids=["nginx", "haproxy"])
async def test_a_rolling_restart_loses_nothing(
    program: Program, proxy: Proxy, tmp_path: Path
) -> None:
    """Every call of grpc-go succeeds, configs agree, and probes are right at every moment."""
    configs: list[Json] = []
    running = replicas(program, proxy, tmp_path, MIRASTACK_PLUGIN_SHUTDOWN_DELAY="1")
    async with running as (engine, started):
        await configure(engine, FIRST, BIG + 1)
        await asyncio.gather(*(replica.has(FIRST) for replica in started))
        async with load(engine, "show", configs.append):
            await started[0].stop()
            await started[0].start()
            await started[1].stop()
            # Two replicas are there to get it.
            await configure(engine, SECOND, BIG + 2)
            await started[1].start()
            await started[2].stop()
            await started[2].start()
            await asyncio.gather(*(replica.has(SECOND) for replica in started))
            later = [(await engine.execute("show")).result for _ in range(10 * REPLICAS)]
        assert len(engine.all_of("called", "RegisterPlugin")) >= 2 * REPLICAS
    assert FIRST in configs
    assert all(config in (FIRST, SECOND) for config in configs)
    assert later == [SECOND] * len(later)
    assert any("N" in replica.found["stopping"] for replica in started)


async def turns_of(engine: GoEngine, number: int) -> list[Json]:
    """Call one after the other until so many turns have begun; return who had them."""
    turns: list[Json] = []
    while len(turns) < number:
        outcome = await engine.execute("who")
        assert (outcome.code, outcome.message) == ("OK", "")
        if turns[-1:] != [outcome.result]:
            turns.append(outcome.result)
    return turns


@pytest.mark.contract("How agents are deployed: replicas advertise the Service's name")
async def test_each_replica_gets_its_share_of_one_connection(
    program: Program, tmp_path: Path
) -> None:
    """With a connection age, the engine's connections take turns, and no call is lost."""
    callees: list[Json] = []
    environ = {"MIRASTACK_PLUGIN_MAX_CONNECTION_AGE": "1"}
    async with (
        replicas(program, HAPROXY_TCP, tmp_path, **environ) as (engine, _),
        load(engine, "who", callees.append),
    ):
        turns = await turns_of(engine, 3 * REPLICAS)
    # On a busy machine a turn may pass between two calls, so their order is not checked.
    assert len(set(map(str, turns))) == REPLICAS
    shares = Counter(map(str, callees))
    assert len(shares) == REPLICAS
    assert min(shares.values()) > 0.05 * len(callees)
