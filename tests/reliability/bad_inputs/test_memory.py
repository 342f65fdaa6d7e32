"""The memory that many rounds of bad inputs take."""

import gc
import sys

import pytest

from tests.reliability.bad_inputs import (
    test_bodies,
    test_first_bytes,
    test_frames,
    test_headers,
    test_params,
    test_timeouts,
)
from tests.reliability.bad_inputs.agent import RunningAgent, running_agent
from tests.reliability.bad_inputs.cases import BadInput, Ended
from tests.reliability.bad_inputs.client import Client

CASES: list[BadInput] = [
    *test_first_bytes.STRANGERS,
    *test_first_bytes.STUMBLERS,
    *test_frames.FATAL,
    *test_frames.OF_ONE_STREAM,
    *test_frames.HARMLESS,
    *test_headers.MALFORMED,
    *test_headers.NO_CALLS,
    *test_headers.UNUSUAL,
    *test_timeouts.MALFORMED,
    *test_bodies.FRAMES,
    *test_bodies.PROTOBUF,
    *test_bodies.JSON,
    *test_params.CASES,
]
# Of a round of so many cases, what is left may be a few lines of bookkeeping, not a block a case.
MOST_BLOCKS = len(CASES) // 2


async def _round(agent: RunningAgent) -> int:
    """Send every case once, and return how many memory blocks are allocated afterwards."""
    before = agent.holdings()
    for case in CASES:
        async with await Client.connect(agent.port) as client:
            client.send(case.after + case.sent)
            if isinstance(case.outcome, Ended):
                await client.until_closed()
            else:
                await client.reply(1)
    assert await agent.settled(before) == before
    gc.collect()
    return sys.getallocatedblocks()


async def test_bad_inputs_cost_no_memory(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After three hundred bad inputs an agent holds as much memory as before."""
    caplog.set_level("CRITICAL")
    async with running_agent(monkeypatch) as agent:
        for _ in range(2):
            await _round(agent)
        first = await _round(agent)
        assert await _round(agent) - first < MOST_BLOCKS
