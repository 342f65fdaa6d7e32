"""An agent whose lifespan waits for a backend that never comes."""

import asyncio
from collections.abc import AsyncIterator

from mirastack_sdk import Permission, serve
from mirastack_sdk.agent import Agent

agent = Agent(
    name="never_started",
    version="1.0.0",
    description="Waits.",
    permission=Permission.READ,
    devops_stages=["test"],
)


@agent.lifespan
async def backend() -> AsyncIterator[None]:
    print("waiting", flush=True)  # noqa: T201 - for the test
    await asyncio.Event().wait()
    yield


@agent.action
async def answer() -> str:
    """Answer."""
    return "answer"


if __name__ == "__main__":
    serve(agent)
