"""A real agent process and an engine that are connected by real proxies only."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mirastack_sdk.testing import AgentCallError, Encoding, LocalEngine, RegisteredAgent
from tests.e2e.agent_process import AgentProcess, agent_process
from tests.e2e.grpcio_engine import REPLIES, GrpcioEngine, call
from tests.e2e.proxies import HAPROXY_HTTP, HAPROXY_TCP, NGINX, Proxy, free_port, proxied

EVERY_PROXY = pytest.mark.parametrize(
    "proxy", [HAPROXY_TCP, HAPROXY_HTTP, NGINX], ids=["haproxy-tcp", "haproxy-http", "nginx"]
)


@asynccontextmanager
async def proxied_process(
    proxy: Proxy, engine: str, folder: Path, *, idle: str = "60s", **environ: str
) -> AsyncIterator[tuple[AgentProcess, str]]:
    """Run the worker agent, with a proxy before it and before the engine; gives its address."""
    own = f"127.0.0.1:{free_port()}"
    with proxied(proxy, folder, [[own], [engine]], idle=idle) as (to_agent, to_engine):
        addresses = {"MIRASTACK_PLUGIN_ADDR": own, "MIRASTACK_PLUGIN_ADVERTISE_ADDR": to_agent}
        async with agent_process("worker.py", engine=to_engine, **addresses, **environ) as process:
            yield process, to_agent


@asynccontextmanager
async def proxied_worker(
    proxy: Proxy, engine: LocalEngine, folder: Path, *, idle: str = "60s", **environ: str
) -> AsyncIterator[tuple[AgentProcess, RegisteredAgent]]:
    """The same, once it is registered under the proxy's address."""
    running = proxied_process(proxy, engine.address, folder, idle=idle, **environ)
    async with running as (process, address):
        agent = await engine.wait_registered("worker", timeout=30)
        assert agent.address == address
        yield process, agent


@EVERY_PROXY
async def test_it_registers_and_executes_in_both_encodings(proxy: Proxy, tmp_path: Path) -> None:
    """Calls in both directions pass: small and large, with callbacks, failures and statuses."""
    tenant = {"MIRASTACK_PLUGIN_TENANT_ID": "t-1"}
    async with (
        LocalEngine() as engine,
        proxied_worker(proxy, engine, tmp_path, **tenant) as (_, agent),
    ):
        for encoding in Encoding:
            execute = agent.execute
            assert (await execute("cache", encoding=encoding)).output == {"result": '"kept"'}
            large = "x" * 3_000_000
            result = await execute("answer", {"text": large}, encoding=encoding)
            assert json.loads(result.output["result"])["text"] == large
            assert (await execute("fail", {"text": "no"}, encoding=encoding)).error == "no"
            with pytest.raises(AgentCallError) as caught:
                await execute("answer", encoding=encoding, tenant_id="somebody-else")
            assert caught.value.status == "PERMISSION_DENIED"
        assert (await agent.health()).healthy
    assert engine.violations == []


@EVERY_PROXY
async def test_an_independent_engine_executes_in_protobuf(proxy: Proxy, tmp_path: Path) -> None:
    """An engine of grpcio and google protobuf, behind the proxy."""
    engine = GrpcioEngine(REPLIES)
    async with (
        engine.serving() as engine_address,
        proxied_process(proxy, engine_address, tmp_path) as (process, address),
    ):
        async with asyncio.timeout(30):
            await engine.registered.wait()
        port = int(address.rpartition(":")[2])
        response = await call(port, "Execute", action_id="cache", execution_id="e-1")
        process.signal()
        assert await process.ended() == 0
    assert response.success  # type: ignore[attr-defined] # google's classes are made at run time
    assert json.loads(response.result_json)["result"] == '"cached"'  # type: ignore[attr-defined] # as above
    assert engine.metadata["CacheGet"]["x-plugin-name"] == "worker"
    assert "DeregisterPlugin" in engine.asked


@EVERY_PROXY
async def test_nothing_is_lost_when_it_drains(proxy: Proxy, tmp_path: Path) -> None:
    """Calls that run at the signal complete; the agent deregisters first."""
    async with LocalEngine() as engine, proxied_worker(proxy, engine, tmp_path) as (process, agent):
        calls = [
            asyncio.create_task(agent.execute("hold", {"number": 1}, encoding=encoding))
            for encoding in Encoding
            for _ in range(10)
        ]
        await engine.wait_for(lambda: len(engine.calls_of("publish_result")) == len(calls), 30)
        process.signal()
        await engine.wait_deregistered("worker")
        assert all(result.success for result in await asyncio.gather(*calls))
        assert await process.ended() == 0
    assert [record.known for record in engine.deregistrations] == [True]
    assert not any("Traceback" in line for line in process.log)


@EVERY_PROXY
async def test_many_calls_at_once_pass_through(proxy: Proxy, tmp_path: Path) -> None:
    """Two hundred calls run at the same time, and each gets its response."""
    async with LocalEngine() as engine, proxied_worker(proxy, engine, tmp_path) as (_, agent):
        results = await asyncio.gather(
            *(
                agent.execute("gather", {"number": 200}, encoding=encoding, timeout=60)
                for encoding in Encoding
                for _ in range(100)
            )
        )
    assert all(result.success for result in results)


@pytest.mark.parametrize("proxy", [HAPROXY_TCP, HAPROXY_HTTP], ids=["tcp", "http"])
async def test_a_proxy_that_closes_silent_connections(proxy: Proxy, tmp_path: Path) -> None:
    """Heartbeats after the proxy has closed the connection arrive, and nobody registers again."""
    async with (
        LocalEngine() as engine,
        proxied_worker(
            proxy,
            engine,
            tmp_path,
            # Shorter than the interval, and longer than a busy machine takes for an answer.
            idle="600ms",
            MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL="1",
            MIRASTACK_PLUGIN_TENANT_SLUG="acme",
        ) as (process, agent),
    ):
        await engine.wait_for(lambda: len(engine.heartbeats) >= 2, 30)
        assert (await agent.execute("answer")).success
    assert len(engine.registrations) == 1
    assert not any("WARNING" in line or "ERROR" in line for line in process.log)
