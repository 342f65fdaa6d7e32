"""The deadlines of calls that have been sent: all calls of a connection share one timer."""

import asyncio
import math

import pytest

from mirastack_sdk._wire.client.deadline_timer import DeadlineTimer
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.errors import EngineError
from tests.wire.client.test_channel import channel_to, echo
from tests.wire.notes import Gate, Notes, note_codecs

# Of calls that end before the test does, and of one that does not.
SHORT, LONG = 0.05, 3600.0


@pytest.mark.parametrize(
    "timeouts",
    [(SHORT, 2 * SHORT), (2 * SHORT, SHORT), (LONG, SHORT), (SHORT, SHORT)],
    ids=["later", "earlier", "much earlier", "equal"],
)
async def test_each_call_ends_at_its_own_deadline(timeouts: tuple[float, float]) -> None:
    """Whichever is made first; a call with more time goes on."""
    gate = Gate()
    server = Server([Notes(gate.respond)], note_codecs())
    await server.start()
    async with channel_to(server.port) as channel, asyncio.timeout(30):
        calls = [
            asyncio.create_task(echo(channel, str(timeout), timeout=timeout))
            for timeout in timeouts
        ]
        for call, timeout in zip(calls, timeouts, strict=True):
            if timeout != LONG:
                with pytest.raises(EngineError) as caught:
                    await call
                assert caught.value.reason == "deadline_exceeded"
        gate.opened.set()
        for call, timeout in zip(calls, timeouts, strict=True):
            if timeout == LONG:
                assert await call == str(timeout)
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
