"""What the engine behind `agent_client` objects to reaches the test."""

import pytest

from mirastack_sdk import Agent, Context, Permission
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.engine import Approval, EngineClient
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import MockEngineClient, UnscriptedCallError, agent_client


def careless_agent() -> Agent:
    agent = Agent(
        name="logs",
        version="1.0.0",
        description="Searches logs.",
        permission=Permission.READ,
        devops_stages=["observe"],
    )

    @agent.action
    async def restart(engine: EngineClient, ctx: Context) -> str:
        """Restart, whatever the engine says."""
        try:
            await engine.request_approval(ctx, "Restart")
        except EngineError:
            return "never mind"
        return "done"

    @agent.action
    async def store(engine: EngineClient, ctx: Context) -> str:
        """Store a value."""
        await engine.cache_set(ctx, "key", "value")
        return "stored"

    @agent.action
    async def delegate(engine: EngineClient, ctx: Context) -> str:
        """Let another agent do it."""
        try:
            await engine.call_plugin(ctx, "kubernetes", "restart")
        except EngineError as error:
            return error.reason
        return "done"

    return agent


async def test_an_unscripted_call_fails_the_test() -> None:
    """Even if the agent handles the error."""
    async with agent_client(careless_agent()) as agent:
        with pytest.raises(UnscriptedCallError, match="answer_approvals"):
            await agent.execute("restart")
        assert (await agent.health()).healthy


async def test_an_unscripted_call_of_an_unwatched_execution_fails_the_test() -> None:
    """An execution that the test started in the background is reported at the end."""
    with pytest.raises(UnscriptedCallError, match="answer_approvals"):
        async with agent_client(careless_agent()) as agent:
            await agent.stub().execute(wire.ExecuteRequest(action_id="restart"))


async def test_an_agent_that_fails_is_no_failure_of_the_engine() -> None:
    """As with the mock by itself, the agent reads why the other one failed."""
    engine = MockEngineClient()
    engine.answer_approvals(Approval(approved=True))
    engine.answer_plugin("kubernetes", "restart", EngineError("it is down", reason="plugin_failed"))
    async with agent_client(careless_agent(), engine=engine) as agent:
        found = await agent.execute("delegate")
    assert found.output["result"] == '"plugin_failed"'


async def test_a_key_without_the_name_is_a_warning_at_the_tests_line() -> None:
    """`violations` has it as well, and the call itself succeeds as it does in production."""
    async with agent_client(careless_agent()) as agent:
        with pytest.warns(
            UserWarning, match="the cache key 'key' does not start with logs"
        ) as seen:
            assert (await agent.execute("store")).success
        assert seen[0].filename == __file__
        assert len(agent.violations) == 1


async def test_a_rule_that_is_switched_off() -> None:
    """The engine of the test decides."""
    engine = MockEngineClient(allow={"foreign_cache_keys"})
    async with agent_client(careless_agent(), engine=engine) as agent:
        assert (await agent.execute("store")).success
        assert agent.violations == []


@pytest.mark.filterwarnings("default")
async def test_the_engine_warns_by_itself_again_afterwards() -> None:
    """The mock belongs to the test: it is left as it was."""
    engine = MockEngineClient()
    async with agent_client(careless_agent(), engine=engine):
        pass
    with pytest.warns(UserWarning, match="the agent's name"):
        await engine.cache_set(None, "key", "value")
