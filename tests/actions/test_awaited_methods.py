"""The methods that a class inherits from `TypedActions` can be awaited."""

from typing import NamedTuple

from mirastack_sdk.agent import TypedActions, action
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import make_execute_request


class Base(TypedActions):
    """An agent with one action."""

    def info(self) -> PluginInfo:
        return PluginInfo("logs", "1.0.0", "Searches.", Permission.READ, ["observe"])

    @action
    async def kept(self) -> int:
        """Keep."""
        return 1


class Calls(NamedTuple):
    """What a plain plugin was asked."""

    requests: list[ExecuteRequest]
    configs: list[dict[str, str]]
    checks: list[None]


CALLS = Calls([], [], [])


class Plain(MirastackPlugin):
    """A plugin with plain methods, whose parameters have names of their own."""

    def info(self) -> PluginInfo:
        return Base().info()

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("old", "The old way.", {})])

    def execute(self, request: ExecuteRequest, /) -> ExecuteResponse:
        CALLS.requests.append(request)
        return ExecuteResponse(logs=["plain"])

    def health_check(self) -> None:
        CALLS.checks.append(None)

    def config_updated(self, values: dict[str, str], /) -> None:
        CALLS.configs.append(values)


class Before(Base, Plain):  # type: ignore[misc] # Plain alone cannot be awaited
    """Typed actions before a plain plugin."""


async def test_the_methods_of_typed_actions_can_be_awaited() -> None:
    """Whatever the next base class is, and whether it has the method or not."""
    request = make_execute_request(action="nothing")
    (line,) = (await Base().execute(request)).logs
    assert line == "unknown action: nothing; the actions are kept"
    await Base().health_check()
    await Base().config_updated({"a": "b"})

    plugin = Before()
    assert (await plugin.execute(request)).logs == ["plain"]
    assert (await plugin.execute(make_execute_request(action="kept"))).output == {"result": "1"}
    await plugin.health_check()
    await plugin.config_updated({"a": "b"})
    assert Calls([request], [{"a": "b"}], [None]) == CALLS
