"""Calls of the author's functions: coroutines on the loop, plain ones in a thread each."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping

from mirastack_sdk._runtime.calls.threads import OwnThread, begin_in_thread

__all__ = [
    "ThreadedGenerator",
    "begun",
    "call",
    "call_in_thread",
    "call_on_loop",
    "is_asynchronous",
    "read_to_the_end",
    "reading",
    "to_the_end",
    "yields",
]

_END = object()


async def begun(function: Callable[..., object], arguments: Mapping[str, object]) -> object:
    """What a plain function returns; if that is a generator, its items, read in the same thread.

    Whoever gets the items closes them. Cancellation waits for what the thread is at, as `call`
    does.
    """
    thread = OwnThread(name=f"mirastack-{getattr(function, '__name__', 'author')}")
    items: ThreadedGenerator | None = None
    try:
        outcome = await to_the_end(thread.begin(lambda: function(**arguments)))
        if not isinstance(outcome, Generator):
            # Whatever is wrapped around the generator function has made something else of it.
            return await to_the_end(thread.begin(lambda: read_to_the_end(outcome)))
        items = ThreadedGenerator(outcome, thread)
        return items
    finally:
        if items is None:
            thread.end()


class ThreadedGenerator:
    """The items of a generator, each made when it is asked for, all in one thread.

    The generator waits while an item is used. A call that is cancelled ends when the thread is at
    the next `yield`, or when it is cancelled once more.
    """

    def __init__(self, items: Generator[object], thread: OwnThread) -> None:
        self._items = items
        self._thread = thread
        self._next: asyncio.Future[object] | None = None

    def __aiter__(self) -> "ThreadedGenerator":
        """The items themselves."""
        return self

    async def __anext__(self) -> object:
        """The next item; raises what the generator raises."""
        self._next = self._thread.begin(lambda: next(self._items, _END))
        item = await to_the_end(self._next)
        if item is _END:
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Have the generator's `finally` run in its thread, which ends then.

        That is not waited for where the thread is held up and its next item has been given up.
        """
        closed = self._thread.begin(self._items.close)
        self._thread.end()
        if self._next is None or self._next.done():
            await to_the_end(closed)


def is_asynchronous(function: Callable[..., object]) -> bool:
    """Whether calling a function gives a coroutine or an asynchronous iterator at once."""
    return any(
        inspect.iscoroutinefunction(candidate) or inspect.isasyncgenfunction(candidate)
        for candidate in _called(function)
    )


def yields(function: Callable[..., object]) -> bool:
    """Whether a function is a plain generator function, whatever is wrapped around it."""
    return any(inspect.isgeneratorfunction(inspect.unwrap(found)) for found in _called(function))


def _called(function: Callable[..., object]) -> tuple[Callable[..., object], ...]:
    return function, getattr(function, "__call__", function)  # noqa: B004 - an instance's


async def call(function: Callable[..., object], arguments: Mapping[str, object]) -> object:
    """What the author's function returns, awaited where it is to be.

    A thread cannot be cancelled: a call that is cancelled ends when its thread has ended, since
    what the thread uses must stay open, or when it is cancelled once more.
    """
    if is_asynchronous(function):
        return await call_on_loop(function, arguments)
    return await call_in_thread(function, arguments)


async def call_on_loop(function: Callable[..., object], arguments: Mapping[str, object]) -> object:
    """What an asynchronous function returns; see `call`."""
    outcome = function(**arguments)
    return await outcome if isinstance(outcome, Awaitable) else outcome


async def call_in_thread(
    function: Callable[..., object], arguments: Mapping[str, object]
) -> object:
    """What a plain function returns, awaited where it is to be; see `call`."""
    name = f"mirastack-{getattr(function, '__name__', 'author')}"
    outcome = await to_the_end(begin_in_thread(lambda: function(**arguments), name=name))
    return await outcome if isinstance(outcome, Awaitable) else outcome


async def to_the_end[Result](thread: asyncio.Future[Result]) -> Result:
    """What a thread makes; cancelled, this ends when it has ended, or when cancelled once more."""
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait((thread,))
        thread.result()  # what it has raised meanwhile is more than that it was cancelled
        raise


def reading[**Arguments](
    function: Callable[Arguments, object],
) -> Callable[Arguments, object]:
    """A plain function that reads the iterator it may return to its end, in the same thread."""

    @functools.wraps(function)
    def read(*args: Arguments.args, **kwargs: Arguments.kwargs) -> object:
        return read_to_the_end(function(*args, **kwargs))

    return read


def read_to_the_end(outcome: object) -> object:
    """What an iterator gives, as a list; anything else as it is."""
    return list(outcome) if isinstance(outcome, Iterator) else outcome
