"""One call of an author's method, a coroutine or a blocking function."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from types import CoroutineType, FunctionType
from typing import overload

from mirastack_sdk._log import Log
from mirastack_sdk._threads import start_in_thread
from mirastack_sdk._wire.socket.forking import end_child
from mirastack_sdk.errors import WorkerError

_LOG = Log("agent")

type Method[Result] = Callable[..., Awaitable[Result] | Result]

CANCEL_GRACE = 0.3
"""How many seconds a cancelled coroutine may take to clean up; nobody waits for it longer."""


class AuthorError(Exception):
    """The author's code raised something; `cause` is what."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(type(cause).__name__)
        self.cause = cause


class OverdueError(Exception):
    """The author's `method` did not end in time; the text may be shown to anybody."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(f"{method} did not end within {seconds:.3g} s")


class AuthorCall[Result]:
    """One call of the author's code, from its start to its real end.

    `find` gives what to call with `args`: a coroutine function runs on the running loop, to its
    first pause at once, anything else in a thread. The code may outlive every waiter: a coroutine
    may ignore its cancellation, and a thread cannot be cancelled at all. `has_ended` says whether
    the code has really ended, `is_cancelled` whether it was asked to, `error` what it raised.
    """

    def __init__(
        self, find: Callable[[], Method[Result]], args: tuple[object, ...], *, name: str
    ) -> None:
        self.name = name
        self.has_ended = False
        self.is_cancelled = False
        self.error: BaseException | None = None
        self._loop = asyncio.get_running_loop()
        # Created only when somebody waits: most calls have ended by then.
        self._waited_for: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._result: Result | None = None
        try:
            method = find()
            if _is_coroutine_function(method):
                self._follow(method(*args))
            else:
                thread = start_in_thread(lambda: method(*args), name=f"mirastack-{name}")
                thread.add_done_callback(self._on_thread_end)
        except BaseException as error:  # noqa: BLE001 - the author's code, whatever it raises
            self._end(error=error)

    async def finish(self, cancel_grace: float = CANCEL_GRACE) -> Result:
        """Return what the code returns; raises `AuthorError` for whatever it raises.

        Cancelling this cancels the code, and waits `cancel_grace` seconds for a coroutine to end.
        Code that ends by itself at the moment of its cancellation has ended.
        """
        if not self.has_ended:
            try:
                await asyncio.shield(self._end_to_wait_for())
            except asyncio.CancelledError:
                self.cancel()
                if self._task is not None:
                    await self.ends_within(cancel_grace)
                raise
        return self.result()

    async def ends_within(self, seconds: float) -> bool:
        """Whether the code has really ended in at most so many seconds."""
        if not self.has_ended:
            await asyncio.wait((self._end_to_wait_for(),), timeout=seconds)
        return self.has_ended

    def cancel(self) -> None:
        """Cancel the code once, where it can be: a second time would interrupt its clean-up."""
        if self.is_cancelled:
            return
        self.is_cancelled = True
        if self._task is not None:
            self._task.cancel()

    def on_end(self, act: Callable[[], object]) -> None:
        """Call `act` soon after the code has really ended."""
        self._end_to_wait_for().add_done_callback(lambda _: act())

    def result(self) -> Result:
        """Return what the ended call returned; raises `AuthorError` for what it raised."""
        if self.error is not None:
            raise AuthorError(self.error) from self.error
        return self._result  # type: ignore[return-value] # no error: it is a Result

    def _follow(self, outcome: Awaitable[Result] | Result) -> None:
        # Nearly always a coroutine: the check for an Awaitable costs more.
        if not isinstance(outcome, (CoroutineType, Awaitable)):
            self._end(outcome)
            return
        # A task of its own: whatever the author does to the current task concerns only that code.
        settling = self._settle(outcome)
        task = asyncio.Task(settling, loop=self._loop, name=self.name, eager_start=True)
        if not task.done():
            self._task = task
            if self.is_cancelled:
                task.cancel()

    async def _settle(self, awaitable: Awaitable[Result]) -> None:
        try:
            result = await awaitable
        except SystemExit as error:
            end_child(error)
            self._end(error=error)
        except BaseException as error:  # noqa: BLE001 - kept for `result`, whatever it is
            self._end(error=error)
        else:
            self._end(result)

    def _on_thread_end(self, thread: asyncio.Future[Awaitable[Result] | Result]) -> None:
        try:
            self._follow(thread.result())
        except BaseException as error:  # noqa: BLE001 - the author's code, or an object of its own
            self._end(error=error)

    def _end(self, result: Result | None = None, *, error: BaseException | None = None) -> None:
        if self._loop.is_closed():
            # The coroutine is discarded together with its loop.
            return
        self.has_ended = True
        self._task = None
        self._result, self.error = result, error
        if self._waited_for is not None:
            self._waited_for.set_result(None)

    def _end_to_wait_for(self) -> asyncio.Future[None]:
        if self._waited_for is None:
            self._waited_for = self._loop.create_future()
            if self.has_ended:
                self._waited_for.set_result(None)
        return self._waited_for


def log_end[Result](call: AuthorCall[Result], **fields: object) -> None:
    """Log the whole error of the ended `call`, if there is one, with `fields`.

    A cancellation that was asked for is not logged.
    """
    error = call.error
    if error is None or (call.is_cancelled and isinstance(error, asyncio.CancelledError)):
        return
    when = " after its cancellation" if call.is_cancelled else ""
    if isinstance(error, WorkerError) and error.reason == "worker_ended":
        # No code is to blame, so a traceback would show the SDK's only.
        _LOG.error("%s failed%s: %s", call.name, when, error, extra=fields)
    else:
        _LOG.error("%s raised an exception%s", call.name, when, exc_info=error, extra=fields)
    # An exception object that the author raises repeatedly would collect the frames of each time.
    error.__traceback__ = None


@overload
def start_author_call[*Arguments, Result](
    find: Callable[[], Callable[[*Arguments], Awaitable[Result]]], *args: *Arguments, name: str
) -> AuthorCall[Result]: ...


@overload
def start_author_call[*Arguments, Result](
    find: Callable[[], Callable[[*Arguments], Awaitable[Result] | Result]],
    *args: *Arguments,
    name: str,
) -> AuthorCall[Result]: ...


def start_author_call[*Arguments, Result](
    find: Callable[[], Callable[[*Arguments], Awaitable[Result] | Result]],
    *args: *Arguments,
    name: str,
) -> AuthorCall[Result]:
    """Start the method that `find` returns, with `args`; raises nothing.

    Finding it runs the author's code, too: an attribute may be missing, or computed.
    """
    return AuthorCall(find, args, name=name)


def _is_coroutine_function(method: Callable[..., object]) -> bool:
    function = getattr(method, "__func__", method)
    while isinstance(function, functools.partial):
        function = getattr(function.func, "__func__", function.func)
    if isinstance(function, FunctionType):
        return _is_coroutine(function)
    # An instance that can be called, perhaps one that cannot be hashed.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        type(function).__call__
    )


@functools.lru_cache(maxsize=64)
def _is_coroutine(function: FunctionType) -> bool:
    # Remembered: looking costs as much as a short call.
    return inspect.iscoroutinefunction(function)
