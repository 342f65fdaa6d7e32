"""An agent in its own process, which reports what it holds."""

import asyncio
import gc
import json
import sys
from dataclasses import asdict

import pytest

from tests.reliability.bad_inputs.agent import running_agent


async def _serve() -> None:
    with pytest.MonkeyPatch.context() as patch:
        async with running_agent(patch) as agent:
            print(agent.port, flush=True)  # noqa: T201 - the process speaks to its test
            while await asyncio.to_thread(sys.stdin.readline):
                gc.collect()
                answer = {**asdict(agent.holdings()), "blocks": sys.getallocatedblocks()}
                print(json.dumps(answer), flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    asyncio.run(_serve())
