"""The agent that the tests of the inspector's page call, edit and break."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Literal

from mirastack_sdk import ActionError, Agent, Context, EngineClient, Permission, TimeRange
from mirastack_sdk.engine import BlastRadius

LOG = logging.getLogger("desk_agent")
POINTS = 30


@dataclass(frozen=True)
class DeskConfig:
    """What operators set."""

    greeting: Annotated[str, "How users are greeted."] = "hello"


agent = Agent(
    name="desk_agent",
    version="1.0.0",
    description="Does what the inspector shows",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=DeskConfig,
)


@agent.action
async def greet(
    config: DeskConfig,
    name: Annotated[str, "Who is greeted."],
    times: Annotated[int, "How often."] = 1,
    tone: Literal["kind", "formal"] = "kind",
) -> list[dict[str, str]]:
    """Greet somebody. Use this to see that the agent is there."""
    LOG.info("%s is greeted", name)
    return [{"text": f"{config.greeting} {name}", "tone": tone}] * times


@agent.action
async def refuse(reason: str) -> str:
    """Refuse with a reason. Use this to see a failure."""
    raise ActionError(f"refused: {reason}")


@agent.action
async def rates(time_range: TimeRange) -> list[tuple[float, float]]:
    """Show a rate over time. Use this to see a plot."""
    start, end = time_range.start_epoch_ms / 1000, time_range.end_epoch_ms / 1000
    return [(start + (end - start) * n / POINTS, float(n % 7)) for n in range(POINTS)]


@agent.action(permission=Permission.MODIFY)
async def restart(service: str, engine: EngineClient, ctx: Context) -> str:
    """Restart a service. Use this when it hangs."""
    radius = BlastRadius(resource_type="service", resources=[service], summary="It is gone briefly")
    text = f"Restart {service}"
    approval = await engine.request_approval(ctx, text, blast_radius=radius, timeout=600)
    if not approval:
        raise ActionError(f"not restarted: {approval.comment}")
    await engine.cache_set(ctx, f"desk_agent:{service}", approval.comment, ttl=600)
    await engine.log_event(ctx, {"event": "restarted", "service": service})
    return f"restarted {service}"


@agent.action
async def scan(ctx: Context, windows: int = 2) -> AsyncIterator[dict[str, int]]:
    """Scan window by window. Use this to see partial results."""
    for number in range(1, windows + 1):
        await ctx.progress(number / windows, f"window {number} of {windows}")
        yield {"window": number}


@agent.action
async def wait() -> str:
    """Wait until the call is cancelled."""
    await asyncio.Event().wait()
    return "never"
