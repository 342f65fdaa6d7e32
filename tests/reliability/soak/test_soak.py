"""Fifty thousand calls of all kinds, after which nothing may be left."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk.testing import Encoding
from tests.reliability.probed_process import ProbedProcess, probed_process

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells a process's memory"
)

CALLS = 50_000
ROUNDS = 20
WARM_UP = 4
# Each round has its own connections, in both encodings, and so many callers on each.
CONNECTIONS = 4
CALLERS = 8
# One step in ten is two calls.
A_CALLER = CALLS * 10 // 11 // ROUNDS // CONNECTIONS // CALLERS + 1
# What a process may grow by between the warm-up and the end.
MOST_BYTES = 1_000_000
MOST_BLOCKS = 1_000
SETTLING_SECONDS = 20.0
TIMEOUT = 30.0


@pytest.fixture
def agent() -> Iterator[ProbedProcess]:
    """Start an agent."""
    with probed_process("tests.reliability.soak.soaked_agent") as process:
        yield process


class Caller:
    """Makes calls of every kind in turn, and counts how they end."""

    def __init__(self, channel: Channel, number: int) -> None:
        self.ends: Counter[str] = Counter()
        self._stub = PluginServiceStub(channel)
        self._number = number

    async def run(self) -> None:
        """Make this caller's share of calls."""
        kinds = [*[self._say] * 6, self._wait_in_vain, self._give_up, self._check, self._configure]
        # Callers start with different kinds of calls.
        for kind in itertools.islice(itertools.cycle(kinds), self._number, self._number + A_CALLER):
            self.ends[await kind()] += 1

    async def _say(self) -> str:
        text = "x" * (20_000 if sum(self.ends.values()) % 50 == 0 else 20)
        reply = await self._stub.execute(_execute("say", text), timeout=TIMEOUT)
        assert reply.result_json == f'{{"said":"{text}"}}'.encode()
        return "answered"

    async def _wait_in_vain(self) -> str:
        with pytest.raises((GRPCError, TimeoutError)) as raised:
            await self._stub.execute(_execute("wait", ""), timeout=0.005)
        if isinstance(raised.value, GRPCError):
            assert raised.value.status is Status.DEADLINE_EXCEEDED
        return "expired"

    async def _give_up(self) -> str:
        call = asyncio.create_task(self._stub.execute(_execute("wait", ""), timeout=TIMEOUT))
        # By then the agent has it: this call came later, and was answered.
        self.ends[await self._check()] += 1
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        return "cancelled"

    async def _check(self) -> str:
        assert (await self._stub.health_check(wire.HealthCheckRequest(), timeout=TIMEOUT)).healthy
        return "answered"

    async def _configure(self) -> str:
        request = wire.ConfigUpdatedRequest(config={"level": "high"}, version=1)
        assert (await self._stub.config_updated(request, timeout=TIMEOUT)).acknowledged
        return "answered"


def _execute(action: str, text: str) -> wire.ExecuteRequest:
    params = f'{{"text":"{text}"}}'.encode()
    return wire.ExecuteRequest(execution_id="soak", action_id=action, params_json=params)


async def soak(port: int) -> Counter[str]:
    """Make a round of calls on new connections, and return how they ended."""
    encodings = itertools.islice(itertools.cycle(Encoding), CONNECTIONS)
    channels = [Channel("127.0.0.1", port, CODECS, encoding=encoding) for encoding in encodings]
    callers = [Caller(channel, number) for channel in channels for number in range(CALLERS)]
    await asyncio.gather(*(caller.run() for caller in callers))
    for channel in channels:
        channel.close()
    return sum((caller.ends for caller in callers), Counter())


async def settled(agent: ProbedProcess, expected: Mapping[str, int]) -> Mapping[str, int]:
    """Wait until the agent holds what is expected, memory aside; return what it holds then."""
    end = asyncio.get_running_loop().time() + SETTLING_SECONDS
    while True:
        found = await asyncio.to_thread(agent.ask)
        same = {**found, "blocks": 0} == {**expected, "blocks": 0}
        if same or asyncio.get_running_loop().time() > end:
            return found


async def test_fifty_thousand_calls_leave_nothing(agent: ProbedProcess) -> None:
    """Afterwards an agent has as much memory as after the warm-up, and no task or stream."""
    port = int(agent.first_line)
    before = agent.ask()
    ends: Counter[str] = Counter()
    memory, blocks = [], []
    for _ in range(ROUNDS):
        ends += await soak(port)
        held = await settled(agent, before)
        assert {**held, "blocks": 0} == {**before, "blocks": 0}
        memory.append(agent.resident)
        blocks.append(held["blocks"])
    assert ends.total() >= CALLS
    assert min(ends["cancelled"], ends["expired"]) > CALLS // 20
    assert memory[-1] - max(memory[:WARM_UP]) < MOST_BYTES
    assert blocks[-1] - max(blocks[:WARM_UP]) < MOST_BLOCKS
