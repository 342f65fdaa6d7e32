"""A plugin class can have a config class and keep its own methods."""

from collections.abc import Awaitable

import pytest

from mirastack_sdk.agent import TypedActions, action
from mirastack_sdk.errors import ConfigurationError
from mirastack_sdk.plugin import (
    ConfigParam,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)
from tests.actions.config.config_classes import EVENTS, LogsConfig


@pytest.fixture(autouse=True)
def no_events() -> None:
    """Each test begins without any."""
    EVENTS.clear()


async def push(agent: MirastackPlugin, **config: str) -> None:
    """Push a config as an engine does."""
    outcome = agent.config_updated(config)
    assert outcome is not None
    await outcome


class Documented(MirastackPlugin):
    """An agent as the documentation has it."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []

    def info(self) -> PluginInfo:
        return PluginInfo(
            "documented", "1.0.0", "Old.", Permission.READ, ["observe"],
            config_params=[ConfigParam("limit", "Its own."), ConfigParam("old", "Its own.")],
        )  # fmt: skip

    def schema(self) -> PluginSchema:
        return PluginSchema([])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()

    def config_updated(self, config: dict[str, str]) -> Awaitable[None] | None:
        if config.get("url") == "own":
            raise RuntimeError("not here")
        self.seen.append(config)
        return None


class Mixed(Documented, TypedActions, config=LogsConfig):
    """A documented agent with a config class."""

    @action
    async def where(self, config: LogsConfig) -> str:
        """Say where."""
        return config.url


class Below(Mixed):
    """A subclass of one with a config class."""

    async def health_check(self) -> None:
        """Be well."""


@pytest.mark.parametrize("kind", [Mixed, Below])
async def test_a_class_names_its_config_class(kind: type[Mixed]) -> None:
    """`class Mixed(Documented, TypedActions, config=LogsConfig)` works, also for subclasses."""
    agent = kind()
    async with agent.running():
        await push(agent, url="a")
        assert (await agent.call("where")).value == "a"


def test_a_classs_own_parameters_come_first() -> None:
    """The class's own declaration of a parameter wins."""
    params = Mixed().info().config_params
    assert [param.key for param in params][:4] == ["limit", "old", "url", "token"]
    assert params[0].description == "Its own."


async def test_a_classs_own_method_is_called_and_can_reject() -> None:
    """It receives the engine's texts even if the typed config does not change."""
    agent = Mixed()
    async with agent.running(config=LogsConfig("a")):
        with pytest.raises(RuntimeError, match="not here"):
            await push(agent, url="own")
        assert (await agent.call("where")).value == "a"
        await push(agent, url="a", old="1")
        await push(agent, url="b")
    assert agent.seen == [{"url": "a", "old": "1"}, {"url": "b"}]


async def test_a_classs_own_health_check_runs_after_the_config_check() -> None:
    """It need not check for missing values."""
    agent = Below()
    with pytest.raises(ConfigurationError, match="url is required"):
        await agent.health_check()


class Asking(Mixed):
    """One that asks its base's method as well."""

    async def config_updated(self, config: dict[str, str]) -> None:
        outcome = super().config_updated(config)
        if outcome is not None:
            await outcome


async def test_a_method_can_call_its_base() -> None:
    """The config is applied once."""
    agent = Asking()
    agent._typed_actions.add_config_hook(lambda: EVENTS.append("asked"))  # noqa: SLF001 - counts
    async with agent.running():
        await push(agent, url="a")
        assert (await agent.call("where")).value == "a"
    assert EVENTS == ["asked"]


def test_an_agent_without_a_config_class_is_unchanged() -> None:
    """Its synchronous methods stay synchronous."""

    class Plain(Documented, TypedActions):
        pass

    agent = Plain()
    agent.config_updated({"a": "b"})
    assert agent.seen == [{"a": "b"}]
