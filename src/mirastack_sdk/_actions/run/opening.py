"""The opening of one dependency: of a function, or of a context manager of either kind."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack
from types import TracebackType

from mirastack_sdk._actions.run.author_functions import call
from mirastack_sdk._actions.signature.dependencies import Dependency
from mirastack_sdk._threads import run_in_thread


async def opened(
    dependency: Dependency, arguments: Mapping[str, object], stack: AsyncExitStack
) -> object:
    """What the factory returns or yields; the stack closes it."""
    if not dependency.managed:
        return await call(dependency.factory, arguments)
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
    """Enter and leave a synchronous context manager without holding up the loop."""

    async def leave(
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return await run_in_thread(
            lambda: manager.__exit__(kind, error, traceback), name="mirastack-close"
        )

    entered = await run_in_thread(manager.__enter__, name="mirastack-open")
    stack.push_async_exit(leave)
    return entered
