"""What an author tells the suite is used, and the suite is careful with what it calls."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from unittest import SkipTest

import pytest

from mirastack_sdk import ActionError, Agent, Context, EngineClient, Permission
from mirastack_sdk.engine import Approval
from mirastack_sdk.testing import AgentSuite, MockEngineClient
from tests.testing.suite.agents.good_agent import BACKEND, GoodAgent, GoodSuite


def new_agent(permission: Permission = Permission.READ) -> Agent:
    return Agent(
        name="services",
        version="1.0.0",
        description="Knows services",
        permission=permission,
        devops_stages=["operate"],
    )


class WithMethod(GoodSuite):
    """Cuts the backend for the rest of the check."""

    def cut_backend(self) -> None:  # type: ignore[override] # a suite of its own would not inherit another hook
        BACKEND.is_up = False


class WithCoroutine(GoodSuite):
    """Does so with a coroutine function."""

    async def cut_backend(self) -> None:  # type: ignore[override] # as above
        BACKEND.is_up = False


class WithContext(GoodSuite):
    """Cuts it with an asynchronous context manager."""

    @asynccontextmanager
    async def cut_backend(self) -> AsyncIterator[None]:  # type: ignore[override] # as above
        BACKEND.is_up = False
        yield
        BACKEND.is_up = True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    BACKEND.is_up = True


@pytest.mark.parametrize("suite", [GoodSuite, WithMethod, WithCoroutine, WithContext])
async def test_the_kinds_of_a_hook(suite: type[AgentSuite]) -> None:
    """Each cuts the backend, so that an agent that does not notice it fails the check."""
    await suite().test_health()
    BACKEND.is_up = True

    class Unaware(GoodAgent):
        async def health_check(self) -> None:
            """Check nothing."""

    blind = suite()
    blind.plugin = Unaware
    with pytest.raises(AssertionError, match="healthy although its backend fails"):
        await blind.test_health()


async def test_the_surroundings_are_entered_around_each_check() -> None:
    """Before the agent starts, and left after it has stopped."""
    seen: list[str] = []
    agent = new_agent()

    @agent.lifespan
    async def lifespan() -> AsyncIterator[None]:
        seen.append("started")
        yield
        seen.append("stopped")

    @agent.action
    async def look() -> str:
        """Look."""
        return "x"

    class Suite(AgentSuite):
        plugin = agent

        @asynccontextmanager
        async def backend(self) -> AsyncIterator[None]:
            seen.append("backend")
            yield
            seen.append("closed")

    await Suite().test_start()
    assert seen == ["backend", "started", "stopped", "closed"]


def restarter(runs: list[str]) -> Agent:
    agent = new_agent(Permission.MODIFY)

    @agent.action
    async def restart(service: str, engine: EngineClient, ctx: Context) -> str:
        """Restart a service."""
        runs.append(service)
        approval = await engine.request_approval(ctx, f"Restart {service}")
        if not approval:
            raise ActionError("it was refused")
        return (await engine.call_plugin(ctx, "kubernetes", "restart")).output["result"]

    return agent


async def test_what_changes_something_runs_only_with_samples() -> None:
    """Invalid parameters are tried with it, since a typed action does not run with them."""
    runs: list[str] = []

    class Suite(AgentSuite):
        plugin = restarter(runs)

    await Suite().test_results()
    await Suite().test_missing_parameters()
    await Suite().test_nothing_internal()
    assert runs == []


async def test_samples_run_with_the_engine_of_the_suite() -> None:
    """By default, approvals are granted; answers of other agents are for the author to script."""
    runs: list[str] = []

    class Suite(AgentSuite):
        plugin = restarter(runs)
        samples = {"restart": {"service": "cart"}}

    with pytest.raises(AssertionError, match=r"answer_plugin.*in the method `engine`"):
        await Suite().test_results()
    assert runs == ["cart"]

    class Scripted(Suite):
        def engine(self) -> MockEngineClient:
            engine = super().engine()
            engine.answer_plugin("kubernetes", "restart", {"result": "done"})
            return engine

    await Scripted().test_results()

    class Refusing(Suite):
        def engine(self) -> MockEngineClient:
            engine = super().engine()
            engine.answer_approvals(Approval(approved=False))
            return engine

    with pytest.raises(AssertionError, match="the report 'it was refused'"):
        await Refusing().test_results()


async def test_an_action_may_refuse_to_do_again_what_it_has_just_done() -> None:
    """Each check of a result has a new run of the agent and a new engine."""
    agent = new_agent()

    @agent.action
    async def restart(service: str, engine: EngineClient, ctx: Context) -> str:
        """Restart a service."""
        if await engine.cache_get(ctx, f"services:{service}"):
            raise ActionError(f"{service} was restarted a moment ago")
        await engine.cache_set(ctx, f"services:{service}", "restarted")
        return "restarting"

    class Suite(AgentSuite):
        plugin = agent
        samples = {"restart": {"service": "cart"}}

    await Suite().test_results()
    await Suite().test_time_range()


async def test_a_report_of_what_the_suite_made_up_is_an_answer() -> None:
    """An exception is not, and the failure asks for samples."""
    agent = new_agent()

    @agent.action
    async def state(service: str) -> str:
        """Return the state of a service."""
        raise ActionError(f"there is no service {service}")

    @agent.action(intents=["crash *"])
    async def crash(service: str) -> str:
        """Crash."""
        raise RuntimeError(service)

    class Suite(AgentSuite):
        plugin = agent

    with pytest.raises(AssertionError) as failed:
        await Suite().test_results()
    assert "state" not in str(failed.value)
    assert 'crash with {"service":"sample"}, which the suite made up: give `samples`' in str(
        failed.value
    )


async def test_samples_of_an_unknown_action() -> None:
    """A misspelt name does not go unnoticed."""

    class Suite(GoodSuite):
        samples = {"reed": {"service": "cart"}}

    with pytest.raises(AssertionError, match="'reed'; the agent's actions are read, limits"):
        await Suite().test_card()


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ("test_health", "override `cut_backend`"),
        ("test_live_config", "the agent takes no config"),
        ("test_wrong_parameters", "every text fits"),
        ("test_cancellation", "set `slow_action`"),
    ],
)
async def test_a_skipped_check_says_what_it_needs(check: str, reason: str) -> None:
    """A suite that knows nothing but the agent is told."""
    agent = new_agent()

    @agent.action
    async def look(text: str) -> str:
        """Look."""
        return text

    class Suite(AgentSuite):
        plugin = agent

    with pytest.raises(SkipTest, match=reason):
        await getattr(Suite(), check)()


async def test_only_the_slow_action_is_cancelled() -> None:
    """The author knows which one it is."""

    class Suite(GoodSuite):
        slow_action = "limits"

    with pytest.raises(SkipTest, match="set `slow_action`"):
        await Suite().test_cancellation()
    Suite.slow_action = "read"
    await Suite().test_cancellation()
