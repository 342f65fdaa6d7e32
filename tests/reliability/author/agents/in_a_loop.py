"""An agent whose author calls serve() where an event loop runs already."""

import asyncio

from mirastack_sdk import serve
from tests.testing.agents import EchoAgent


async def main() -> None:
    """Serve, as in an async main function."""
    serve(EchoAgent())


if __name__ == "__main__":
    asyncio.run(main())
