"""The executions that run at once: how many may, which do not end, and the calls within each."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass

from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._runtime.calls.author_call import PATIENCE_SECONDS, AuthorCall, log_end
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import EngineError


class ExecutionScope:
    """The time an execution runs: calls begun within it end with it."""

    def __init__(self) -> None:
        self._open: set[asyncio.Timeout] = set()
        self._ended = False

    async def within[Response](
        self, method: str, call: Coroutine[None, None, Response]
    ) -> Response:
        """Return what `call` returns; raises `EngineError` once the execution has ended."""
        if self._ended:
            call.close()
            raise _ended(method)
        scope = asyncio.timeout(None)
        self._open.add(scope)
        try:
            async with scope:
                return await call
        except TimeoutError as error:
            if scope.expired():
                raise _ended(method) from error
            raise
        finally:
            self._open.discard(scope)

    def end(self) -> None:
        """End the execution and every call that was made during it."""
        self._ended = True
        if not self._open:
            return
        now = asyncio.get_running_loop().time()
        for scope in self._open:
            scope.reschedule(now)


def _ended(method: str) -> EngineError:
    return EngineError(
        f"{method}: the execution this engine client belongs to has ended",
        reason="execution_ended",
    )


_LOG = Log("agent")


@dataclass(slots=True, kw_only=True, eq=False)
class _Execution:
    action: str
    execution_id: str
    clings: bool = False


class Executions:
    """Counts each execution until its author's code has really ended, and lets in `limit`.

    Code that has been cancelled and goes on uses memory as before, so it goes on to count.
    """

    def __init__(self, limit: int, *, patience: float = PATIENCE_SECONDS) -> None:
        self._limit = limit
        self._patience = patience
        self._running: set[_Execution] = set()
        # A flood of refusals must not become a flood of lines.
        self._log = RateLimitedLog(_LOG)

    def require_room(self) -> None:
        """Raise `CallRefused` while as many run as may."""
        if len(self._running) < self._limit:
            return
        self._log.write(
            "refusal",
            "executions are refused: %d run, the most that MIRASTACK_PLUGIN_MAX_EXECUTIONS allows; "
            "%d of them were cancelled and go on",
            len(self._running),
            self._clinging,
        )
        raise CallRefused(
            Status.RESOURCE_EXHAUSTED,
            f"this agent runs {self._limit} executions at once, no more: try again later",
        )

    async def finish[Result](
        self, call: AuthorCall[Result], *, action: str, execution_id: str
    ) -> Result:
        """Return what the author's code returns; raises `AuthorError` for what it raises.

        Cancelling it cancels the code, and does not wait long for code that clings.
        """
        if call.has_ended:
            log_end(call, execution_id=execution_id)
            return call.result()
        execution = _Execution(action=action, execution_id=execution_id)
        self._running.add(execution)
        call.on_end(lambda: self._on_end(execution, call))
        try:
            return await call.finish(self._patience)
        except asyncio.CancelledError:
            if not call.has_ended:
                self._report_clinging(execution)
            raise

    def _on_end[Result](self, execution: _Execution, call: AuthorCall[Result]) -> None:
        self._running.discard(execution)
        log_end(call, execution_id=execution.execution_id)
        if execution.clings:
            _LOG.info(
                "the cancelled execution of %r has ended",
                execution.action,
                extra={"execution_id": execution.execution_id},
            )

    @property
    def _clinging(self) -> int:
        return sum(execution.clings for execution in self._running)

    def _report_clinging(self, execution: _Execution) -> None:
        execution.clings = True
        _LOG.warning(
            "an execution of %r goes on although it was cancelled; it counts as running until it "
            "ends, and %d such executions do",
            execution.action,
            self._clinging,
            extra={"execution_id": execution.execution_id},
        )
