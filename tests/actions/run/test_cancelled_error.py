"""A CancelledError that the author's code raises, although nobody has cancelled it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Self

import anyio.lowlevel
import pytest

from mirastack_sdk.agent import Agent, Depends
from tests.actions.agents import new_agent
from tests.actions.test_served import served
from tests.reliability.author.bench import Agent as Untyped
from tests.reliability.author.bench import BlockingAgent, calling

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


def _streaming_from_a_thread() -> Iterator[int]:
    yield 1
    raise asyncio.CancelledError


class _OwnCancelledError(asyncio.CancelledError):
    """A kind of cancellation that a library has."""


async def _raising_a_kind_of_it() -> int:
    raise _OwnCancelledError


async def _raising_it_from_another() -> int:
    raise asyncio.CancelledError from ConnectionError("down")


async def _with_a_group_that_is_cancelled() -> int:
    async with asyncio.TaskGroup() as tasks:
        child = tasks.create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        child.cancel()
        await child
    return 0


async def _with_a_timeout_around_it() -> int:
    async with asyncio.timeout(60):
        return await _raising()


async def _waiting_with_a_timeout() -> int:
    return await asyncio.wait_for(_raising(), 60)


async def _one() -> int:
    return 1


async def _gathering() -> int:
    return sum(await asyncio.gather(_raising(), _one()))


async def _awaiting_a_cancelled_future() -> int:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    future.cancel()
    return await future


async def _in_a_group_of_anyio() -> int:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.lowlevel.checkpoint)
        return await _raising()
    return 0


async def _in_a_scope_of_anyio() -> int:
    with anyio.fail_after(60):
        return await _raising()


class _Entered:
    async def __aenter__(self) -> Self:
        raise asyncio.CancelledError

    async def __aexit__(self, *_: object) -> None: ...


async def _entering(value: Annotated[_Entered, Depends(_Entered)]) -> int:
    return len(str(value))


def _plainly_opened() -> Iterator[int]:
    yield _raising_in_a_thread()


async def _using_a_plain_one(value: Annotated[int, Depends(_plainly_opened)]) -> int:
    return value


CASES = [
    _raising,
    _raising_in_a_thread,
    _awaiting_a_cancelled_task,
    _cancelling_itself,
    _streaming,
    _using,
    _streaming_from_a_thread,
    _raising_a_kind_of_it,
    _raising_it_from_another,
    _with_a_group_that_is_cancelled,
    _with_a_timeout_around_it,
    _waiting_with_a_timeout,
    _gathering,
    _awaiting_a_cancelled_future,
    _in_a_group_of_anyio,
    _in_a_scope_of_anyio,
    _entering,
    _using_a_plain_one,
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


class UntypedPlugin(Untyped):
    """An agent without typed actions, whose methods raise it."""

    async def health_check(self) -> None:
        await _raising()

    async def config_updated(self, config: dict[str, str]) -> None:
        await _raising()


class BlockingPlugin(BlockingAgent):
    """The same in threads."""

    def health_check(self) -> None:
        _raising_in_a_thread()

    def config_updated(self, config: dict[str, str]) -> None:
        _raising_in_a_thread()


@pytest.mark.parametrize("kind", [UntypedPlugin, BlockingPlugin])
async def test_the_methods_of_untyped_agents_fail(kind: type[Untyped]) -> None:
    """Executions, health checks and pushes are answered with the sentence."""
    agent = kind(lambda _: _raising_in_a_thread())
    async with calling(agent) as caller:
        execution, health = await caller.misbehave(), await caller.health()
        push = await caller.push(region="eu")
        assert (execution.success, execution.error) == (False, EXPECTED)
        assert (health.healthy, health.message) == (False, EXPECTED)
        assert (push.acknowledged, push.error) == (False, EXPECTED)
        await caller.require_well()
