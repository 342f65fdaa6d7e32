"""A local engine calls the agents that are registered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk.plugin import (
    Action,
    ExecutionMode,
    IntentPattern,
    ParamSchema,
    RoutingSemantics,
    TimeRange,
)
from mirastack_sdk.testing import (
    AgentCallError,
    AgentHealth,
    ConfigAnswer,
    Encoding,
    LocalEngine,
    RegisteredAgent,
)
from tests.testing.agents import EchoAgent, calling, serving


class Stage:
    """An engine with one registered agent."""

    def __init__(self, engine: LocalEngine, plugin: EchoAgent, agent: RegisteredAgent) -> None:
        self.engine = engine
        self.plugin = plugin
        self.agent = agent


@asynccontextmanager
async def one_agent(**environ: str) -> AsyncIterator[Stage]:
    """An engine with one registered agent."""
    plugin = EchoAgent()
    async with LocalEngine() as engine, serving(plugin, engine, environ):
        yield Stage(engine, plugin, await engine.wait_registered("echo_agent"))


async def config_of(name: str, engine: LocalEngine) -> dict[str, str]:
    """The config that the agent of that name receives."""
    async with calling(engine, name) as stub:
        return (await stub.get_config(wire.GetConfigRequest(plugin_name=name))).config


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """An engine with one registered agent."""
    async with one_agent() as running:
        yield running


@pytest.mark.parametrize("encoding", Encoding)
async def test_an_action_runs_in_either_encoding(stage: Stage, encoding: Encoding) -> None:
    """Each call can choose its encoding."""
    result = await stage.agent.execute("echo", {"text": "hé"}, encoding=encoding)
    assert result.success
    assert result.output == {"text": "hé", "action": "echo"}
    assert result.logs == ["echoed"]
    assert result.execution_id == stage.plugin.requests[0].ctx.execution_id


async def test_the_agent_receives_what_the_engine_was_given(stage: Stage) -> None:
    """Parameters, time range, context and mode arrive."""
    time_range = TimeRange(1, 2, "Asia/Kolkata", "last hour")
    await stage.agent.execute(
        "echo",
        {"deep": True, "limit": 3},
        time_range=time_range,
        context={"x-user": "ana"},
        mode=ExecutionMode.GUIDED,
    )
    [req] = stage.plugin.requests
    assert req.params == {"deep": "true", "limit": "3", "action": "echo"}
    assert req.time_range == time_range
    assert req.execution_mode is ExecutionMode.GUIDED
    assert dict(req.ctx.values) == {"x-user": "ana"}


async def test_a_failing_action_is_a_result(stage: Stage) -> None:
    """An exception in the agent is not an error of the call."""
    result = await stage.agent.execute("echo", {"fail": "no data"})
    assert not result.success
    assert "no data" in result.error


async def test_another_tenants_execution_is_refused() -> None:
    """The refusal of an agent is an error with its gRPC status."""
    async with one_agent(MIRASTACK_PLUGIN_TENANT_ID="t1") as stage:
        assert (await stage.agent.execute("echo")).success
        with pytest.raises(AgentCallError, match="echo_agent answered PERMISSION_DENIED") as caught:
            await stage.agent.execute("echo", tenant_id="t2")
    assert caught.value.status == "PERMISSION_DENIED"
    assert caught.value.reason == "permission_denied"


async def test_health_is_checked(stage: Stage) -> None:
    """A healthy agent reports that it is, an unhealthy one reports the reason."""
    assert await stage.agent.health() == AgentHealth(healthy=True, message="ok")
    stage.plugin.health_error = RuntimeError("backend is down")
    sick = await stage.agent.health(encoding=Encoding.PROTOBUF)
    assert not sick.healthy
    assert "backend is down" in sick.message


async def test_a_config_is_pushed(stage: Stage) -> None:
    """The agent applies it, and the engine returns it from then on."""
    answer = await stage.agent.push_config({"url": "x"})
    assert answer == ConfigAnswer(acknowledged=True)
    assert stage.plugin.configs == [{"url": "x"}]
    assert await config_of("echo_agent", stage.engine) == {"url": "x"}
    assert await config_of("another", stage.engine) == {}


async def test_a_refused_config_says_why(stage: Stage) -> None:
    """The error of an agent that cannot apply a config arrives."""
    answer = await stage.agent.push_config({"refuse": "no such backend"})
    assert not answer.acknowledged
    assert "no such backend" in answer.error


async def test_the_agents_declarations_come_back_as_they_were_made(stage: Stage) -> None:
    """Info and GetSchema return the declarations that the author wrote."""
    info, schema = await stage.agent.info(), await stage.agent.schema()
    assert info == stage.plugin.info()
    text = ParamSchema("string", description="What to say", default="hi", enum=["hi", "ho"])
    assert schema.actions == [
        Action(
            "echo",
            "Echo the parameters",
            {"text": text},
            permission=info.permission,
            intents=[IntentPattern("echo *", priority=3)],
            stages=["observe"],
            routing_semantics=RoutingSemantics(
                ["core.observe.echo_agent"],
                "core.observe.echo_agent.echo",
                ["Echo the parameters", "echo *"],
            ),
        )
    ]


async def test_separate_connections_can_be_opened(stage: Stage) -> None:
    """A connected client works beside the shared one, in its own encoding."""
    async with stage.engine.connect("echo_agent", Encoding.PROTOBUF) as client:
        assert client.encoding is Encoding.PROTOBUF
        assert (await client.execute("echo")).success
    assert (await stage.agent.execute("echo")).success


async def test_an_agent_that_has_stopped_gives_no_response() -> None:
    """Calling it is an error at once."""
    async with LocalEngine() as engine:
        async with serving(EchoAgent(), engine):
            agent = await engine.wait_registered("echo_agent")
        with pytest.raises(AgentCallError) as caught:
            await agent.execute("echo", timeout=5)
    assert caught.value.reason == "unavailable"


async def test_leaving_the_engine_ends_its_connections() -> None:
    """No task or connection of the engine outlives its block."""
    before = asyncio.all_tasks()
    async with LocalEngine() as engine, serving(EchoAgent(), engine):
        agent = await engine.wait_registered("echo_agent")
        await agent.execute("echo")
        await engine.connect("echo_agent").execute("echo")
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
