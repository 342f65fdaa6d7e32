"""Resources that end by themselves, that cannot be opened, or whose opening hangs."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

import pytest

from mirastack_sdk import StartError
from mirastack_sdk._actions.run import injection
from mirastack_sdk._actions.run.kept_resource import ResourceEndedError
from mirastack_sdk.agent import Agent, Depends
from tests.actions.agents import new_agent
from tests.actions.run.endings import ENDINGS, Pool, with_a_failing_task
from tests.actions.test_served import served

TIMEOUT = 5.0


@pytest.fixture(autouse=True)
def _fresh() -> None:
    Pool.opened = 0


async def _other() -> AsyncIterator[object]:
    yield object()


async def _health(agent: Agent) -> None:
    check = agent.health_check()
    assert check is not None
    await check


def _agent(opened: Callable[..., object]) -> tuple[Agent, list[Pool], list[object]]:
    """An agent, and what its actions get."""
    agent, pools, others = new_agent(), list[Pool](), list[object]()

    @agent.action
    async def use(pool: Annotated[Pool, Depends(opened, lifetime="agent")]) -> int:
        """Use the pool."""
        pools.append(pool)
        return pool.number

    @agent.action
    async def use_other(other: Annotated[object, Depends(_other, lifetime="agent")]) -> str:
        """Use the other one."""
        others.append(other)
        return "used"

    return agent, pools, others


@pytest.mark.parametrize("opened", ENDINGS)
async def test_a_resource_that_ends_is_reported_and_opened_anew(
    opened: Callable[..., object], caplog: pytest.LogCaptureFixture
) -> None:
    """The log and the health check name it, the next call opens it, and others stay as they are."""
    agent, pools, others = _agent(opened)
    async with asyncio.timeout(TIMEOUT), agent.running():
        await agent.call("use")
        await agent.call("use_other")
        await _health(agent)
        pools[0].end.set()
        await pools[0].has_ended.wait()
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match=f"ended unexpectedly.*{opened.__name__}"):
            await _health(agent)
        assert f"{opened.__name__} has ended while the agent runs" in caplog.text
        await agent.call("use_other")
        assert (await agent.call("use")).value == 2
        await _health(agent)
    assert others[0] is others[1]
    assert len(caplog.records) == 1


async def test_a_resource_that_no_call_needs_is_opened_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lifespan works for everybody: it starts again by itself, until it succeeds."""
    monkeypatch.setattr(injection, "_FIRST_DELAY", 0.001)
    agent, pools, back = new_agent(), list[Pool](), asyncio.Event()

    @agent.lifespan
    async def watch() -> AsyncIterator[Pool]:
        async for pool in with_a_failing_task():
            pools.append(pool)
            if len(pools) in {2, 3}:
                raise ConnectionError("still down")
            if len(pools) == 4:
                back.set()
            yield pool

    async with asyncio.timeout(TIMEOUT), agent.running():
        pools[0].end.set()
        await pools[0].has_ended.wait()
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="watch"):
            await _health(agent)
        await back.wait()
        await asyncio.sleep(0)
        await _health(agent)


async def test_what_was_opened_with_an_ended_resource_is_opened_anew() -> None:
    """It holds the ended one, so it is closed, too."""
    agent, seen, closed = new_agent(), list[tuple[Pool, object]](), asyncio.Event()

    async def session(
        pool: Annotated[Pool, Depends(with_a_failing_task, lifetime="agent")],
    ) -> AsyncIterator[tuple[Pool, object]]:
        yield pool, object()
        closed.set()

    @agent.action
    async def use(
        both: Annotated[tuple[Pool, object], Depends(session, lifetime="agent")],
    ) -> None:
        """Use both."""
        seen.append(both)

    async with asyncio.timeout(TIMEOUT), agent.running():
        await agent.call("use")
        seen[0][0].end.set()
        await closed.wait()
        await agent.call("use")
        assert [pool.number for pool, _ in seen] == [1, 2]
        await _health(agent)


async def _error(call: Awaitable[object]) -> BaseException | None:
    try:
        await call
    except BaseException as error:  # noqa: BLE001 - the test looks at it
        return error
    return None


async def _cancelled() -> Pool:
    raise asyncio.CancelledError


async def _exiting() -> Pool:
    sys.exit(3)


async def _cancelling_itself() -> AsyncIterator[Pool]:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.Event().wait()
    yield Pool()


@pytest.mark.parametrize("opened", [_cancelled, _exiting, _cancelling_itself])
async def test_an_opening_that_is_cancelled_or_exits_fails(opened: Callable[..., object]) -> None:
    """Whoever waits for it gets an error at once, each time, and others are opened."""
    agent, _, _ = _agent(opened)
    async with asyncio.timeout(TIMEOUT), agent.running():
        for _ in range(2):
            outcomes = await asyncio.gather(*(_error(agent.call("use")) for _ in range(3)))
            assert {type(outcome) for outcome in outcomes} <= {ResourceEndedError, SystemExit}
            assert (await agent.call("use_other")).value == "used"
        await _health(agent)


async def test_a_lifespan_that_is_cancelled_does_not_start() -> None:
    """The agent does not start either, and says why."""
    agent = new_agent()
    agent.lifespan(_cancelling_itself)
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(StartError, match="was cancelled while it was being opened"):
            async with agent.running():
                pass


async def test_an_opening_that_hangs_concerns_no_other() -> None:
    """Other resources are opened and used meanwhile, and the agent ends."""
    hanging = asyncio.Event()

    async def hangs() -> Pool:
        hanging.set()
        await asyncio.Event().wait()
        return Pool()

    agent, _, _ = _agent(hangs)
    async with asyncio.timeout(TIMEOUT):
        async with agent.running():
            waiting = asyncio.create_task(agent.call("use"))
            await hanging.wait()
            assert (await agent.call("use_other")).value == "used"
            waiting.cancel()
        await asyncio.wait((waiting,))


async def test_an_ended_resource_of_a_single_call_is_closed_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Outside of a running agent, nothing is opened anew."""
    agent, pools, _ = _agent(with_a_failing_task)
    for number in (1, 2):
        assert (await agent.call("use")).value == number
    assert all(pool.has_ended.is_set() for pool in pools)
    assert caplog.records == []


@pytest.mark.parametrize("opened", ENDINGS)
async def test_the_engine_sees_an_ended_resource(opened: Callable[..., object]) -> None:
    """Health checks of a served agent fail until the resource is open again."""
    agent, pools, _ = _agent(opened)
    async with served(agent) as (_, registered):
        assert (await registered.execute("use")).success
        assert (await registered.health()).healthy
        pools[0].end.set()
        await pools[0].has_ended.wait()
        await asyncio.sleep(0)
        health = await registered.health()
        assert not health.healthy
        assert opened.__name__ in health.message
        assert (await registered.execute("use")).success
        assert (await registered.health()).healthy
