"""Runs the author's methods, coroutines and blocking ones alike."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from mirastack_sdk._runtime.threads import run_in_thread


class AuthorError(Exception):
    """The author's code raised something; `cause` is what."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(type(cause)))
        self.cause = cause


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
        if inspect.iscoroutinefunction(method):
            outcome = method(*args, **kwargs)
        else:
            name = f"mirastack-{getattr(method, '__name__', 'author')}"
            outcome = await run_in_thread(lambda: method(*args, **kwargs), name=name)
        return await outcome if inspect.isawaitable(outcome) else outcome
    except asyncio.CancelledError as error:
        if _is_being_cancelled():
            raise
        raise AuthorError(error) from error
    except BaseException as error:
        raise AuthorError(error) from error


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
