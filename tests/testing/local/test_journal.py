"""Tests can wait until a local engine has received something."""

import asyncio

import pytest

from mirastack_sdk.testing import HeartbeatRecord, Violation
from mirastack_sdk.testing._local.journal import EngineJournal

BEAT = HeartbeatRecord(name="a", instance_id="1", known=True)


async def test_a_true_condition_needs_no_waiting() -> None:
    """A condition that is true already is returned at once."""
    journal = EngineJournal()
    journal.record(journal.heartbeats, BEAT)
    assert await journal.wait_for(lambda: journal.heartbeats, timeout=0) == [BEAT]


async def test_every_change_wakes_those_who_wait() -> None:
    """Every waiting test is woken until its own condition is true."""
    journal = EngineJournal()
    first = asyncio.create_task(journal.wait_for(lambda: len(journal.heartbeats) >= 1, 5))
    second = asyncio.create_task(journal.wait_for(lambda: len(journal.heartbeats) >= 2, 5))
    await asyncio.sleep(0)
    journal.record(journal.heartbeats, BEAT)
    assert await first is True
    assert not second.done()
    journal.record(journal.heartbeats, BEAT)
    assert await second is True


async def test_a_timeout_summarises_the_journal() -> None:
    """If the condition does not become true, the error says what the engine has received."""
    journal = EngineJournal()
    journal.record(
        journal.violations, Violation(method="heartbeat", plugin_name="a", text="broken")
    )
    with pytest.raises(
        TimeoutError, match=r"not true after 0\.01 s; .*violated 'heartbeat: broken'"
    ):
        await journal.wait_for(lambda: journal.heartbeats, timeout=0.01)


async def test_an_error_in_the_condition_is_raised() -> None:
    """A condition that raises is not the same as a false one."""
    journal = EngineJournal()
    with pytest.raises(IndexError):
        await journal.wait_for(lambda: journal.heartbeats[0], 5)
