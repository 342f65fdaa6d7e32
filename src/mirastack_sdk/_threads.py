"""Threads for blocking functions of the author's."""

import asyncio
import contextvars
import threading
from collections.abc import Callable


async def run_in_thread[Result](function: Callable[[], Result], *, name: str) -> Result:
    """Return what `function` returns, or raise what it raises, without holding up the loop.

    When the caller is cancelled, the function's result is dropped.
    """
    return await start_in_thread(function, name=name)


def start_in_thread[Result](function: Callable[[], Result], *, name: str) -> asyncio.Future[Result]:
    """Start `function` in a thread; the future gets what it returns or raises.

    The thread is a daemon: Python cannot stop a blocked thread, and one that never ends must not
    keep the process from ending. Raises `RuntimeError` where the system gives no thread.
    """
    run, outcome = _job(function)
    _start(run, name)
    return outcome


class SerialThread:
    """One thread that runs the functions it is given, in order and in one context.

    For code that must stay in the thread it started in. Raises `RuntimeError` where the system has
    no thread left.
    """

    def __init__(self, *, name: str) -> None:
        import queue  # noqa: PLC0415 - few agents have such a thread

        self._queue = queue.SimpleQueue[Callable[[], bool] | None]()
        _start(self._work, name)

    def submit[Result](self, function: Callable[[], Result]) -> asyncio.Future[Result]:
        """Run `function` after those submitted before; see `start_in_thread`."""
        run, outcome = _job(function)
        self._queue.put(run)
        return outcome

    def end(self) -> None:
        """End the thread after the functions submitted before."""
        self._queue.put(None)

    def _work(self) -> None:
        while (run := self._queue.get()) is not None:
            if not run():
                return


def _start(work: Callable[[], object], name: str) -> None:
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), name=name, daemon=True).start()


def _job[Result](
    function: Callable[[], Result],
) -> tuple[Callable[[], bool], asyncio.Future[Result]]:
    """A function for a thread to run, and the future of its result.

    The function returns whether the loop, which may have closed, could take the result.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Result] = loop.create_future()

    def deliver(result: Result | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)  # type: ignore[arg-type] # no error: it is a Result

    def run() -> bool:
        result: Result | None = None
        failure: BaseException | None = None
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - handed to the caller, whatever it is
            failure = _transferable(error)
        try:
            loop.call_soon_threadsafe(deliver, result, failure)
        except RuntimeError:
            # The loop has closed meanwhile: nobody waits for this any more.
            return False
        return True

    return run, outcome


def _transferable(error: BaseException) -> BaseException:
    if isinstance(error, StopIteration):
        # A future cannot carry it.
        replacement = RuntimeError("the function raised StopIteration")
        replacement.__cause__ = error
        return replacement
    return error
