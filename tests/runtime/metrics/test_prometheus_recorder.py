"""What an agent counts and times for Prometheus, and the labels of that."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk import ExecuteRequest
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import AgentCallError, LocalEngine, RegisteredAgent
from tests.e2e.in_process import served
from tests.e2e.scraped import TIMEOUT, Scraped, scrape
from tests.runtime.telemetry_in_memory import RunningAgent, answer, recording

AGENT, ENGINE = "mirastack.plugin.v1.PluginService", "mirastack.plugin.v1.EngineService"
ACTIONS, LATENCY = "mirastack_agent_actions_total", "mirastack_agent_action_latency_seconds_count"
SERVED, CALLED = "rpc_server_call_duration_seconds_count", "rpc_client_call_duration_seconds_count"
SERVER_FAILURES = "mirastack_server_call_failures_total"
CLIENT_FAILURES = "mirastack_client_call_failures_total"


class MeasuredAgent:
    """An agent that is registered, and its metrics."""

    def __init__(self, agent: RegisteredAgent, port: int) -> None:
        self.agent = agent
        self._port = port

    async def page(self) -> Scraped:
        """The metrics of this moment."""
        return await asyncio.to_thread(scrape, self._port)

    async def page_when_registered(self) -> Scraped:
        """The metrics after the agent has read the engine's answer, too, and serves."""
        states = ("mirastack_agent_registered", "mirastack_agent_serving")
        async with asyncio.timeout(TIMEOUT):
            while not all(map((page := await self.page()).value, states)):
                pass
        return page


@asynccontextmanager
async def measured(
    plugin: RunningAgent,
    engine: LocalEngine,
    caplog: pytest.LogCaptureFixture,
    **environ: str,
) -> AsyncIterator[MeasuredAgent]:
    """Serve a plugin with metrics."""
    caplog.set_level(logging.INFO)
    settings = {"MIRASTACK_METRICS_ADDR": "127.0.0.1:0", **environ}
    async with served(plugin, engine=engine.address, **settings):
        agent = await engine.wait_registered("my_agent")
        (port,) = (
            vars(record)["port"]
            for record in caplog.records
            if "metrics are served" in record.getMessage()
        )
        yield MeasuredAgent(agent, port)


async def test_executions_are_counted_and_timed(caplog: pytest.LogCaptureFixture) -> None:
    """By action and outcome, under the names that the platform's other SDKs use."""

    async def run(req: ExecuteRequest) -> str:
        if "secret" in req.params:
            raise ValueError("no parameters, please")
        return "1"

    async with (
        LocalEngine() as engine,
        measured(RunningAgent(run), engine, caplog, MIRASTACK_PLUGIN_TENANT_ID="t-1") as one,
    ):
        before = await one.page()
        await one.agent.execute("run")
        await one.agent.execute("run")
        await one.agent.execute("run", {"secret": "hunter2"})
        page = await one.page()
    whose = {"plugin": "my_agent", "mirastack_component_kind": "agent", "tenant_id": "t-1"}
    for outcome, count in (("ok", 2), ("error", 1)):
        for name in (ACTIONS, LATENCY):
            assert page.value(name, action="run", outcome=outcome, **whose) == count
    assert page.value(SERVED, rpc_method=f"{AGENT}/Execute", rpc_response_status_code="OK") == 3
    assert page.value(SERVER_FAILURES, error_type="execution_failed") == 1
    assert b"hunter2" not in page.body
    # There from the start: `increase` finds the first execution.
    assert f'{ACTIONS}{{action="run"' in before.body.decode()


async def test_callers_cannot_make_series(caplog: pytest.LogCaptureFixture) -> None:
    """Actions that are not declared share one."""
    async with LocalEngine() as engine, measured(RunningAgent(answer), engine, caplog) as one:
        for number in range(20):
            await one.agent.execute(f"made-up-{number}")
        page = await one.page()
    assert b"made-up" not in page.body
    assert page.value(ACTIONS, action="_OTHER") == 20


async def test_engine_calls_are_counted_and_timed(caplog: pytest.LogCaptureFixture) -> None:
    """By method and status, with where they went."""

    async def run(req: ExecuteRequest) -> str:
        await req.engine_client.cache_set(req.ctx, "secret-key", "secret-value")
        with pytest.raises(EngineError):
            await req.engine_client.log_event(req.ctx, {"event": "x"})
        return "1"

    async with LocalEngine() as engine, measured(RunningAgent(run), engine, caplog) as one:
        engine.fail("log_event", "PERMISSION_DENIED", times=None)
        assert (await one.agent.execute("run")).success
        page = await one.page()
    host, _, port = engine.address.rpartition(":")
    there = {"server_address": host, "server_port": port, "rpc_system_name": "grpc"}
    stored = {"rpc_method": f"{ENGINE}/CacheSet", "rpc_response_status_code": "OK"}
    refused = {
        "rpc_method": f"{ENGINE}/LogEvent",
        "rpc_response_status_code": "PERMISSION_DENIED",
        "error_type": "PERMISSION_DENIED",
    }
    assert page.value(CALLED, **there, **stored, error_type="") == 1
    assert page.value(CALLED, **there, **refused) == 1
    assert page.value(CLIENT_FAILURES, **there) == page.value(CLIENT_FAILURES, **refused) == 1
    assert b"secret" not in page.body


async def test_checks_and_configs_that_fail(caplog: pytest.LogCaptureFixture) -> None:
    """Each has its kind of error, although the call itself succeeds."""
    async with LocalEngine() as engine, measured(RunningAgent(answer), engine, caplog) as one:
        assert not (await one.agent.health()).healthy
        await one.agent.push_config({"a": "b"})
        page = await one.page()
    for method, error_type in (("HealthCheck", "unhealthy"), ("ConfigUpdated", "config_refused")):
        labels = {"rpc_method": f"{AGENT}/{method}", "rpc_response_status_code": "OK"}
        assert page.value(SERVER_FAILURES, **labels, error_type=error_type) >= 1


async def test_refused_executions_and_the_limit(caplog: pytest.LogCaptureFixture) -> None:
    """What runs and what is refused shows how far the agent is from its limit."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def run(req: ExecuteRequest) -> str:
        begun.set()
        await may_end.wait()
        return "1"

    async with (
        LocalEngine() as engine,
        measured(RunningAgent(run), engine, caplog, MIRASTACK_PLUGIN_MAX_EXECUTIONS="1") as one,
    ):
        first = asyncio.create_task(one.agent.execute("run"))
        await begun.wait()
        with pytest.raises(AgentCallError, match="RESOURCE_EXHAUSTED"):
            await one.agent.execute("run")
        page = await one.page()
        may_end.set()
        await first
    prefix = "mirastack_agent_executions"
    assert page.value(f"{prefix}_in_flight") == page.value(f"{prefix}_limit") == 1
    assert page.value(f"{prefix}_refused_total") == 1
    assert page.value(SERVED, rpc_response_status_code="RESOURCE_EXHAUSTED") == 1
    assert page.value(ACTIONS, outcome="error") == 1


async def test_registration_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    """Whether the agent is registered, how often that worked, and why it did not."""
    async with LocalEngine() as engine:
        engine.refuse_registration("license exhausted")
        async with measured(RunningAgent(answer), engine, caplog) as one:
            page = await one.page_when_registered()
    prefix = "mirastack_agent"
    assert page.value(f"{prefix}_registered") == page.value(f"{prefix}_serving") == 1
    assert page.value(f"{prefix}_registrations_total") == 1
    assert page.value(f"{prefix}_registration_failures_total") == 1
    assert page.value(f"{prefix}_heartbeat_interval_seconds") > 0
    assert page.value(f"{prefix}_last_heartbeat_timestamp_seconds") > 1_700_000_000


async def test_without_an_engine_there_is_no_registration(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An alert on agents that are not registered does not fire for those that need not be."""
    caplog.set_level(logging.INFO)
    async with served(RunningAgent(answer), MIRASTACK_METRICS_ADDR="127.0.0.1:0"):
        (port,) = (
            vars(record)["port"]
            for record in caplog.records
            if "metrics are served" in record.getMessage()
        )
        page = await asyncio.to_thread(scrape, port)
    assert "mirastack_agent_serving" in page.families
    assert not {name for name in page.families if "regist" in name}


async def test_opentelemetry_records_the_same(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both can be on: the author's provider gets what Prometheus reads."""
    with recording(monkeypatch) as records:
        async with (
            LocalEngine() as engine,
            measured(RunningAgent(answer), engine, caplog, MIRASTACK_OTEL_ENABLED="true") as one,
        ):
            await one.agent.execute("run")
            page = await one.page()
        (point,) = records.points()[ACTIONS]
    labels = {
        str(key).replace(".", "_"): str(text) for key, text in (point.attributes or {}).items()
    }
    assert page.value(ACTIONS, **labels) == 1
    assert {name.replace(".", "_") for name in ("rpc.server.call.duration",)} <= {
        name.removesuffix("_seconds") for name in page.families
    }
