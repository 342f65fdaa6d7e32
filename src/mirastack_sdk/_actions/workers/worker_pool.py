"""The pool of an agent's worker processes, and one call in one of them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from mirastack_sdk._actions.result.truncation import Truncated
from mirastack_sdk._actions.workers.worker_messages import (
    CallOrder,
    ForwardedLines,
    ForwardedProgress,
    FunctionName,
    GoOn,
    Outcome,
    Partial,
)
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse, Logs
from mirastack_sdk._log import running_call
from mirastack_sdk._threads import SerialThread, run_in_thread
from mirastack_sdk.errors import EngineError

if TYPE_CHECKING:
    from mirastack_sdk._actions.workers.worker_process import WorkerProcess


class Workers:
    """The worker processes of one agent, started when they are needed and kept.

    At most as many run as there are CPUs, or as `running` is told. Calls beyond that wait, in
    order. While the agent is not running, each call has a process of its own.
    """

    def __init__(self) -> None:
        self._free: asyncio.Semaphore | None = None
        self._kept: list[WorkerProcess] = []
        self._ending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self, most: int | None = None) -> AsyncIterator[None]:
        """Keep the processes while this is entered; they end with it."""
        self._free = asyncio.Semaphore(most or _cpu_count())
        try:
            yield
        finally:
            self._free = None
            for worker in self._kept:
                self._end_soon(worker)
            self._kept.clear()
            if self._ending:
                await asyncio.wait(self._ending)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator["WorkerProcess"]:
        """A process for one call, which is killed if it is still busy at the end."""
        async with self._free or nullcontext():
            worker = self._taken()
            try:
                yield worker
            finally:
                await self._return(worker)

    async def _return(self, worker: "WorkerProcess") -> None:
        if self._free is None:
            # Nobody else waits for its end.
            await asyncio.wait((self._end_soon(worker),))
        elif worker.is_usable:
            self._kept.append(worker)
        else:
            self._end_soon(worker)

    def _taken(self) -> "WorkerProcess":
        # The one that was used last, so that what a burst has started stays idle.
        while self._kept:
            worker = self._kept.pop()
            if worker.is_usable:
                return worker
            self._end_soon(worker)
        from mirastack_sdk._actions.workers.worker_process import WorkerProcess  # noqa: PLC0415 - multiprocessing, which few agents need

        return WorkerProcess()

    def _end_soon(self, worker: "WorkerProcess") -> asyncio.Task[None]:
        if not worker.is_usable:
            worker.kill()
        ending = asyncio.create_task(run_in_thread(worker.end, name="mirastack-worker-end"))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return ending


class WorkerCall:
    """One call of an action in a worker process."""

    def __init__(
        self, worker: "WorkerProcess", request: ExecuteRequest | None, logs: Logs | None, name: str
    ) -> None:
        self._worker = worker
        self._request = request
        self._logs = logs
        self._name = name
        self._thread = SerialThread(name=f"mirastack-{name}")

    async def begin(
        self, function: FunctionName, arguments: Mapping[str, object], result_limit: int | None
    ) -> Partial | Outcome:
        """Start the call; return its first partial result, or how it has ended.

        Cancelling this kills the process. Raises `WorkerError` if the process ends by itself, or if
        an argument cannot be passed.
        """
        logged_as = running_call()

        def run() -> Partial | Outcome:
            from mirastack_sdk._actions.workers.call_pickling import pickled_arguments  # noqa: PLC0415 - few agents need it

            order = CallOrder(
                action=self._name,
                function=function,
                arguments=pickled_arguments(self._name, arguments),
                result_limit=result_limit,
                logged_as=logged_as,
            )
            return self._worker.exchange(order, self._on_note)

        return await self._in_thread(run)

    async def go_on(self) -> Partial | Outcome:
        """Let the generator go on; otherwise as `begin`."""
        return await self._in_thread(lambda: self._worker.exchange(GoOn(), self._on_note))

    def end(self) -> None:
        """End the thread, which has nothing more to do."""
        self._thread.end()

    async def _in_thread(self, exchange: Callable[[], Partial | Outcome]) -> Partial | Outcome:
        answer = self._thread.submit(exchange)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            self._worker.kill()
            answer.add_done_callback(_ignore_error)
            # The process is gone at once, and with it what the call had opened.
            await asyncio.wait((answer,))
            raise

    def _on_note(self, note: ForwardedProgress | ForwardedLines) -> None:
        match note:
            case ForwardedLines(start=start, lines=lines):
                if self._logs is not None:
                    self._logs[start:] = lines
            case ForwardedProgress(fraction=fraction, message=message):
                # The execution may have ended meanwhile.
                if self._request is not None:
                    with suppress(EngineError):
                        self._request.ctx.progress(fraction, message)


def result_of(outcome: Outcome) -> Truncated | ExecuteResponse:
    """What a call has returned; raises what it has raised."""
    if outcome.error is not None:
        from mirastack_sdk._actions.workers.sent_errors import received_error  # noqa: PLC0415 - few calls need it

        raise received_error(outcome.error)
    if outcome.result is None:
        raise RuntimeError("a worker process has sent neither a result nor an error")
    if isinstance(outcome.result, ExecuteResponse):
        return outcome.result
    return Truncated(text=outcome.result.text, notes=outcome.result.notes)


def function_name(function: Callable[..., object]) -> FunctionName:
    """Where a worker process finds a function."""
    module: str = getattr(function, "__module__", "")
    qualname: str = getattr(function, "__qualname__", "")
    file: str | None = getattr(sys.modules.get(module), "__file__", None)
    return FunctionName(module=module, qualname=qualname, file=file or "")


def _cpu_count() -> int:
    """How many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _ignore_error(answer: asyncio.Future[Partial | Outcome]) -> None:
    """Take note of an error that nobody waits for."""
    if not answer.cancelled():
        answer.exception()
