"""The agent of the MCP server's tests. It prints, which must not disturb the protocol."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from mirastack_sdk import Agent, Env, OrLast, Permission, serve
from mirastack_sdk.engine import BlastRadius
from mirastack_sdk.plugin import (
    Context,
    EngineClient,
    PromptTemplate,
    TimeRange,
)

print("imported", flush=True)  # noqa: T201 - on purpose
os.write(1, b"written past Python\n")


@dataclass(frozen=True)
class ShopConfig:
    greeting: Annotated[str, "How to greet.", Env("SHOP_GREETING")] = "hello"


@dataclass
class Item:
    name: str
    price: float


agent = Agent(
    name="shop",
    version="1.2.3",
    description="Sells things.",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=ShopConfig,
    prompt_templates=[
        PromptTemplate(
            "explain",
            "Explain {{ .item }}{{/* to whom */}} to {{- .person -}} .",
            description="Explains an item.",
        ),
        PromptTemplate("conditional", "{{if .item}}{{.item}}{{end}}"),
    ],
)


@agent.action
async def list_items(most: int = 2) -> list[Item]:
    """List the items."""
    print("listing")  # noqa: T201 - on purpose
    return [Item("Käse 🧀", 2.5), Item("wine", 10)][:most]


@agent.action
async def greet(name: str, config: ShopConfig) -> str:
    """Greet somebody."""
    return f"{config.greeting} {name}"


@agent.action
async def count(to: int) -> AsyncIterator[int]:
    """Count from zero."""
    for number in range(to):
        yield number


@agent.action
async def stocktake(done: float | None, ctx: Context) -> int:
    """Count the stock, and tell how much of it is done."""
    await ctx.progress(done, "counting")
    return 3


@agent.action
async def tidy(ctx: Context, engine: EngineClient) -> str:
    """Tell how far the work is, in every way."""
    await ctx.progress(0.25, "a quarter")
    await asyncio.sleep(0.3)
    await engine.publish_result(ctx, '{"shelf": 1}')
    await ctx.progress(0.25, "still a quarter")
    await asyncio.sleep(0.3)
    await ctx.progress(1, "all")
    return "tidy"


@agent.action
async def sales(time_range: Annotated[TimeRange, OrLast(minutes=30)]) -> list[int]:
    """Tell the time range."""
    return [time_range.start_epoch_ms, time_range.end_epoch_ms]


@agent.action(permission=Permission.MODIFY)
async def restock(item: str) -> str:
    """Restock an item."""
    return f"restocked {item}"


@agent.action
async def clean(
    rooms: list[str], ctx: Context, engine: EngineClient, seconds: int = 60
) -> dict[str, str]:
    """Clean rooms, each of which needs an approval."""

    async def approved(room: str) -> str:
        radius = BlastRadius(summary=f"everybody in {room}")
        answer = await engine.request_approval(
            ctx, f"Clean {room}", context={"room": room}, blast_radius=radius, timeout=seconds
        )
        return f"{answer.approved}: {answer.comment}" + (" (late)" if answer.timed_out else "")

    return dict(zip(rooms, await asyncio.gather(*map(approved, rooms)), strict=True))


@agent.action
async def report(ctx: Context, engine: EngineClient) -> str:
    """Log an event."""
    await engine.log_event(ctx, {"event": "shop.reported", "level": "warn", "rows": "3"})
    await engine.log_event(ctx, {"event": "shop.detail", "level": "debug"})
    return "reported"


@agent.action
async def fetch(ctx: Context, engine: EngineClient) -> str:
    """Use the engine's cache, and call an agent that does not exist."""
    await engine.cache_set(ctx, "shop:key", "cached")
    found = await engine.cache_get(ctx, "shop:key")
    try:
        await engine.call_plugin(ctx, "nobody", "do")
    except Exception as error:  # noqa: BLE001 - reported
        return f"{found}; {error}"
    return "called"


@agent.action
async def fail() -> None:
    """Fail."""
    raise RuntimeError("the till at http://user:password@till:80/ is broken")


@agent.action
async def wait(ctx: Context, engine: EngineClient) -> None:
    """Wait until the call is cancelled."""
    try:
        await engine.publish_result(ctx, '"waiting"')
        await asyncio.Event().wait()
    finally:
        print("stopped waiting")  # noqa: T201 - on purpose


@agent.action(result_limit=None)
async def bulk(size: int) -> str:
    """Return a long text."""
    return "ß" * size


if __name__ == "__main__":
    serve(agent)
