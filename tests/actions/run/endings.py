"""Resources that end by themselves, in every way in which a task can be ended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType

import anyio


class Pool:
    """A resource that ends when it is told to."""

    opened = 0

    def __init__(self) -> None:
        type(self).opened += 1
        self.number = self.opened
        self.end = asyncio.Event()
        self.has_ended = asyncio.Event()


async def raise_at(event: asyncio.Event) -> None:
    await event.wait()
    raise ConnectionError("the backend is gone")


async def with_a_failing_task() -> AsyncIterator[Pool]:
    pool = Pool()
    try:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(raise_at(pool.end))
            yield pool
            watching.cancel()
    finally:
        pool.has_ended.set()


async def that_swallows_its_cancellation() -> AsyncIterator[Pool]:
    pool, task = Pool(), asyncio.current_task()
    assert task is not None
    ending = asyncio.ensure_future(pool.end.wait())
    ending.add_done_callback(lambda _: task.cancel())
    try:
        yield pool
    except asyncio.CancelledError:
        pass
    finally:
        pool.has_ended.set()


async def that_others_cancel() -> AsyncIterator[Pool]:
    pool, task = Pool(), asyncio.current_task()
    assert task is not None
    asyncio.ensure_future(pool.end.wait()).add_done_callback(lambda _: task.cancel())
    try:
        yield pool
    finally:
        pool.has_ended.set()


async def with_a_child_that_is_cancelled() -> AsyncIterator[Pool]:
    pool = Pool()

    async def child() -> None:
        await pool.end.wait()
        raise asyncio.CancelledError

    try:
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(child())
            waiting.add_done_callback(lambda _: holder.cancel())
            holder = asyncio.current_task() or waiting
            yield pool
            waiting.cancel()
    finally:
        pool.has_ended.set()


async def with_a_scope_of_anyio() -> AsyncIterator[Pool]:
    pool = Pool()
    try:
        with anyio.CancelScope() as scope:
            ending = asyncio.ensure_future(pool.end.wait())
            ending.add_done_callback(lambda _: scope.cancel())
            yield pool
    finally:
        pool.has_ended.set()


async def with_a_group_of_anyio() -> AsyncIterator[Pool]:
    pool = Pool()
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(raise_at, pool.end)
            yield pool
            tasks.cancel_scope.cancel()
    finally:
        pool.has_ended.set()


async def with_a_timeout() -> AsyncIterator[Pool]:
    pool = Pool()
    try:
        async with asyncio.timeout(None) as limit:
            ending = asyncio.ensure_future(pool.end.wait())
            ending.add_done_callback(lambda _: limit.reschedule(0))
            yield pool
    finally:
        pool.has_ended.set()


class Entered:
    """A class whose context manager is cancelled."""

    def __init__(self) -> None:
        self._inner = asynccontextmanager(that_others_cancel)()

    async def __aenter__(self) -> Pool:
        return await self._inner.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return await self._inner.__aexit__(kind, error, trace)


ENDINGS: list[Callable[..., object]] = [
    with_a_failing_task,
    that_swallows_its_cancellation,
    that_others_cancel,
    with_a_child_that_is_cancelled,
    with_a_scope_of_anyio,
    with_a_group_of_anyio,
    with_a_timeout,
    asynccontextmanager(with_a_failing_task),
    Entered,
]
