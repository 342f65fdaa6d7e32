"""A class names its configuration, and goes on to do what it did."""

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
from tests.actions.config.settings_classes import EVENTS, LogsConfig


@pytest.fixture(autouse=True)
def no_events() -> None:
    """Each test begins without any."""
    EVENTS.clear()


async def push(agent: MirastackPlugin, **config: str) -> None:
    """Hand over a configuration as an engine does."""
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
    """A documented agent with a typed configuration."""

    @action
    async def where(self, config: LogsConfig) -> str:
        """Say where."""
        return config.url


class Below(Mixed):
    """A class below one that has a configuration."""

    async def health_check(self) -> None:
        """Be well."""


@pytest.mark.parametrize("kind", [Mixed, Below])
async def test_a_class_names_its_configuration(kind: type[Mixed]) -> None:
    """`class Mixed(Documented, TypedActions, config=LogsConfig)`, for those below it too."""
    agent = kind()
    async with agent.running():
        await push(agent, url="a")
        assert (await agent.call("where")).value == "a"


def test_a_classs_own_parameters_come_first() -> None:
    """What it declares by itself stays as it is."""
    params = Mixed().info().config_params
    assert [param.key for param in params][:4] == ["limit", "old", "url", "token"]
    assert params[0].description == "Its own."


async def test_a_classs_own_method_is_told_and_may_refuse() -> None:
    """It has the engine's texts, also where the typed configuration does not change."""
    agent = Mixed()
    async with agent.running(config=LogsConfig("a")):
        with pytest.raises(RuntimeError, match="not here"):
            await push(agent, url="own")
        assert (await agent.call("where")).value == "a"
        await push(agent, url="a", old="1")
        await push(agent, url="b")
    assert agent.seen == [{"url": "a", "old": "1"}, {"url": "b"}]


async def test_a_classs_own_health_check_comes_after_the_configuration() -> None:
    """It need not look for what is missing."""
    agent = Below()
    with pytest.raises(ConfigurationError, match="url is required"):
        await agent.health_check()


class Asking(Mixed):
    """One that asks its base's method as well."""

    async def config_updated(self, config: dict[str, str]) -> None:
        outcome = super().config_updated(config)
        if outcome is not None:
            await outcome


async def test_a_method_may_ask_its_bases() -> None:
    """The configuration is taken over once."""
    agent = Asking()
    agent._typed_actions.add_config_hook(lambda: EVENTS.append("asked"))  # noqa: SLF001 - counts
    async with agent.running():
        await push(agent, url="a")
        assert (await agent.call("where")).value == "a"
    assert EVENTS == ["asked"]


def test_a_documented_agent_stays_as_it_was() -> None:
    """Without a configuration, a plain method is a plain method."""

    class Plain(Documented, TypedActions):
        pass

    agent = Plain()
    agent.config_updated({"a": "b"})
    assert agent.seen == [{"a": "b"}]
