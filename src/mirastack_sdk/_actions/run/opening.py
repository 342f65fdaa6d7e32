"""The opening of one dependency: of a function, or of a context manager of either kind."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from types import TracebackType

from mirastack_sdk._actions.run.author_functions import CallThread, ContextChanges, call
from mirastack_sdk._actions.signature.dependencies import Dependency
from mirastack_sdk._log import Log

_LOG = Log("agent")


async def opened(
    dependency: Dependency,
    arguments: Mapping[str, object],
    stack: AsyncExitStack,
    thread: CallThread,
) -> object:
    """What the factory returns or yields; the stack closes it. Plain code runs in the thread."""
    if not dependency.managed:
        return await call(dependency.factory, arguments, thread)
    if dependency.yields:
        # The author's code runs only when the manager is entered.
        made = _manager(dependency.factory(**arguments))
    else:
        made = await call(dependency.factory, arguments, thread)
    if isinstance(made, AbstractAsyncContextManager):
        return await stack.enter_async_context(made)
    if isinstance(made, AbstractContextManager):
        return await _entered_in_thread(made, stack, thread, dependency.factory)
    return made


def _manager(made: object) -> object:
    """What a factory made that yields, as a context manager; `contextlib` may have done that."""
    if isinstance(made, AsyncGenerator):
        return asynccontextmanager(lambda: made)()
    return contextmanager(lambda: made)() if isinstance(made, Generator) else made


async def _entered_in_thread(
    manager: AbstractContextManager[object],
    stack: AsyncExitStack,
    thread: CallThread,
    author: Callable[..., object],
) -> object:
    """Enter a synchronous context manager in the thread, in which the stack leaves it.

    A thread cannot be cancelled: when this is, the manager is left as soon as it has been entered.
    """
    entered: list[object] = []

    def leave_late(error: BaseException) -> None:
        if entered:
            manager.__exit__(type(error), error, None)

    async def leave(
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        is_given_up = thread.is_busy
        leaving = thread.submit(lambda: manager.__exit__(kind, error, traceback))
        if is_given_up:
            # Nobody waits for what the thread is doing now, so nobody can wait for this.
            leaving.add_done_callback(_log_failure)
            return None
        return await _left(leaving)

    entering = thread.start(lambda: entered.append(manager.__enter__()), author)
    try:
        thread.adopt(await asyncio.shield(entering))
    except asyncio.CancelledError as error:
        cancelled = error
        entering.add_done_callback(_ignore_failure)
        thread.submit(lambda: leave_late(cancelled)).add_done_callback(_log_failure)
        raise
    stack.push_async_exit(leave)
    return entered[0]


async def _left(leaving: asyncio.Future[bool | None]) -> bool | None:
    """What leaving a manager in the thread returns; an error after a cancellation is logged.

    What the manager uses stays open until it has been left, or until the next cancellation.
    """
    try:
        return await asyncio.shield(leaving)
    except asyncio.CancelledError as error:
        if leaving.done() and leaving.exception() is error:
            raise  # the manager raised it, and nobody has cancelled this
        leaving.add_done_callback(_log_failure)
        await asyncio.wait((leaving,))
        raise


def _ignore_failure(entering: asyncio.Future[ContextChanges]) -> None:
    """Take note of an error, which nobody waits for any more."""
    entering.exception()


def _log_failure(leaving: asyncio.Future[bool | None] | asyncio.Future[None]) -> None:
    if (error := leaving.exception()) is not None:
        _LOG.error("a dependency could not be closed after its cancellation", exc_info=error)
