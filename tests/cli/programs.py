"""The source text of agents that the tests of the command line load."""

TYPED = '''
from mirastack_sdk import Agent, Permission

agent = Agent(
    name="typed_agent",
    version="1.0.0",
    description="Adds numbers",
    permission=Permission.READ,
    devops_stages=["observe"],
)


@agent.action
async def add(a: int, b: int = 1) -> int:
    """Add two numbers. Use this when a sum is needed."""
    return a + b
'''

PLUGIN = """
from mirastack_sdk.plugin import (
    Action, ExecuteRequest, ExecuteResponse, MirastackPlugin, Permission, PluginInfo, PluginSchema,
)


class MyPlugin(MirastackPlugin):
    def __init__(self, name: str = "my_plugin") -> None:
        self.name = name

    def info(self) -> PluginInfo:
        return PluginInfo(self.name, "1.0.0", "Says hello", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("hello", "Say hello to somebody.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(output={"result": "hello"})
"""

PUBLISHED = """
from mirastack_sdk.compat import (
    Action, DevOpsStage, ExecuteRequest, ExecuteResponse, Permission, Plugin, PluginInfo,
    PluginSchema, respond_map, serve,
)

ACTION = Action(
    id="ping", description="Ping the backend.", permission=Permission.READ,
    stages=[DevOpsStage.OBSERVE],
)


class Published(Plugin):
    def info(self) -> PluginInfo:
        return PluginInfo(
            name="published_agent", version="1.0.0", description="Pings",
            permissions=[Permission.READ], devops_stages=[DevOpsStage.OBSERVE], actions=[ACTION],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[ACTION])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return respond_map({"pong": True})


if __name__ == "__main__":
    serve(Published())
"""

MANY_KINDS = '''
import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from mirastack_sdk import (
    ActionError, Agent, Context, EngineClient, Permission, Secret, TimeRange,
)

LOG = logging.getLogger("many_kinds")


@dataclass(frozen=True)
class Config:
    region: Annotated[str, "Where it runs."] = "none"
    token: Annotated[Secret[str], "The backend's token."] = Secret("")


agent = Agent(
    name="many_kinds",
    version="1.2.3",
    description="Does what tests need",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=Config,
)


@dataclass
class Row:
    host: str
    load: float


@agent.action
async def rows(engine: EngineClient, ctx: Context, count: int = 3) -> list[Row]:
    """List rows. Use this when a test needs a table."""
    LOG.info("reading %d rows", count, extra={"rows": count})
    print("the agent prints")
    await engine.cache_set(ctx, "many_kinds:rows", "1", ttl=3)
    await engine.cache_get(ctx, "many_kinds:rows")
    await engine.log_event(ctx, {"event": "many_kinds.read", "rows": str(count)})
    return [Row(f"host-{number}", number * 1.5) for number in range(count)]


@agent.action
async def stream(count: int = 2) -> AsyncIterator[Row]:
    """Yield rows one by one. Use this when a test needs partial results."""
    for number in range(count):
        yield Row(f"host-{number}", number)


@agent.action
async def progresses(ctx: Context) -> str:
    """Show progress. Use this when a test needs it."""
    await ctx.progress(0.4, "window 2 of 5")
    return "finished"


@agent.action
async def asks(engine: EngineClient, ctx: Context, host: str) -> str:
    """Ask for approval. Use this when a test needs one."""
    approval = await engine.request_approval(ctx, f"restart {host}")
    return "restarted" if approval else f"not restarted: {approval.comment}"


@agent.action(permission=Permission.MODIFY)
async def changes(host: str) -> str:
    """Change something. Use this when a test needs a change."""
    return f"changed {host}"


@agent.action
async def fails(kind: str, limit: Annotated[int, Field(lt=10)] = 1) -> str:
    """Fail. Use this when a test needs a failure."""
    if kind == "action":
        raise ActionError("the backend is away")
    raise RuntimeError("broken")


@agent.action
async def sleeps() -> str:
    """Never end. Use this when a test needs a cancellation."""
    LOG.info("sleeping")
    try:
        await asyncio.Event().wait()
    finally:
        print("cancelled", file=sys.stderr, flush=True)
    return ""


@agent.action
async def shows(config: Config, time_range: TimeRange | None) -> dict[str, str | None]:
    """Show the config and the time range. Use this when a test needs them."""
    LOG.info("the token is %s", config.token.reveal(), extra={"token": config.token.reveal()})
    return {
        "region": config.region,
        "range": time_range.original_expression if time_range else None,
    }
'''
