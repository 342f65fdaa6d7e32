"""The signals that terminals, shells and service managers send for one stop."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from mirastack_sdk.testing import AgentCallError, LocalEngine
from tests.e2e.agent_process import AgentProcess, agent_process

NEVER_STARTED = Path(__file__).parent / "agents" / "never_started.py"
INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
# The call succeeds, the status is 0, and the agent deregisters once.
IN_ORDER = (True, 0, 1)
ONE_REQUEST_SECONDS = 1.0
ATTEMPTS = 3


async def _later(seconds: float) -> None:
    """Let time pass between two signals."""
    await asyncio.wait((asyncio.create_task(asyncio.Event().wait()),), timeout=seconds)


async def _signalled_until_it_ends(
    agent: AgentProcess, number: signal.Signals, seconds: float, *, every: float
) -> None:
    """Signal the agent again and again for so long, or until it has ended."""
    ended = asyncio.create_task(agent.process.wait())
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while agent.process.returncode is None and loop.time() < until:
        agent.signal(number)
        await asyncio.wait((ended,), timeout=every)
    await ended


async def _stopped_by_two(
    first: signal.Signals, second: signal.Signals, pause: float
) -> tuple[tuple[bool, int, int], float]:
    """Stop an agent with a running call; return what came of it, and how long the call took then.

    What comes of it is whether the call succeeded, the status, and the number of deregistrations.
    """
    async with LocalEngine() as engine, agent_process("worker.py", engine=engine.address) as agent:
        registered = await engine.wait_registered("worker", timeout=30)
        call = asyncio.create_task(registered.execute("hold", {"number": 0.6}))
        await engine.wait_for(lambda: engine.published, timeout=30)
        began = time.monotonic()
        agent.signal(first)
        await _later(pause)
        agent.signal(second)
        try:
            succeeded = (await call).success
        except AgentCallError:
            succeeded = False
        took = time.monotonic() - began
        status = await agent.ended(timeout=10)
        return (succeeded, status, len(engine.deregistrations)), took


@pytest.mark.parametrize(
    ("first", "second", "pause"),
    [(INT, TERM, 0.25), (INT, TERM, 0.0), (TERM, INT, 0.0), (HUP, TERM, 0.0), (TERM, HUP, 0.25)],
)
async def test_two_signals_of_one_stop_lose_no_call(
    first: signal.Signals, second: signal.Signals, pause: float
) -> None:
    """The running call gets its response, the agent deregisters, and the status is 0."""
    for _ in range(ATTEMPTS):
        outcome, took = await _stopped_by_two(first, second, pause)
        # A busy machine may deliver them so late that they count as two requests.
        if took < ONE_REQUEST_SECONDS or outcome == IN_ORDER:
            break
    assert outcome == IN_ORDER


@pytest.mark.parametrize("pause", [0.01, 0.02, 0.03, 0.04])
@pytest.mark.parametrize("number", [INT, TERM])
async def test_a_late_repetition_does_not_change_the_status(
    number: signal.Signals, pause: float
) -> None:
    """An idle agent stops within milliseconds; a repetition may meet it at any point of its end."""
    async with LocalEngine() as engine, agent_process("worker.py", engine=engine.address) as agent:
        await engine.wait_registered("worker", timeout=30)
        agent.signal(number)
        await _later(pause)
        await _signalled_until_it_ends(agent, number, 0.15 - pause, every=0.002)
        assert await agent.ended(timeout=10) == 0
        assert len(engine.deregistrations) == 1
    assert not any("Traceback" in line for line in agent.log)


async def test_a_terminal_that_closes_stops_the_agent_in_order() -> None:
    """SIGHUP deregisters the agent and lets it end with status 0."""
    async with LocalEngine() as engine, agent_process("worker.py", engine=engine.address) as agent:
        await engine.wait_registered("worker", timeout=30)
        agent.signal(HUP)
        assert await agent.ended(timeout=10) == 0
        assert len(engine.deregistrations) == 1


async def test_under_nohup_a_terminal_that_closes_does_no_harm() -> None:
    """The agent goes on serving, and SIGTERM stops it."""
    before = signal.signal(HUP, signal.SIG_IGN)
    try:
        async with (
            LocalEngine() as engine,
            agent_process("worker.py", engine=engine.address) as agent,
        ):
            registered = await engine.wait_registered("worker", timeout=30)
            agent.signal(HUP)
            assert (await registered.execute("answer")).success
            assert not engine.deregistrations
            agent.signal(TERM)
            assert await agent.ended(timeout=10) == 0
    finally:
        signal.signal(HUP, before)


@pytest.mark.parametrize("number", [INT, TERM, HUP])
async def test_a_signal_ends_an_agent_that_has_not_started_yet(number: signal.Signals) -> None:
    """A lifespan that waits for its backend is cancelled; nothing is ended by force."""
    async with agent_process(NEVER_STARTED) as agent:
        async with asyncio.timeout(30):
            while not agent.stdout:
                await _later(0.01)
        agent.signal(number)
        assert await agent.ended(timeout=5) == 0
    assert agent.stdout == ["waiting"]
    assert not any("force" in line or "Traceback" in line for line in agent.log)
