"""The limit on the executions that run at once."""

import asyncio

import pytest

from mirastack_sdk._runtime.calls.author_call import start_author_call
from mirastack_sdk._runtime.calls.executions import Executions
from mirastack_sdk._wire.grpc.status import CallRefused


class Author:
    """An author's code that waits, and cleans up when it is cancelled until it may end."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.started = 0

    async def work(self) -> None:
        self.started += 1
        try:
            await asyncio.Event().wait()
        finally:
            await self.may_end.wait()

    async def call(self, executions: Executions) -> None:
        """Run the code as the service does."""
        await executions.require_capacity()
        call = start_author_call(lambda: self.work, name="execute")
        await executions.finish(call, action="work", execution_id="1")

    def begin(self, executions: Executions, count: int) -> "list[asyncio.Task[None]]":
        """Begin executions, as a server begins calls."""
        return [
            asyncio.Task(self.call(executions), loop=asyncio.get_running_loop(), eager_start=True)
            for _ in range(count)
        ]


async def turns(count: int = 20) -> None:
    """Let everything happen that needs no time."""
    for _ in range(count):
        await asyncio.sleep(0)


async def ended(tasks: "list[asyncio.Task[None]]") -> None:
    """End executions, whatever becomes of them."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_too_many_is_refused_at_once() -> None:
    """Nothing is being cancelled, so there is nothing to wait for."""
    author, executions = Author(), Executions(3)
    author.may_end.set()
    running = author.begin(executions, 3)
    (late,) = author.begin(executions, 1)
    assert late.done()
    with pytest.raises(CallRefused, match="3 executions at once"):
        await late
    await ended(running)


async def test_a_cancelled_execution_makes_room() -> None:
    """As many as are being cancelled wait for them, and no more."""
    author, executions = Author(), Executions(3, cancel_grace=30)
    running = author.begin(executions, 3)
    for task in running[:2]:
        task.cancel()
    waiting = author.begin(executions, 3)
    assert [task.done() for task in waiting] == [False, False, True]
    assert author.started == 3
    author.may_end.set()
    await turns()
    assert author.started == 5
    assert isinstance(waiting[2].exception(), CallRefused)
    await ended([*running, *waiting])


async def test_room_is_given_to_those_who_wait() -> None:
    """An execution that comes when room is made does not take it from one that waits."""
    author, executions = Author(), Executions(1, cancel_grace=30)
    (running,) = author.begin(executions, 1)
    running.cancel()
    (first,) = author.begin(executions, 1)
    author.may_end.set()
    refused = 0
    for _ in range(20):
        (late,) = author.begin(executions, 1)
        refused += late.done()
        await asyncio.sleep(0)
        late.cancel()
    assert refused
    assert author.started == 2
    assert not first.done()
    await ended([running, first])


async def test_room_that_is_not_used_goes_to_the_next() -> None:
    """A call that is cancelled while it waits, or when it is given room, takes none."""
    author, executions = Author(), Executions(2, cancel_grace=30)
    running = author.begin(executions, 2)
    for task in running:
        task.cancel()
    first, second = author.begin(executions, 2)
    first.cancel()
    await turns()
    (third,) = author.begin(executions, 1)
    author.may_end.set()
    await turns()
    assert (first.cancelled(), second.done(), third.done()) == (True, False, False)
    assert author.started == 4
    await ended([*running, second, third])


async def test_one_that_ignores_its_cancellation_still_counts() -> None:
    """Nobody waits for it longer than the grace, and afterwards not at all."""
    author, executions = Author(), Executions(1, cancel_grace=0.01)
    (running,) = author.begin(executions, 1)
    running.cancel()
    (late,) = author.begin(executions, 1)
    assert not late.done()
    with pytest.raises(CallRefused):
        await late
    # Its own grace ends a little later than that of the call that waited for its place.
    await asyncio.wait((running,))
    (later,) = author.begin(executions, 1)
    assert later.done()
    assert isinstance(later.exception(), CallRefused)
    author.may_end.set()
    await turns()
    (last,) = author.begin(executions, 1)
    assert not last.done()
    await ended([last])
