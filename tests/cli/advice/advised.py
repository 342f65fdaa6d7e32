"""Agents for the tests of single rules: actions and a source that need not fit together."""

import ast
from collections.abc import Sequence

from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent
from mirastack_sdk._cli.advice.author_sources import AuthorModule
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
)


class Silent(MirastackPlugin):
    """An agent without actions and health check."""

    def info(self) -> PluginInfo:
        return PluginInfo("agent", "1.0.0", "Does it", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()


def advised(
    *actions: Action,
    source: str = "",
    plugin: MirastackPlugin | None = None,
    templates: Sequence[PromptTemplate] = (),
) -> AdvisedAgent:
    """An agent with these actions and templates, whose module contains this source."""
    given = plugin or Silent()
    info = given.info()
    info.prompt_templates = list(templates)
    module = AuthorModule(path="agent.py", tree=ast.parse(source))
    return AdvisedAgent(
        plugin=given, info=info, schema=PluginSchema(list(actions)), sources=[module]
    )
