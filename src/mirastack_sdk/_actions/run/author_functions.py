"""Calls of the author's functions: coroutines on the loop, plain functions in threads."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import AsyncExitStack
from contextvars import Context, ContextVar, Token, copy_context

from mirastack_sdk._actions.result.table_values import is_data
from mirastack_sdk._actions.signature.function_kinds import is_asynchronous
from mirastack_sdk._log import Log
from mirastack_sdk._threads import SerialThread, start_in_thread

_LOG = Log("agent")

type ContextChanges = Mapping[ContextVar[object], object]

_END = object()
_UNSET = object()


class CallThread:
    """The thread in which all plain functions of one call run, one after the other.

    What one of them opens may be bound to its thread, as connections of sqlite3 are, and to its
    context. The thread starts with the first function, and ends when `stack` has closed everything.
    Context variables that the caller has set are set in it too, and those that a function sets in
    it are set for the caller, until `stack` ends.
    """

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._worker: SerialThread | None = None
        self._is_idle: Callable[[], bool] | None = None
        # The caller's context, as far as the thread knows it.
        self._known: Context | None = None
        self._tokens: list[tuple[ContextVar[object], Token[object]]] = []

    @property
    def is_busy(self) -> bool:
        """Whether it still runs a function that nobody waits for any more."""
        return self._is_idle is not None and not self._is_idle()

    async def call(
        self, function: Callable[..., object], arguments: Mapping[str, object]
    ) -> object:
        """What a plain function returns, awaited if it is awaitable; see the function `call`."""
        returned: list[object] = []
        running = self.start(lambda: returned.append(function(**arguments)), function)
        self.adopt(await _wait_for_thread(running))
        (outcome,) = returned
        return await outcome if isinstance(outcome, Awaitable) else outcome

    def start(
        self, function: Callable[[], object], author: Callable[..., object]
    ) -> asyncio.Future[ContextChanges]:
        """Run a function; the future gets what it changes in its context, for `adopt`.

        `author` is the author's function, which gives a new thread its name.
        """
        # A new thread begins with a copy of it.
        known, now = self._known, copy_context()
        self._known = now

        def run() -> ContextChanges:
            if known is not None:
                for variable, value in _changes(known, now).items():
                    variable.set(value)
            before = copy_context()
            function()
            return _changes(before, copy_context())

        return self.submit(run, author)

    def submit[Result](
        self, function: Callable[[], Result], author: Callable[..., object] | None = None
    ) -> asyncio.Future[Result]:
        """Run a function after those submitted before, in the thread's context as it is."""
        if self._worker is None:
            self._worker = SerialThread(name=_thread_name(author))
            self._stack.callback(self._end, self._worker)
        outcome = self._worker.submit(function)
        self._is_idle = outcome.done
        return outcome

    def adopt(self, changes: ContextChanges) -> None:
        """Set the context variables for the caller that a function has set in the thread."""
        self._tokens += [(variable, variable.set(value)) for variable, value in changes.items()]

    def _end(self, thread: SerialThread) -> None:
        thread.end()
        for variable, token in reversed(self._tokens):
            variable.reset(token)


def _changes(before: Context, after: Context) -> ContextChanges:
    """The context variables whose values differ in two contexts, with the later values."""
    return {
        variable: value
        for variable, value in after.items()
        if before.get(variable, _UNSET) is not value
    }


class ThreadedGenerator:
    """The items of a plain generator, each produced when it is asked for, all in one thread.

    The generator pauses while an item is used. A cancelled call ends when the thread reaches the
    next `yield`, or when it is cancelled once more.
    """

    def __init__(self, items: Generator[object], thread: CallThread) -> None:
        self._items = items
        self._worker = thread
        self._next: asyncio.Future[object] | None = None

    def __aiter__(self) -> "ThreadedGenerator":
        """The items themselves."""
        return self

    async def __anext__(self) -> object:
        """The next item; raises what the generator raises."""
        self._next = self._worker.submit(lambda: next(self._items, _END))
        item = await _wait_for_thread(self._next)
        if item is _END:
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Run the generator's `finally` in its thread.

        This does not wait for a thread that still works on an item that was given up.
        """
        closed = self._worker.submit(self._items.close)
        if self._next is None or self._next.done():
            await _wait_for_thread(closed)
        else:
            closed.add_done_callback(_log_error)


async def call(
    function: Callable[..., object],
    arguments: Mapping[str, object],
    thread: CallThread | None = None,
) -> object:
    """What the author's function returns, awaited if it is awaitable.

    A plain function runs in the thread, or in one of its own.

    A thread cannot be cancelled, and what it uses must stay open: a cancelled call ends when its
    thread has ended, or when it is cancelled once more.
    """
    if is_asynchronous(function):
        outcome = function(**arguments)
    elif thread is not None:
        return await thread.call(function, arguments)
    else:
        running = start_in_thread(lambda: function(**arguments), name=_thread_name(function))
        outcome = await _wait_for_thread(running)
    return await outcome if isinstance(outcome, Awaitable) else outcome


async def start_generator(
    function: Callable[..., object], arguments: Mapping[str, object], thread: CallThread
) -> object:
    """What a plain generator function yields, as a `ThreadedGenerator` that the caller closes.

    Cancellation waits for what the thread is doing, as in `call`.
    """
    outcome = await thread.call(function, arguments)
    if not isinstance(outcome, Generator):
        # A decorator of the generator function has made something else of it.
        return await _wait_for_thread(thread.submit(lambda: _drained(outcome)))
    return ThreadedGenerator(outcome, thread)


def drain_iterator[**Arguments](
    function: Callable[Arguments, object],
) -> Callable[Arguments, object]:
    """The plain function, with any iterator that it returns read to its end in the same thread."""

    @functools.wraps(function)
    def drain(*args: Arguments.args, **kwargs: Arguments.kwargs) -> object:
        return _drained(function(*args, **kwargs))

    return drain


def _thread_name(function: Callable[..., object] | None) -> str:
    return f"mirastack-{getattr(function, '__name__', 'author')}"


def _drained(outcome: object) -> object:
    return list(outcome) if isinstance(outcome, Iterator) and is_data(outcome) else outcome


async def _wait_for_thread[Result](thread: asyncio.Future[Result]) -> Result:
    """What a thread returns; a cancelled wait ends with the thread, or at the next cancellation."""
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        try:
            await asyncio.wait((thread,))
        except asyncio.CancelledError:
            thread.add_done_callback(_log_error)
            raise
        thread.result()  # an error that it raised meanwhile matters more than the cancellation
        raise


def _log_error[Result](thread: asyncio.Future[Result]) -> None:
    """Log an error that a thread raises after nobody waits for it any more."""
    if not thread.cancelled() and (error := thread.exception()) is not None:
        _LOG.error("a plain function raised an exception after it was given up", exc_info=error)
