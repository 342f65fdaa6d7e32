"""Tests of an author: suites and fixtures, as both type checkers accept them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from mirastack_sdk import Agent, Permission, compat
from mirastack_sdk.plugin import (
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import (
    AgentClientFactory,
    AgentSuite,
    InProcessAgent,
    LocalEngine,
    MockEngineClient,
    agent_client,
)


class MyAgent(MirastackPlugin):
    """An agent."""

    def __init__(self, url: str = "") -> None:
        self.url = url

    def info(self) -> PluginInfo:
        return PluginInfo("my_agent", "1.0.0", "An agent", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(logs=[req.action])


class Published(compat.Plugin):
    """An agent in the published style."""

    def info(self) -> compat.PluginInfo:
        return compat.PluginInfo(name="published", version="1.0.0", description="Published.")

    def schema(self) -> compat.PluginSchema:
        return compat.PluginSchema()

    async def execute(self, req: compat.ExecuteRequest) -> compat.ExecuteResponse:
        return compat.ExecuteResponse(output={"action": req.action_id})


agent = Agent(
    name="typed",
    version="1.0.0",
    description="Typed.",
    permission=Permission.READ,
    devops_stages=["observe"],
)


def make_agent() -> MyAgent:
    """Make an agent."""
    return MyAgent("http://backend")


class TestByClass(AgentSuite):
    """Names a class, and all that a suite can be told."""

    plugin = MyAgent
    samples = {"get_status": {"service": "cart", "rows": 3}}
    config = {"url": "x"}
    new_config = {"url": "y"}
    invalid_configs = [{"url": ""}]
    environ = {"URL": "x"}
    secrets = ["s3cret"]
    slow_action = "get_status"
    cancel_seconds = 1
    largest_result = 1000

    def engine(self) -> MockEngineClient:
        engine = super().engine()
        engine.answer_plugin("kubernetes", "restart", {"result": "{}"})
        return engine

    @asynccontextmanager
    async def backend(self) -> AsyncIterator[None]:
        self.environ = {"URL": "y"}
        yield

    @contextmanager
    def cut_backend(self) -> Iterator[None]:
        yield

    async def config_is_used(self, agent: InProcessAgent) -> None:
        assert (await agent.execute("get_status")).success


class TestByInstance(AgentSuite):
    """Names an instance."""

    plugin = agent

    def cut_backend(self) -> None:
        """Cut it for the rest of the check."""


class TestByFunction(AgentSuite):
    """Names a function."""

    plugin = make_agent

    async def cut_backend(self) -> None:
        """Cut it for the rest of the check."""


class TestPublished(AgentSuite):
    """Names a class in the published style."""

    plugin = Published

    @asynccontextmanager
    async def cut_backend(self) -> AsyncIterator[str]:
        yield "cut"


class TestByMethod(AgentSuite):
    """Makes an agent."""

    url = "http://backend"

    def plugin(self) -> MyAgent:
        """Make an agent."""
        return MyAgent(self.url)


async def test_in_process(
    agent_client: AgentClientFactory, engine_client: MockEngineClient, local_engine: LocalEngine
) -> None:
    """Uses the fixtures."""
    async with agent_client(MyAgent(), config={"url": "x"}) as client:
        assert (await client.health()).healthy
        assert client.engine is engine_client
    assert local_engine.is_serving


async def test_by_hand() -> None:
    """Uses the function."""
    async with agent_client(agent, engine=MockEngineClient(), environ={"A": "b"}) as client:
        violations: list[str] = client.violations
        assert violations == []
