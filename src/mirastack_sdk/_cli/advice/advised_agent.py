"""An agent as the advice sees it: its declarations and its source."""

from collections.abc import Iterator, Sequence

from mirastack_sdk._cli.advice.author_sources import AuthorModule
from mirastack_sdk._core.model.declarations import (
    Action,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisedAgent:
    """An agent that passes the quality gates, and the modules that its author wrote."""

    plugin: MirastackPlugin
    info: PluginInfo
    schema: PluginSchema
    sources: Sequence[AuthorModule]

    def permission_of(self, action: Action) -> Permission:
        """The permission that callers of an action need."""
        return action.permission or self.info.permission

    def inputs(self) -> Iterator[tuple[Action, str, str, ParamSchema]]:
        """Each input parameter: its action, its place, its name and its declaration."""
        for action in self.schema.actions:
            for name, param in action.input_params.items():
                yield action, f"action {action.name}, input {name}", name, param


def place_of(action: Action) -> str:
    """The place of a finding about an action."""
    return f"action {action.name}"
