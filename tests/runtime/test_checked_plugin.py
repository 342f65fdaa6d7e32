"""The properties of a plugin that has passed the quality gates."""

import uuid
from dataclasses import dataclass

import pytest

from mirastack_sdk import ConfigParam, ExecuteRequest, ExecuteResponse
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk.agent import Agent, TypedActions, action
from mirastack_sdk.plugin import Action, MirastackPlugin, Permission, PluginInfo, PluginSchema


class Plain(MirastackPlugin):
    """An agent that takes no config."""

    params: tuple[ConfigParam, ...] = ()

    def info(self) -> PluginInfo:
        params = list(self.params)
        return PluginInfo("a", "1", "A", Permission.READ, ["test"], config_params=params)

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("act", "Act.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()


class Declares(Plain):
    params = (ConfigParam(key="url", description="The URL."),)


class Overrides(Plain):
    async def config_updated(self, config: dict[str, str]) -> None:
        """Nothing."""


class Typed(Plain, TypedActions):
    @action
    async def look(self) -> str:
        """Look."""
        return ""


class TypedOverrides(Typed):
    async def config_updated(self, config: dict[str, str]) -> None:
        """Nothing."""


@dataclass
class Config:
    """The config of an agent.

    Attributes:
        url: The URL.
    """

    url: str = "http://a"


class TypedConfig(Typed, config=Config):
    pass


def typed_agent() -> Agent:
    agent = Agent(
        name="a", version="1", description="A", permission=Permission.READ, devops_stages=["test"]
    )

    @agent.action
    def look() -> str:
        """Look."""
        return ""

    return agent


@pytest.mark.contract("Configuration at the start: only an agent that takes a config is given one")
@pytest.mark.parametrize(
    ("plugin", "takes"),
    [
        (Plain(), False),
        (Declares(), True),
        (Overrides(), True),
        (Typed(), False),
        (TypedOverrides(), True),
        (TypedConfig(), True),
        (typed_agent(), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, MirastackPlugin) else None,
)
def test_what_takes_a_config(plugin: MirastackPlugin, *, takes: bool) -> None:
    """Config parameters, a config class or a `config_updated` of its own make an agent take one."""
    assert checked_plugin(plugin).takes_config is takes


def test_each_start_has_an_instance_id_of_its_own() -> None:
    """It is a random UUID of version 4, in the form that Python's own module writes."""
    ids = {checked_plugin(Plain()).instance_id for _ in range(20)}
    assert len(ids) == 20
    assert {(str(uuid.UUID(one)) == one, uuid.UUID(one).version) for one in ids} == {(True, 4)}
    assert {uuid.UUID(one).variant for one in ids} == {uuid.RFC_4122}
