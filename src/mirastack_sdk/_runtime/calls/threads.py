"""Runs blocking functions of the author's in threads of their own."""

import asyncio
import contextvars
import queue
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
    carry_out, outcome = _order(function)
    _start(carry_out, name)
    return outcome


class OwnThread:
    """One thread that carries out whatever it is given, in order and in one context, until it ends.

    For what must stay in the thread that it began in. Raises `RuntimeError` where the system gives
    no thread.
    """

    def __init__(self, *, name: str) -> None:
        self._orders = queue.SimpleQueue[Callable[[], bool] | None]()
        _start(self._work, name)

    def begin[Result](self, function: Callable[[], Result]) -> asyncio.Future[Result]:
        """Have `function` carried out after what is under way; see `begin_in_thread`."""
        carry_out, outcome = _order(function)
        self._orders.put(carry_out)
        return outcome

    def end(self) -> None:
        """Let the thread end after what it has been given."""
        self._orders.put(None)

    def _work(self) -> None:
        while (carry_out := self._orders.get()) is not None:
            if not carry_out():
                return


def _start(work: Callable[[], object], name: str) -> None:
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), name=name, daemon=True).start()


def _order[Result](
    function: Callable[[], Result],
) -> tuple[Callable[[], bool], asyncio.Future[Result]]:
    """What a thread is to do, and what comes of it.

    The former tells whether anybody can still be told: the loop may have closed.
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

    def carry_out() -> bool:
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

    return carry_out, outcome


def _transferable(error: BaseException) -> BaseException:
    if isinstance(error, StopIteration):
        # A future cannot carry it.
        replacement = RuntimeError("the function raised StopIteration")
        replacement.__cause__ = error
        return replacement
    return error
