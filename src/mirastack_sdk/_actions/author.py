"""Calls the author's functions: coroutines on the loop, plain ones in a thread each."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping

from mirastack_sdk._runtime.calls.threads import begin_in_thread

__all__ = [
    "call",
    "call_in_thread",
    "call_on_loop",
    "is_asynchronous",
    "read_to_the_end",
    "reading",
    "to_the_end",
    "yields",
]


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
