"""Runs blocking functions of the author's, each in a thread of its own."""

import asyncio
import contextvars
import threading
from collections.abc import Callable


async def run_in_thread[Result](function: Callable[[], Result], *, name: str) -> Result:
    """Return what `function` returns, or raise what it raises, without holding up the loop.

    When the caller is cancelled, the function's result is dropped.
    """
    return await begin_in_thread(function, name=name)


def begin_in_thread[Result](function: Callable[[], Result], *, name: str) -> asyncio.Future[Result]:
    """Start `function` in a thread; the future gets what it returns or raises.

    The thread is a daemon: Python cannot stop a blocked thread, and one that never ends must not
    keep the process from ending. Raises `RuntimeError` where the system gives no thread.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Result] = loop.create_future()
    context = contextvars.copy_context()

    def deliver(result: Result | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)  # type: ignore[arg-type] # no error: it is a Result

    def work() -> None:
        result: Result | None = None
        failure: BaseException | None = None
        try:
            result = context.run(function)
        except BaseException as error:  # noqa: BLE001 - handed to the caller, whatever it is
            failure = _transferable(error)
        try:
            loop.call_soon_threadsafe(deliver, result, failure)
        except RuntimeError:
            # The loop has closed meanwhile: nobody waits for this any more.
            return

    threading.Thread(target=work, name=name, daemon=True).start()
    return outcome


def _transferable(error: BaseException) -> BaseException:
    if isinstance(error, StopIteration):
        # A future cannot carry it.
        replacement = RuntimeError("the function raised StopIteration")
        replacement.__cause__ = error
        return replacement
    return error
