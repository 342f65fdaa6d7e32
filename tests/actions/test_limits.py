"""Actions keep to their time and their turns, and say so."""

import asyncio
from collections.abc import AsyncIterator

from tests.actions.agents import PATIENCE, new_agent


async def test_what_takes_too_long_is_answered() -> None:
    """The answer says how long it was, and what to do."""
    agent = new_agent()

    @agent.action(timeout=0.01)
    async def search() -> None:
        """Search."""
        await asyncio.Event().wait()

    found = await agent.call("search")
    assert found.logs == [
        "search was stopped after 0.01 s: ask for less, such as a shorter time range"
    ]


async def test_a_stream_that_takes_too_long_answers_what_it_has() -> None:
    """What was found until then is worth having."""
    agent = new_agent()

    @agent.action(timeout=0.01)
    async def search() -> AsyncIterator[int]:
        """Search."""
        yield 1
        await asyncio.Event().wait()

    found = await agent.call("search")
    assert found.value == [1]
    assert found.logs == ["search was stopped after 0.01 s, its result is incomplete"]


async def test_no_more_than_so_many_run_at_once() -> None:
    """Others wait for their turn."""
    agent = new_agent()
    running, most = 0, 0
    full, ends = asyncio.Event(), asyncio.Event()

    @agent.action(max_concurrency=2)
    async def search() -> None:
        """Search."""
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            full.set()
        await ends.wait()
        running -= 1

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(agent.call("search")) for _ in range(5)]
        await full.wait()
        ends.set()
    assert most == 2
    assert [call.result().value for call in calls] == [None] * 5


async def test_whoever_waits_too_long_is_told_why() -> None:
    """A call that never had its turn did not ask for too much."""
    agent = new_agent()
    started, ends = asyncio.Event(), asyncio.Event()

    @agent.action(max_concurrency=1, timeout=0.05)
    async def search(hold: bool) -> None:
        """Search."""
        started.set()
        while hold:
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue
            return

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(agent.call("search", hold=True))
        await started.wait()
        found = await agent.call("search", hold=False)
        ends.set()
    assert found.logs == [
        "search was stopped after 0.05 s: other calls of it took all of that time: try again later"
    ]
