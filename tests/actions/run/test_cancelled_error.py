"""A CancelledError that the author's code raises, although nobody has cancelled it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated

import pytest

from mirastack_sdk.agent import Agent, Depends
from tests.actions.agents import new_agent
from tests.actions.test_served import served

EXPECTED = "the agent's code raised CancelledError, although nobody cancelled the call"


async def _raising() -> int:
    raise asyncio.CancelledError


def _raising_in_a_thread() -> int:
    raise asyncio.CancelledError


async def _awaiting_a_cancelled_task() -> int:
    task = asyncio.create_task(_raising())
    task.cancel()
    return await task


async def _cancelling_itself() -> int:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.Event().wait()
    return 0


async def _streaming() -> AsyncIterator[int]:
    yield 1
    raise asyncio.CancelledError


async def _using(value: Annotated[int, Depends(_raising)]) -> int:
    return value


CASES = [
    _raising,
    _raising_in_a_thread,
    _awaiting_a_cancelled_task,
    _cancelling_itself,
    _streaming,
    _using,
]


@pytest.mark.parametrize("timeout", [None, 60.0])
@pytest.mark.parametrize("function", CASES)
async def test_it_is_a_failure_and_no_timeout(
    function: Callable[..., object], timeout: float | None, caplog: pytest.LogCaptureFixture
) -> None:
    """The execution fails with a sentence, the log has the place, and the next call works."""
    agent = new_agent()
    if timeout is None:
        agent.action(name="act", description="Act.")(function)
    else:
        agent.action(name="act", description="Act.", timeout=timeout)(function)
    agent.action(name="answer", description="Answer.")(_answer)
    async with served(agent) as (_, registered):
        failed = await registered.execute("act")
        assert not failed.success
        assert failed.error == EXPECTED
        assert (await registered.execute("answer")).success
    [record] = [one for one in caplog.records if "raised an exception" in one.message]
    assert record.exc_info is not None


async def _answer() -> str:
    return "answer"


@pytest.mark.parametrize("function", [_raising, _raising_in_a_thread, _cancelling_itself])
async def test_a_health_check_that_raises_it_fails(function: Callable[..., None]) -> None:
    """It is unhealthy, at once."""
    agent: Agent = new_agent()
    agent.action(name="answer", description="Answer.")(_answer)
    agent.health(function)
    async with served(agent) as (_, registered):
        health = await registered.health()
    assert not health.healthy
    assert health.message == EXPECTED
