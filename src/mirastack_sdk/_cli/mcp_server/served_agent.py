"""An agent that is served beside a local engine, and its MCP server."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from mirastack_sdk._cli.loading.targets import Target
from mirastack_sdk._cli.mcp_server.agent_server import AgentServer
from mirastack_sdk._cli.mcp_server.offered_prompts import offered_prompts
from mirastack_sdk._cli.mcp_server.offered_tools import offered_tools
from mirastack_sdk._cli.mcp_server.running_calls import RunningCalls
from mirastack_sdk._cli.sessions import require_accepted, serving
from mirastack_sdk._cli.shared_options import ApprovalPolicy
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.testing import LocalEngine, RegisteredAgent


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How the agent is run; `timeout` is that of each execution in seconds."""

    policy: ApprovalPolicy
    timeout: float
    config: Mapping[str, str]


@asynccontextmanager
async def running_agent(
    target: Target, options: ServerOptions
) -> AsyncIterator[tuple[LocalEngine, RegisteredAgent]]:
    """Serve the agent beside an engine of its own; raises `CommandError` if it does not start."""
    async with LocalEngine() as engine:
        if options.config:
            engine.config = dict(options.config)
        async with serving(target.plugin, engine) as agent:
            await require_accepted(options.config, agent)
            yield engine, agent


@asynccontextmanager
async def agent_server(
    target: Target, options: ServerOptions, *, is_shared: bool
) -> AsyncIterator[AgentServer]:
    """Give the MCP server of an agent, whose calls end with the block."""
    async with running_agent(target, options) as (engine, agent):
        introduction = agent.introduction
        calls = RunningCalls(engine, agent, policy=options.policy, timeout=options.timeout)
        server = AgentServer(
            introduction.info,
            offered_tools(target.plugin, introduction),
            offered_prompts(introduction.info.prompt_templates),
            calls,
            is_shared=is_shared,
        )
        with calls.attached():
            try:
                yield server
            finally:
                server.close()
