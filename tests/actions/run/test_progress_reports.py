"""Progress of actions, in unit tests and over a real socket."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from mirastack_sdk import ExecuteRequest, ExecuteResponse, MirastackPlugin, Secret
from mirastack_sdk.agent import ActionError, Agent
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import (
    Action,
    Context,
    Permission,
    PluginInfo,
    PluginSchema,
    Progress,
)
from mirastack_sdk.testing import (
    LocalEngine,
    MockEngineClient,
    PublishedProgress,
    agent_client,
    make_execute_request,
)
from tests.actions.agents import new_agent
from tests.e2e.in_process import served

HALF, DONE = Progress(fraction=0.5, message="half"), Progress(fraction=1.0, message="done")


async def on_the_loop(ctx: Context) -> str:
    """Work on the event loop."""
    await ctx.progress(0.5, "half")
    await ctx.progress(1, "done")
    return "result"


def in_a_thread(ctx: Context) -> str:
    """Work in a thread."""
    ctx.progress(0.5, "half")
    ctx.progress(1, "done")
    return "result"


def in_a_thread_with_a_loop(ctx: Context) -> str:
    """Work in a thread, on a loop of its own."""
    asyncio.run(_report(ctx))
    return "result"


def in_a_thread_of_its_own(ctx: Context) -> str:
    """Work in a thread that the author starts."""
    thread = threading.Thread(target=in_a_thread, args=(ctx,))
    thread.start()
    thread.join()
    return "result"


async def _report(ctx: Context) -> None:
    await ctx.progress(0.5, "half")
    await ctx.progress(1, "done")


WAYS = [on_the_loop, in_a_thread, in_a_thread_with_a_loop, in_a_thread_of_its_own]


def agent_with(function: Callable[..., object]) -> Agent:
    agent = new_agent()
    agent.action(name="work", description="Work.")(function)
    return agent


@pytest.mark.parametrize("way", WAYS)
async def test_a_direct_call_returns_the_progress(way: Callable[..., object]) -> None:
    """Every report is there, and so it is in a mock engine; the result is no list."""
    engine = MockEngineClient()
    for client in (None, engine):
        result = await agent_with(way).call("work", engine_client=client)
        assert result.progress == (HALF, DONE)
        assert (result.value, result.partials) == ("result", ())
    assert [(one.fraction, one.message, one.execution_id) for one in engine.progress] == [
        (0.5, "half", "execution-1"),
        (1.0, "done", "execution-1"),
    ]
    assert (engine.published, engine.calls) == ([], [])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("encoding", ["json", "proto"])
async def test_an_engine_has_the_last_progress_before_the_result(
    way: Callable[..., object], encoding: str
) -> None:
    """Over a real socket; the result is what the action returned."""
    async with (
        LocalEngine() as engine,
        served(agent_with(way), engine=engine.address, MIRASTACK_ENGINE_ENCODING=encoding),
    ):
        agent = await engine.wait_registered("logs")
        result = await agent.execute("work")
        last = engine.progress[-1]
    assert result.output == {"result": '"result"'}
    assert last == PublishedProgress(
        fraction=1.0,
        message="done",
        execution_id=result.execution_id,
        step_id="step-1",
        tenant_id=last.tenant_id,
    )
    assert engine.published == []


async def test_progress_and_partial_results_stay_apart() -> None:
    """A generator may have both."""

    async def work(ctx: Context) -> AsyncIterator[int]:
        """Work."""
        await ctx.progress(0.5, "half")
        yield 1
        await ctx.progress(1, "done")

    async with LocalEngine() as engine, served(agent_with(work), engine=engine.address):
        agent = await engine.wait_registered("logs")
        result = await agent.execute("work")
    assert result.output == {"result": "[1]"}
    assert [one.partial_json for one in engine.published] == ["1"]
    assert engine.progress[-1].message == "done"


@pytest.mark.parametrize("error", [ActionError("no such index"), ValueError("wrong")])
async def test_a_failing_action_shows_how_far_it_came(error: Exception) -> None:
    """The last progress comes before the failure."""

    async def work(ctx: Context) -> None:
        """Work."""
        await ctx.progress(0.5, "half")
        raise error

    async with LocalEngine() as engine, served(agent_with(work), engine=engine.address):
        agent = await engine.wait_registered("logs")
        await agent.execute("work")
    assert [one.message for one in engine.progress] == ["half"]


async def test_an_engine_that_refuses_progress_fails_nothing() -> None:
    """The result has no line about it: the model needs none of it."""
    async with LocalEngine() as engine, served(agent_with(on_the_loop), engine=engine.address):
        agent = await engine.wait_registered("logs")
        engine.fail("publish_result", "INTERNAL", times=None)
        result = await agent.execute("work")
    assert (result.output, result.logs) == ({"result": '"result"'}, [])


async def test_an_agent_client_sees_the_progress() -> None:
    """The mock engine behind it records the reports."""
    async with agent_client(agent_with(on_the_loop)) as agent:
        result = await agent.execute("work")
        assert result.output == {"result": '"result"'}
        assert agent.engine.progress[-1].message == "done"
        assert agent.engine.published == []


async def test_a_message_leaves_without_secrets_and_addresses() -> None:
    """It is cleaned as log lines are."""

    async def work(ctx: Context, token: Secret[str]) -> None:
        """Work."""
        await ctx.progress(None, "asking https://bob:pass@db.internal:9090/x in /srv/agent/x.py")

    async with LocalEngine() as engine, served(agent_with(work), engine=engine.address):
        agent = await engine.wait_registered("logs")
        await agent.execute("work", {"token": "t"})
    [progress] = engine.progress
    assert progress.fraction is None
    for part in ("bob", "pass", "db.internal", "/srv"):
        assert part not in progress.message


class Documented(MirastackPlugin):
    """Reports progress as the documented API allows it."""

    def info(self) -> PluginInfo:
        return PluginInfo("documented", "1.0.0", "Works.", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("work", "Work.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        await req.ctx.progress(1, "done")
        return ExecuteResponse(output={"result": "1"})


async def test_a_documented_agent_reports_with_its_request() -> None:
    """In a unit test, the mock engine records it."""
    request = make_execute_request(action="work")
    await Documented().execute(request)
    engine = request.engine_client
    assert isinstance(engine, MockEngineClient)
    assert [one.message for one in engine.progress] == ["done"]


async def test_a_mock_execution_ends() -> None:
    """Afterwards, reports are refused as in production."""
    engine = MockEngineClient()
    with engine.execution() as client:
        request = make_execute_request(action="work", engine_client=client)
        await Documented().execute(request)
    with pytest.raises(EngineError, match="has ended"):
        await request.ctx.progress(1)
    assert [one.message for one in engine.progress] == ["done"]


async def test_a_request_keeps_the_context_that_the_test_gives_it() -> None:
    """Its values are the same, and it reports to the mock."""
    ctx = Context(execution_id="mine", tenant_id="t")
    engine = MockEngineClient()
    request = make_execute_request(action="work", engine_client=engine, ctx=ctx)
    await request.ctx.progress(0.5, "half")
    assert request.ctx == ctx
    assert engine.progress == [
        PublishedProgress(fraction=0.5, message="half", execution_id="mine", tenant_id="t")
    ]
