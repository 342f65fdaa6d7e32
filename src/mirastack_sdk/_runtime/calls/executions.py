"""The executions that run at once, and the time within which each may call the engine."""

import asyncio
import threading
from collections import deque
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from mirastack_sdk._core.model.context import Context, Progress
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._runtime.calls.author_call import CANCEL_GRACE, AuthorCall, log_end
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import ActionError, EngineError

if TYPE_CHECKING:
    # Only agents with an engine load it.
    from mirastack_sdk._runtime.calls.progress import ProgressPublisher, ProgressReporter

_LOG = Log("agent")


# Threads of one execution may report its first progress at once.
_CREATING_REPORTER = threading.Lock()


class ExecutionScope:
    """The lifetime of one execution: engine calls made within it end with it.

    Its progress goes to `publisher`. `reporter` is set once there is some.
    """

    def __init__(self, publisher: "ProgressPublisher | None" = None) -> None:
        self.reporter: ProgressReporter | None = None
        self._publisher = publisher
        # The tasks that make a call, and how often each had been cancelled before it. Most
        # executions make none.
        self._open: dict[asyncio.Task[object], int] | None = None
        self._ended = False

    def note_progress(self, ctx: Context, progress: Progress) -> None:
        """Publish progress soon, from any thread; raises `EngineError` after the execution."""
        if self._ended:
            raise execution_ended("progress")
        if self._publisher is None:
            return
        with _CREATING_REPORTER:
            reporter = self.reporter
            if reporter is None:
                reporter = self.reporter = self._publisher.reporter(self.within)
        reporter.note(ctx, progress)

    def begin(self, method: str) -> "asyncio.Task[object]":
        """Let a call of the current task end with the execution; `finish` follows.

        `asyncio.timeout` would do the same in many more steps, and every callback comes here.
        Raises `EngineError` once the execution has ended.
        """
        if self._ended:
            raise execution_ended(method)
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError(f"{method}: the engine can only be called in a task")
        if self._open is None:
            self._open = {}
        self._open[task] = task.cancelling()
        return task

    def has_cancelled(self, task: "asyncio.Task[object]") -> bool:
        """Whether a call was cancelled by the end of the execution, and by nobody else."""
        running = self._open
        return self._ended and running is not None and task.uncancel() <= running[task]

    def finish(self, task: "asyncio.Task[object]") -> None:
        """Note that the call of a task has ended, whether it has succeeded or not."""
        if self._open is not None:
            del self._open[task]

    async def within[Response](
        self, method: str, call: Coroutine[None, None, Response]
    ) -> Response:
        """Return what `call` returns; raises `EngineError` once the execution has ended."""
        try:
            task = self.begin(method)
        except BaseException:
            call.close()
            raise
        try:
            return await call
        except asyncio.CancelledError as error:
            if self.has_cancelled(task):
                raise execution_ended(method) from error
            raise
        finally:
            self.finish(task)

    def end(self) -> None:
        """End the execution and every call made within it."""
        if self._ended:
            return
        self._ended = True
        if self.reporter is not None:
            self.reporter.end()
            self.reporter = None
        for task in self._open or ():
            task.cancel()


class _Execution:
    """A running execution, and the calls that it waits for."""

    __slots__ = ("action", "caller", "execution_id", "ignores_cancellation")

    def __init__(self, *, action: str, execution_id: str) -> None:
        self.action = action
        self.execution_id = execution_id
        self.ignores_cancellation = False
        # The call that waits for the author's code.
        self.caller: asyncio.Task[object] | None = asyncio.current_task()

    @property
    def is_ending(self) -> bool:
        """Whether it was cancelled, and may still clean up."""
        caller = self.caller
        return not self.ignores_cancellation and caller is not None and caller.cancelling() > 0


class ExecutionCounts(NamedTuple):
    """How many executions run, how many may, and what became of the others.

    `ignoring_cancellation` of those that run were cancelled and go on; `waiting` wait for one of
    them to end. `refused` counts from the start.
    """

    running: int
    limit: int
    waiting: int
    ignoring_cancellation: int
    refused: int


class Executions:
    """Counts each execution until its author's code has really ended, and admits at most `limit`.

    Code that goes on after its cancellation still uses memory, so it still counts. `cancel_grace`
    is how many seconds a cancelled coroutine may take to clean up. At the limit, new executions
    wait as long for those that are being cancelled: clients replace calls that expire at once.
    """

    def __init__(self, limit: int, *, cancel_grace: float = CANCEL_GRACE) -> None:
        self._limit = limit
        self._cancel_grace = cancel_grace
        self._running: set[_Execution] = set()
        # The executions that wait for another one to end, and how many may begin now.
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._reserved = 0
        self._refused = 0
        # A flood of refusals must not become a flood of lines.
        self._log = RateLimitedLog(_LOG)

    @property
    def counts(self) -> ExecutionCounts:
        """The numbers of this moment; they may be read in any thread."""
        running = tuple(self._running)
        return ExecutionCounts(
            running=len(running),
            limit=self._limit,
            waiting=len(self._waiting),
            ignoring_cancellation=sum(one.ignores_cancellation for one in running),
            refused=self._refused,
        )

    @property
    def have_capacity(self) -> bool:
        """Whether an execution may begin at once."""
        return len(self._running) + self._reserved < self._limit

    async def require_capacity(self) -> None:
        """Return when an execution may begin; raises `CallRefused` while `limit` are running.

        The caller begins it before it waits for anything else.
        """
        if self.have_capacity or await self._gets_room():
            return
        self._refused += 1
        self._log.write(
            "refusal",
            "executions are refused: %d are running, as many as MIRASTACK_PLUGIN_MAX_EXECUTIONS "
            "allows; %d of them ignore their cancellation",
            len(self._running),
            self.counts.ignoring_cancellation,
        )
        raise CallRefused(
            Status.RESOURCE_EXHAUSTED,
            f"this agent runs {self._limit} executions at once, no more: try again later",
        )

    async def _gets_room(self) -> bool:
        """Wait for an execution that is being cancelled, unless others wait for all of these."""
        if sum(one.is_ending for one in self._running) <= len(self._waiting):
            return False
        room: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(room)
        try:
            await asyncio.wait((room,), timeout=self._cancel_grace)
        except asyncio.CancelledError:
            self._is_given(room)
            self._hand_out_room()
            raise
        return self._is_given(room)

    def _is_given(self, room: asyncio.Future[None]) -> bool:
        """End the wait for `room`; return whether there is some."""
        if room.done():
            self._reserved -= 1
        else:
            self._waiting.remove(room)
        return room.done()

    def _hand_out_room(self) -> None:
        while self._waiting and self.have_capacity:
            self._reserved += 1
            self._waiting.popleft().set_result(None)

    async def finish[Result](
        self, call: AuthorCall[Result], *, action: str, execution_id: str
    ) -> Result:
        """Return what the author's code returns; raises `AuthorError` for what it raises.

        Cancelling it cancels the code, and waits no longer than the grace for code that ignores it.
        """
        if call.has_ended:
            if call.error is not None:
                _log_end(call, execution_id)
            return call.result()
        execution = _Execution(action=action, execution_id=execution_id)
        self._running.add(execution)
        call.on_end(lambda: self._on_end(execution, call))
        try:
            return await call.finish(self._cancel_grace)
        except asyncio.CancelledError:
            if not call.has_ended:
                self._report_ignored_cancellation(execution)
            raise

    def _on_end[Result](self, execution: _Execution, call: AuthorCall[Result]) -> None:
        self._running.discard(execution)
        if self._waiting:
            self._hand_out_room()
        if call.error is not None:
            _log_end(call, execution.execution_id)
        if execution.ignores_cancellation:
            _LOG.info(
                "the cancelled execution of %r has ended",
                execution.action,
                extra={"execution_id": execution.execution_id},
            )

    def _report_ignored_cancellation(self, execution: _Execution) -> None:
        execution.ignores_cancellation = True
        _LOG.warning(
            "an execution of %r ignores its cancellation; it counts as running until it ends "
            "(such executions: %d)",
            execution.action,
            self.counts.ignoring_cancellation,
            extra={"execution_id": execution.execution_id},
        )


def _log_end[Result](call: AuthorCall[Result], execution_id: str) -> None:
    # An ActionError is a message to the language model.
    if not isinstance(call.error, ActionError):
        log_end(call, execution_id=execution_id)


def execution_ended(method: str) -> EngineError:
    """Return the error of a call that is made, or still runs, after its execution."""
    return EngineError(
        f"{method}: the execution this engine client belongs to has ended",
        reason="execution_ended",
    )
