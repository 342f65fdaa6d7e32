"""The opening of one dependency: of a function, or of a context manager of either kind."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack
from functools import partial
from types import TracebackType

from mirastack_sdk._actions.run.author_functions import call
from mirastack_sdk._actions.signature.dependencies import Dependency
from mirastack_sdk._log import Log
from mirastack_sdk._threads import SerialThread

_LOG = Log("agent")


async def opened(
    dependency: Dependency, arguments: Mapping[str, object], stack: AsyncExitStack
) -> object:
    """What the factory returns or yields; the stack closes it."""
    if not dependency.managed:
        return await call(dependency.factory, arguments)
    if isinstance(dependency.factory, type):
        made = await call(dependency.factory, arguments)
    else:
        # The author's code runs only when the manager is entered.
        made = dependency.factory(**arguments)
    if isinstance(made, AbstractAsyncContextManager):
        return await stack.enter_async_context(made)
    if isinstance(made, AbstractContextManager):
        return await _entered_in_thread(made, stack)
    return made


async def _entered_in_thread(
    manager: AbstractContextManager[object], stack: AsyncExitStack
) -> object:
    """Enter and leave a synchronous context manager in one thread, without holding up the loop.

    A thread cannot be cancelled: when this is, the manager is left as soon as it has been entered.
    """
    thread = SerialThread(name="mirastack-dependency")
    entering = thread.submit(manager.__enter__)

    async def leave(
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        leaving = thread.submit(lambda: manager.__exit__(kind, error, traceback))
        thread.end()
        return await leaving

    try:
        entered = await asyncio.shield(entering)
    except asyncio.CancelledError as error:
        entering.add_done_callback(partial(_leave_late, thread, manager, error))
        raise
    except BaseException:
        thread.end()
        raise
    stack.push_async_exit(leave)
    return entered


def _leave_late(
    thread: SerialThread,
    manager: AbstractContextManager[object],
    error: asyncio.CancelledError,
    entering: asyncio.Future[object],
) -> None:
    """Leave a manager that was entered although nobody waits for it any more."""
    if entering.exception() is None:
        leaving = thread.submit(lambda: manager.__exit__(type(error), error, None))
        leaving.add_done_callback(_log_failure)
    thread.end()


def _log_failure(leaving: asyncio.Future[bool | None]) -> None:
    if (error := leaving.exception()) is not None:
        _LOG.error("a dependency could not be closed after its cancellation", exc_info=error)
