"""An engine in its own process, which can be killed and frozen.

Its argument is the port. It serves when it is sent a line, and prints one then and for each agent
that registers.
"""

import asyncio
import sys

from mirastack_sdk.testing import LocalEngine


def say(*words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


async def main(port: int) -> None:
    """Serve until killed."""
    async with LocalEngine(port=port) as engine:
        say("serving")
        known: set[str] = set()
        while True:
            await engine.wait_for(lambda: set(engine.agents) - known, timeout=3_600)
            for name in set(engine.agents) - known:
                known.add(name)
                say(name, "has registered")


if __name__ == "__main__":
    say("ready")
    sys.stdin.readline()
    asyncio.run(main(int(sys.argv[1])))
