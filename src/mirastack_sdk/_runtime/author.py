"""Runs the author's methods, coroutines and blocking ones alike."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import overload

from mirastack_sdk._runtime.threads import run_in_thread


class AuthorError(Exception):
    """The author's code raised something; `cause` is what."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(type(cause)))
        self.cause = cause


@overload
async def call_author[**Arguments, Result](
    method: Callable[Arguments, Awaitable[Result]],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result: ...


@overload
async def call_author[**Arguments, Result](
    method: Callable[Arguments, Awaitable[Result] | Result],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result: ...


async def call_author[**Arguments, Result](
    method: Callable[Arguments, Awaitable[Result] | Result],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result:
    """Return what the author's `method` returns.

    A coroutine function runs on the loop, any other function in a thread. Whatever it raises comes
    as `AuthorError`, also what would end the process or the task; only the cancellation of the
    calling task itself passes as it is.
    """
    try:
        if _is_coroutine_function(getattr(method, "__func__", method)):
            return await _settled(method(*args, **kwargs))
        name = f"mirastack-{getattr(method, '__name__', 'author')}"
        return await _settled(await run_in_thread(lambda: method(*args, **kwargs), name=name))
    except asyncio.CancelledError as error:
        if _is_being_cancelled():
            raise
        raise AuthorError(error) from error
    except BaseException as error:
        raise AuthorError(error) from error


@functools.lru_cache(maxsize=64)
def _is_coroutine_function(function: Callable[..., object]) -> bool:
    # Remembered: looking costs as much as a short call.
    return inspect.iscoroutinefunction(function)


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _settled[Result](outcome: Awaitable[Result] | Result) -> Result:
    if isinstance(outcome, Awaitable):
        # An Awaitable could be a Result itself; no method of the author's may return one.
        pending: Awaitable[Result] = outcome
        return await pending
    return outcome
