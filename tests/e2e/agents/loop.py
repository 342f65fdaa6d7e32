"""An agent that tells which event loop it runs on."""

import asyncio

from mirastack_sdk import Agent, Permission, serve

agent = Agent(
    name="loop",
    version="1.0.0",
    description="Tells its event loop.",
    permission=Permission.READ,
    devops_stages=["test"],
)


@agent.action
async def tell() -> str:
    """Tell the package of the event loop."""
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]


if __name__ == "__main__":
    serve(agent)
