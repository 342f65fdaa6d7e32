"""`agent_client` serves a whole agent within the test's process."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, NoReturn

import pytest

from mirastack_sdk import Agent, Context, Env, Permission, TimeRange
from mirastack_sdk.engine import KPI, Approval, EngineClient, License
from mirastack_sdk.errors import EngineError, InvalidPluginError, StartError
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import (
    AgentCallError,
    Encoding,
    MockEngineClient,
    agent_client,
)

TIMEOUT = 20.0
ENCODINGS = pytest.mark.parametrize("encoding", Encoding, ids=lambda encoding: encoding.value)
HOUR = TimeRange(1_774_973_400_000, 1_774_977_000_000, "UTC", "last hour")


@dataclass(frozen=True)
class Config:
    url: Annotated[str, "The backend's URL.", Env("BACKEND_URL")]
    limit: Annotated[int, "How many rows."] = 10


def new_agent() -> Agent:
    return Agent(
        name="logs",
        version="1.0.0",
        description="Searches logs.",
        permission=Permission.READ,
        devops_stages=["observe"],
    )


def configured_agent() -> Agent:
    agent = Agent(
        name="settings",
        version="1.0.0",
        description="Shows its settings.",
        permission=Permission.READ,
        devops_stages=["observe"],
        config=Config,
    )

    @agent.action
    async def settings(config: Config) -> list[str | int]:
        """Return the config."""
        return [config.url, config.limit]

    return agent


def calling_agent() -> Agent:
    """An agent whose only action calls every method of the engine."""
    agent = new_agent()

    @agent.action
    async def call_all(engine: EngineClient, ctx: Context, time_range: TimeRange) -> list[object]:
        """Call every method of the engine."""
        await engine.cache_set(ctx, "logs:a", "ü", ttl=60)
        await engine.log_event(ctx, {"event": "logs.seen", "level": "warn", "rows": "3"})
        await engine.publish_result(ctx, '{"part": 1}')
        approval = await engine.request_approval(ctx, "Restart", timeout=60)
        done = await engine.call_plugin(ctx, "kubernetes", "restart", {"service": "cart"})
        known = engine.license
        return [
            await engine.cache_get(ctx, "logs:a"),
            await engine.cache_get_batch(ctx, ["logs:a", "logs:b"]),
            await engine.get_config(ctx),
            [kpi.name for kpi in await engine.list_kpis(ctx, kind="sli")],
            await engine.get_kpi(ctx, "nothing"),
            approval.reviewer,
            done.output,
            known is not None and known.active,
            time_range.start_epoch_ms,
        ]

    return agent


@ENCODINGS
async def test_every_method_passes_both_codecs(encoding: Encoding) -> None:
    """The agent reads what the mock was told, and the mock records what the agent sent."""
    engine = MockEngineClient(
        config={"url": "x"},
        kpis=[KPI(id="1", name="errors", kind="sli")],
        license=License(active=True),
    )
    engine.answer_approvals(Approval(approved=True, reviewer="ann"))
    engine.answer_plugin("kubernetes", "restart", {"result": "{}"})
    environ = {"MIRASTACK_ENGINE_ENCODING": "proto" if encoding is Encoding.PROTOBUF else "json"}
    async with agent_client(
        calling_agent(), engine=engine, environ=environ, encoding=encoding
    ) as agent:
        found = await agent.execute("call_all", time_range=HOUR)
    assert (found.success, found.error) == (True, "")
    assert json.loads(found.output["result"]) == [
        *("ü", {"logs:a": "ü", "logs:b": None}, {"url": "x"}, ["errors"], None),
        *("ann", {"result": "{}"}, True, HOUR.start_epoch_ms),
    ]
    assert [call.method for call in engine.calls] == [
        *("cache_set", "log_event", "publish_result", "request_approval", "call_plugin"),
        *("cache_get", "cache_get_batch", "get_config", "list_kpis", "get_kpi"),
    ]
    (call,) = engine.calls_of("call_plugin")
    assert (call.params, call.time_range) == ({"service": "cart"}, HOUR)
    (event,) = engine.events
    assert (event.event, event.severity, event.data) == ("logs.seen", "warn", {"rows": "3"})
    assert engine.published[0].execution_id == found.execution_id
    assert engine.cache.ttl("logs:a") == 60


@ENCODINGS
async def test_what_an_engine_calls(encoding: Encoding) -> None:
    """Health, info and schema are those of the agent."""
    async with agent_client(calling_agent(), encoding=encoding) as agent:
        assert (await agent.health()).healthy
        assert (await agent.info()).name == agent.name == "logs"
        assert [action.name for action in (await agent.schema()).actions] == ["call_all"]


async def test_no_socket_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the agent nor its engine listens or dials."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    async with agent_client(configured_agent(), environ={"BACKEND_URL": "a"}) as agent:
        assert (await agent.execute("settings")).success


async def test_the_config_is_there_before_the_block() -> None:
    """The agent has fetched it, and a fetch is no call of the author."""
    engine = MockEngineClient()
    async with agent_client(
        configured_agent(), engine=engine, config={"url": "stored", "limit": "3"}
    ) as agent:
        assert (await agent.execute("settings")).output["result"] == '["stored",3]'
        assert engine.calls == []
        pushed = await agent.push_config({"url": "pushed"})
        assert pushed.acknowledged
        assert engine.config == {"url": "pushed"}
        assert (await agent.execute("settings")).output["result"] == '["pushed",10]'
        refused = await agent.push_config({"url": "x", "limit": "many"})
        assert not refused.acknowledged
        assert "limit" in refused.error


async def test_a_stored_config_that_is_refused_shows_at_once() -> None:
    """The first health check knows it."""
    async with agent_client(configured_agent(), config={"url": "x", "limit": "many"}) as agent:
        health = await agent.health()
    assert not health.healthy
    assert "limit" in health.message


async def test_the_environment_is_given_or_that_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Variables of a deployment do not reach the test's agent unless they are given."""
    monkeypatch.setenv("BACKEND_URL", "process")
    monkeypatch.setenv("MIRASTACK_PLUGIN_TENANT_ID", "not valid")
    async with agent_client(configured_agent()) as agent:
        assert (await agent.execute("settings")).output["result"] == '["process",10]'
        assert agent.tenant_id == "test-tenant"
    environ = {"BACKEND_URL": "given", "MIRASTACK_PLUGIN_TENANT_ID": "acme"}
    async with agent_client(configured_agent(), environ=environ) as agent:
        assert (await agent.execute("settings")).output["result"] == '["given",10]'
        assert agent.tenant_id == "acme"


async def test_lifespans_surround_the_block() -> None:
    """They are entered before it and left after it, also if the test fails within it."""
    seen: list[str] = []
    agent = new_agent()

    @agent.lifespan
    async def lifespan() -> AsyncIterator[None]:
        seen.append("entered")
        yield
        seen.append("left")

    @agent.action
    async def look() -> str:
        """Look."""
        return ",".join(seen)

    async with agent_client(agent) as client:
        assert (await client.execute("look")).output["result"] == '"entered"'
    assert seen == ["entered", "left"]
    with pytest.raises(AgentCallError):
        async with agent_client(agent) as client:
            await client.execute("look", timeout=-1)
    assert seen == ["entered", "left", "entered", "left"]


async def test_a_lifespan_that_fails_is_reported() -> None:
    """Entering raises what stops a served agent, and nothing is left running."""
    agent = new_agent()

    @agent.lifespan
    async def lifespan() -> AsyncIterator[None]:
        await connect()
        yield

    async def connect() -> None:
        raise RuntimeError("no backend")

    @agent.action
    async def look() -> str:
        """Look."""
        return "x"

    before = asyncio.all_tasks()
    with pytest.raises(StartError, match="no backend"):
        async with agent_client(agent):
            pass
    assert asyncio.all_tasks() == before


async def test_a_plugin_that_engines_refuse() -> None:
    """All reasons are in the error."""
    with pytest.raises(InvalidPluginError, match="devops_stages"):
        async with agent_client(Refused()):
            pass


class Refused(MirastackPlugin):
    def info(self) -> PluginInfo:
        return PluginInfo("refused", "1.0.0", "Refused.", Permission.READ, [])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("act", "Act.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()


async def test_an_ordered_failure_reaches_the_agent() -> None:
    """With its reason, through the gRPC status."""
    agent = new_agent()

    @agent.action
    async def read(engine: EngineClient, ctx: Context) -> str:
        """Read the cache."""
        try:
            await engine.cache_get(ctx, "logs:a")
        except EngineError as error:
            return error.reason
        return "nothing"

    engine = MockEngineClient()
    engine.fail_next("cache_get", EngineError("no", reason="resource_exhausted"))
    async with agent_client(agent, engine=engine) as client:
        assert (await client.execute("read")).output["result"] == '"resource_exhausted"'
        assert (await client.execute("read")).output["result"] == '"nothing"'


async def test_a_cancelled_call_cancels_the_action() -> None:
    """And an agent that stops meanwhile stops as it does in production."""
    started, ended = asyncio.Event(), asyncio.Event()
    agent = new_agent()

    @agent.action
    async def wait() -> str:
        """Wait."""
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "never"

    async with agent_client(agent) as client:
        call = asyncio.create_task(client.execute("wait"))
        await asyncio.wait_for(started.wait(), TIMEOUT)
        call.cancel()
        await asyncio.wait_for(ended.wait(), TIMEOUT)
        with pytest.raises(AgentCallError) as failed:
            await client.execute("wait", timeout=0.05)
        assert failed.value.reason == "deadline_exceeded"


async def test_agents_can_be_served_one_after_the_other_and_side_by_side() -> None:
    """One plugin may be served again, and two agents do not meet."""
    plugin = configured_agent()
    for url in ("first", "second"):
        async with agent_client(plugin, environ={"BACKEND_URL": url}) as agent:
            assert (await agent.execute("settings")).output["result"] == f'["{url}",10]'
    async with (
        agent_client(configured_agent(), environ={"BACKEND_URL": "a"}) as one,
        agent_client(configured_agent(), environ={"BACKEND_URL": "b"}) as two,
    ):
        assert (await one.execute("settings")).output["result"] == '["a",10]'
        assert (await two.execute("settings")).output["result"] == '["b",10]'


async def test_large_messages_pass() -> None:
    """A result of a megabyte arrives whole, at the pace of its reader."""
    agent = new_agent()

    @agent.action(result_limit=None)
    async def repeat(count: int) -> str:
        """Return many characters."""
        return "x" * count

    async with agent_client(agent) as client:
        found = await client.execute("repeat", {"count": 1_000_000})
    assert len(found.output["result"]) == 1_000_002


async def test_nothing_is_left_behind() -> None:
    """The block leaves no task on the loop."""
    before = asyncio.all_tasks()
    async with agent_client(configured_agent(), environ={"BACKEND_URL": "a"}) as agent:
        await agent.execute("settings")
    assert asyncio.all_tasks() == before
