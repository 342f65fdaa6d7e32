"""The deadlines of calls that have been sent: all calls of a connection share one timer."""

import asyncio
import math

import pytest

from mirastack_sdk._wire.client.deadline_timer import DeadlineTimer
from mirastack_sdk._wire.server.grpc_server import Server
from tests.wire.client.test_channel import channel_to, echo
from tests.wire.notes import Gate, Notes, note_codecs

# Of calls that end before the test does, and of one that does not.
SHORT, LONG = 0.05, 3600.0


@pytest.mark.parametrize(
    ("timeouts", "lasting"),
    [
        pytest.param((SHORT, 2 * SHORT), 0, id="later"),
        pytest.param((2 * SHORT, SHORT), 0, id="earlier"),
        pytest.param((LONG, SHORT), 1, id="much earlier"),
        pytest.param((SHORT, SHORT), 0, id="equal"),
    ],
)
async def test_each_call_ends_at_its_own_deadline(
    timeouts: tuple[float, float], lasting: int
) -> None:
    """Whichever is made first; a call with more time goes on."""
    gate = Gate()
    server = Server([Notes(gate.respond)], note_codecs())
    await server.start()
    async with channel_to(server.port) as channel, asyncio.timeout(30):
        calls = [
            asyncio.create_task(echo(channel, "held", timeout=timeout)) for timeout in timeouts
        ]
        ended = await asyncio.gather(*calls[lasting:], return_exceptions=True)
        assert [getattr(error, "reason", None) for error in ended] == ["deadline_exceeded"] * len(
            ended
        )
        gate.opened.set()
        assert await asyncio.gather(*calls[:lasting]) == ["held"] * lasting
        assert await echo(channel, "after", timeout=LONG) == "after"
    await server.close()


async def test_the_timer_fires_for_the_earliest_deadline() -> None:
    """Once, with a time that is not before it."""
    loop = asyncio.get_running_loop()
    fired: asyncio.Queue[float] = asyncio.Queue()
    timer = DeadlineTimer(fired.put_nowait)
    now = loop.time()
    for deadline in (now + LONG, now + 0.01, now + LONG):
        timer.watch(deadline)
    assert timer.due == now + 0.01
    assert await fired.get() >= now + 0.01
    assert timer.due == math.inf
    timer.watch(now)
    timer.cancel()
    await asyncio.sleep(0)
    assert (timer.due, fired.empty()) == (math.inf, True)
