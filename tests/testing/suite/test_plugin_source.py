"""The agent of a suite may be named in every way that an author would try."""

from collections.abc import Callable

import pytest

from mirastack_sdk import Agent, Permission, compat
from mirastack_sdk.plugin import MirastackPlugin
from mirastack_sdk.testing import AgentSuite
from mirastack_sdk.testing._suite.plugin_source import named_plugin, plugin_of
from tests.testing.suite.agents.good_agent import GoodAgent


class Published(compat.Plugin):
    """An agent in the published style."""

    def info(self) -> compat.PluginInfo:
        return compat.PluginInfo(name="published", version="1.0.0", description="Published.")

    def schema(self) -> compat.PluginSchema:
        return compat.PluginSchema()

    async def execute(self, req: compat.ExecuteRequest) -> compat.ExecuteResponse:
        return compat.ExecuteResponse()


INSTANCE = GoodAgent()
TYPED = Agent(
    name="typed",
    version="1.0.0",
    description="Typed.",
    permission=Permission.READ,
    devops_stages=["observe"],
)


def made_with(url: str = "http://localhost", *, retries: int = 3) -> GoodAgent:
    assert (url, retries) == ("http://localhost", 3)
    return GoodAgent()


class CallableAgent(GoodAgent):
    """An instance can be called, and is no factory."""

    def __call__(self) -> str:
        return "called"


def made() -> GoodAgent:
    return GoodAgent()


class OfClass(AgentSuite):
    """By its class."""

    plugin = GoodAgent


class OfInstance(AgentSuite):
    """By an instance."""

    plugin = INSTANCE


class OfFunction(AgentSuite):
    """By a function, which is no method of the suite."""

    plugin = made


class OfFunctionWithDefaults(AgentSuite):
    """By a function whose arguments have defaults."""

    plugin = made_with


class OfStaticMethod(AgentSuite):
    """By a static method."""

    plugin = staticmethod(made)


class OfLambda(AgentSuite):
    """By a function without a name."""

    plugin = lambda: GoodAgent()  # noqa: E731, PLW0108 - as authors write it


class OfMethod(AgentSuite):
    """By a method, which may use the suite."""

    def plugin(self) -> GoodAgent:
        """Make an agent."""
        assert isinstance(self, OfMethod)
        return GoodAgent()


class OfProperty(AgentSuite):
    """By a property."""

    @property
    def plugin(self) -> GoodAgent:  # type: ignore[override] # as authors write it
        """Make an agent."""
        return GoodAgent()


class OfSubclass(OfClass):
    """By a class that it derives from."""


@pytest.mark.parametrize(
    "suite",
    [
        *(OfClass, OfInstance, OfFunction, OfFunctionWithDefaults, OfStaticMethod),
        *(OfLambda, OfMethod, OfProperty, OfSubclass),
    ],
)
def test_the_ways_to_name_it(suite: type[AgentSuite]) -> None:
    """All of them give the agent."""
    found = plugin_of(named_plugin(suite()))
    assert isinstance(found, GoodAgent)
    assert (found is INSTANCE) is (suite is OfInstance)


def test_an_instance_may_be_set_by_a_fixture() -> None:
    """What the suite's instance names counts more than what its class names."""
    suite = OfClass()
    suite.plugin = other = GoodAgent()  # type: ignore[assignment] # an author's fixture may do so
    assert plugin_of(named_plugin(suite)) is other


@pytest.mark.parametrize("source", [Published, Published(), lambda: Published()])  # noqa: PLW0108 - a function of its own
def test_a_published_agent(source: Callable[[], object] | Published) -> None:
    """It is adapted, however it is named."""
    found = plugin_of(source)
    assert isinstance(found, compat.PluginAdapter)
    assert found.info().name == "published"


@pytest.mark.parametrize("source", [TYPED, CallableAgent()])
def test_an_agent_is_no_factory(source: MirastackPlugin) -> None:
    """Even if it can be called."""
    assert plugin_of(source) is source


def test_a_suite_without_an_agent() -> None:
    """The error says which line is missing."""
    with pytest.raises(TypeError, match=r'AgentSuite names no plugin: .* "plugin = MyAgent"'):
        named_plugin(AgentSuite())


@pytest.mark.parametrize("source", ["my_agent", 3, dict, lambda: None])
def test_something_else(source: object) -> None:
    """The error names what it is."""
    with pytest.raises(TypeError, match="plugin must be an agent, its class, or a function"):
        plugin_of(source)
