"""Engines with invalid responses to registrations and heartbeats."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.session import Session
from tests.e2e.raw_engine import RawEngine, Request, raw_engine
from tests.reliability.bad_engines.engine import ByteEngine, HangUp, good, link_to, serving
from tests.runtime.engine_access.test_session import IDENTITY
from tests.runtime.recording_clock import RecordingClock

REGISTERED = b'{"success":true,"plugin_id":"p"}'
ALIVE = b'{"acknowledged":true}'
FORGOTTEN = b'{"acknowledged":true,"re_register_required":true}'


@dataclass
class Membership:
    """A running session, its engine, and the clock that both use."""

    engine: RawEngine
    clock: RecordingClock

    async def next_wait(self) -> float:
        """Wait until the session waits; return for how long, and let the time go by."""
        await self.clock.wait_for_sleepers(timeout=10)
        seconds = self.clock.sleeps[-1]
        self.clock.advance(seconds)
        return seconds

    @property
    def methods(self) -> list[str]:
        """The called methods, in order."""
        return [request.method for request in self.engine.requests]


@asynccontextmanager
async def membership(
    registration: bytes = REGISTERED, heartbeat: bytes = ALIVE
) -> AsyncIterator[Membership]:
    """Run a session with an engine that sends these responses, always in JSON."""

    def answer(request: Request) -> bytes:
        return registration if request.method == "RegisterPlugin" else heartbeat

    async with raw_engine(answer) as (engine, address):
        clock = RecordingClock()
        link = link_to(int(address.rpartition(":")[2]), clock=clock)
        async with living_with(link, clock):
            yield Membership(engine, clock)


@asynccontextmanager
async def living_with(link: EngineLink, clock: RecordingClock) -> AsyncIterator[None]:
    """Run a session over a link, and close both."""
    session = Session(
        link,
        IDENTITY,
        fixed_interval=None,
        clock=clock,
        uniform=lambda low, high: (low + high) / 2,
    )
    running = asyncio.create_task(session.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])
        link.close()


REFUSALS = {
    "no reason": (b'{"success":false}', "the engine gave no reason"),
    "a reason of many lines": (
        b'{"success":false,"error":"no\\n2026-01-01 00:00:00.000 ERROR forged"}',
        "no 2026-01-01 00:00:00.000 ERROR forged; this needs",
    ),
    "a reason of 15,000 letters": (
        b'{"success":false,"error":"' + b"x" * 15_000 + b'"}',
        "x" * 498 + "x…; this needs an operator",
    ),
    "a reason with control characters": (
        b'{"success":false,"error":"\\u001b[31mred\\u0000"}',
        " [31mred ; this needs",
    ),
    "success that is a text": (b'{"success":"yes"}', "the response of the engine cannot be read"),
    "a license that is a list": (b'{"success":true,"license":[1]}', "cannot be read"),
    "a license that is a text": (b'{"success":true,"license":"gold"}', "cannot be read"),
    "a license with a text for a number": (
        b'{"success":true,"license":{"expires_at":"soon"}}',
        "cannot be read",
    ),
    "quotas that are no object": (b'{"success":true,"license":{"quotas":7}}', "cannot be read"),
    "an empty reply": (b"", "cannot be read"),
}


@pytest.mark.parametrize(("reply", "text"), REFUSALS.values(), ids=REFUSALS)
async def test_a_registration_that_makes_no_sense(
    reply: bytes, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged in one line, and repeated after 2 seconds, then 4."""
    async with membership(reply) as life:
        assert [await life.next_wait(), await life.next_wait()] == [2, 4]
    lines = [one.message for one in caplog.records if "registration failed" in one.message]
    assert text in lines[0]
    assert "\n" not in lines[0]
    assert len(lines[0]) < 800


HEARTBEATS = {
    "an interval below zero": (b'{"acknowledged":true,"heartbeat_interval_seconds":-5}', 30),
    "an interval of 68 years": (
        b'{"acknowledged":true,"heartbeat_interval_seconds":2147483647}',
        3_600,
    ),
    "an interval beyond 32 bits": (
        b'{"acknowledged":true,"heartbeat_interval_seconds":4294967296}',
        1,
    ),
    "an interval that is a text": (
        b'{"acknowledged":true,"heartbeat_interval_seconds":"often"}',
        1,
    ),
    "a license that is a number": (b'{"acknowledged":true,"license":1}', 1),
}


@pytest.mark.parametrize(("reply", "wait"), HEARTBEATS.values(), ids=HEARTBEATS)
async def test_a_heartbeat_that_makes_no_sense(reply: bytes, wait: float) -> None:
    """Absurd intervals are ignored or limited to an hour; malformed ones are retried soon."""
    async with membership(heartbeat=reply) as life:
        assert await life.next_wait() == 30
        assert await life.next_wait() == wait
    assert life.methods[:2] == ["RegisterPlugin", "Heartbeat"]


async def test_an_engine_that_always_asks_to_register_again() -> None:
    """Registrations follow at the heartbeat interval, however often they are requested."""
    async with membership(heartbeat=FORGOTTEN) as life:
        waits = [await life.next_wait() for _ in range(4)]
        assert waits == [30, 30, 30, 30]
    assert life.methods[:5] == ["RegisterPlugin", "Heartbeat"] * 2 + ["RegisterPlugin"]


async def test_an_engine_that_closes_every_connection() -> None:
    """A heartbeat follows a lost connection after a second, the next ones ever later."""

    def close(stream: int) -> bytes:
        raise HangUp(good(stream, b'{"success":true,"acknowledged":true}'))

    clock = RecordingClock()
    sooner: list[float] = []
    async with serving(ByteEngine(answer=close)) as engine:
        link = link_to(engine.port, clock=clock)
        async with living_with(link, clock):
            for _ in range(4):
                # The session sleeps until the next heartbeat, and is woken when the engine leaves.
                sooner.append(await clock.next_sleep_but(30))
                clock.advance(sooner[-1])
    assert sooner == pytest.approx([1, 1.6, 2.56, 4.096])
