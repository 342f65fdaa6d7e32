"""Calls of the author's functions: coroutines on the loop, plain functions in threads."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping

from mirastack_sdk._threads import SerialThread, start_in_thread

_END = object()


class ThreadedGenerator:
    """The items of a plain generator, each produced when it is asked for, all in one thread.

    The generator pauses while an item is used. A cancelled call ends when the thread reaches the
    next `yield`, or when it is cancelled once more.
    """

    def __init__(self, items: Generator[object], thread: SerialThread) -> None:
        self._items = items
        self._thread = thread
        self._next: asyncio.Future[object] | None = None

    def __aiter__(self) -> "ThreadedGenerator":
        """The items themselves."""
        return self

    async def __anext__(self) -> object:
        """The next item; raises what the generator raises."""
        self._next = self._thread.submit(lambda: next(self._items, _END))
        item = await _wait_for_thread(self._next)
        if item is _END:
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Run the generator's `finally` in its thread, which then ends.

        This does not wait for a thread that still works on an item that was given up.
        """
        closed = self._thread.submit(self._items.close)
        self._thread.end()
        if self._next is None or self._next.done():
            await _wait_for_thread(closed)


async def call(function: Callable[..., object], arguments: Mapping[str, object]) -> object:
    """What the author's function returns, awaited if it is awaitable.

    A thread cannot be cancelled, and what it uses must stay open: a cancelled call ends when its
    thread has ended, or when it is cancelled once more.
    """
    if not is_asynchronous(function):
        return await call_in_thread(function, **arguments)
    outcome = function(**arguments)
    return await outcome if isinstance(outcome, Awaitable) else outcome


async def call_in_thread(function: Callable[..., object], /, **arguments: object) -> object:
    """What a plain function returns, awaited if it is awaitable; see `call`."""
    thread = start_in_thread(lambda: function(**arguments), name=_thread_name(function))
    outcome = await _wait_for_thread(thread)
    return await outcome if isinstance(outcome, Awaitable) else outcome


async def start_generator(function: Callable[..., object], /, **arguments: object) -> object:
    """What a plain generator function yields, as a `ThreadedGenerator` that the caller closes.

    Cancellation waits for what the thread is doing, as in `call`.
    """
    thread = SerialThread(name=_thread_name(function))
    items: ThreadedGenerator | None = None
    try:
        outcome = await _wait_for_thread(thread.submit(lambda: function(**arguments)))
        if not isinstance(outcome, Generator):
            # A decorator of the generator function has made something else of it.
            return await _wait_for_thread(thread.submit(lambda: _drained(outcome)))
        items = ThreadedGenerator(outcome, thread)
        return items
    finally:
        if items is None:
            thread.end()


def drain_iterator[**Arguments](
    function: Callable[Arguments, object],
) -> Callable[Arguments, object]:
    """The plain function, with any iterator that it returns read to its end in the same thread."""

    @functools.wraps(function)
    def drain(*args: Arguments.args, **kwargs: Arguments.kwargs) -> object:
        return _drained(function(*args, **kwargs))

    return drain


def is_asynchronous(function: Callable[..., object]) -> bool:
    """Whether calling a function returns a coroutine or an asynchronous iterator at once."""
    return any(
        inspect.iscoroutinefunction(candidate) or inspect.isasyncgenfunction(candidate)
        for candidate in _candidates(function)
    )


def yields(function: Callable[..., object]) -> bool:
    """Whether a function is a plain generator function, whatever decorates it."""
    return any(
        inspect.isgeneratorfunction(inspect.unwrap(candidate))
        for candidate in _candidates(function)
    )


def _candidates(function: Callable[..., object]) -> tuple[Callable[..., object], ...]:
    return function, getattr(function, "__call__", function)  # noqa: B004 - an instance's


def _thread_name(function: Callable[..., object]) -> str:
    return f"mirastack-{getattr(function, '__name__', 'author')}"


def _drained(outcome: object) -> object:
    return list(outcome) if isinstance(outcome, Iterator) else outcome


async def _wait_for_thread[Result](thread: asyncio.Future[Result]) -> Result:
    """What a thread returns; a cancelled wait ends with the thread, or at the next cancellation."""
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait((thread,))
        thread.result()  # an error that it raised meanwhile matters more than the cancellation
        raise
