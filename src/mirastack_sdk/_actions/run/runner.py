"""The runner of one action: parameters in, the author's function, a result of limited size out."""

import asyncio
import contextlib
import json
import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace

from mirastack_sdk._actions.catalog import PlannedAction
from mirastack_sdk._actions.convert.arguments import convert_parameters
from mirastack_sdk._actions.result.json_encoding import MOST_DEPTH, Json, json_value
from mirastack_sdk._actions.result.plain_json import plain_json
from mirastack_sdk._actions.result.table_values import is_data
from mirastack_sdk._actions.result.truncation import Truncated, truncated
from mirastack_sdk._actions.run.author_functions import (
    drain_iterator,
    start_generator,
)
from mirastack_sdk._actions.run.injection import (
    CallScope,
    Generation,
    Resources,
    range_errors,
)
from mirastack_sdk._actions.run.raised_errors import action_errors, is_cancellation
from mirastack_sdk._actions.signature.dependencies import Dependency
from mirastack_sdk._actions.signature.function_kinds import is_asynchronous, yields
from mirastack_sdk._actions.workers.worker_messages import Partial
from mirastack_sdk._actions.workers.worker_pool import (
    WorkerCall,
    Workers,
    function_name,
    result_of,
)
from mirastack_sdk._core.model.execution import (
    WRONG_PARAMETERS,
    CleanLine,
    ExecuteRequest,
    ExecuteResponse,
    Logs,
)
from mirastack_sdk._log import Log
from mirastack_sdk.errors import ActionError, EngineError

_LOG = Log("agent")

_CANCEL_GRACE = 0.3
"""How many seconds a timed-out call may clean up before its response is sent."""
_UNLIMITED = contextlib.nullcontext()

type _Outcome = Json | Truncated | ExecuteResponse


class _Run:
    """The state of one execution: what a stream has yielded, and the lines for the response.

    `logs` are the author's, `notes` the SDK's.
    """

    __slots__ = ("logs", "notes", "published", "publishes", "request", "waits", "yielded")

    def __init__(self, *, request: ExecuteRequest, notes: list[str], published: list[str]) -> None:
        self.request = request
        self.notes = notes
        self.logs = Logs()
        self.published = published
        self.yielded: list[Json] = []
        self.waits = True
        self.publishes = True


class ActionRunner:
    """Runs one action of an agent.

    `changes` says that the action changes something, so that no parameter name is guessed.
    """

    def __init__(
        self, planned: PlannedAction, resources: Resources, workers: Workers, *, changes: bool
    ) -> None:
        self._name = planned.action.name
        self._signature = planned.signature
        self._options = planned.declared.options
        self._result_limit = planned.declared.result_limit
        self._resources = resources
        self._workers = workers
        self._changes = changes
        self._limit = self._options.get("max_concurrency")
        self._is_in_process = self._options.get("run_in") == "process"
        self._author_function = planned.declared.function
        self._function = _startable(planned.declared.function)
        # Whether no call of it opens anything that has to be closed.
        self._opens_nothing = is_asynchronous(planned.declared.function) and not any(
            isinstance(source, Dependency) for source in planned.signature.injected.values()
        )
        # Calls that were still running when their response was sent.
        self._late = set[asyncio.Task[_Outcome]]()
        # A semaphore belongs to one loop; unit tests have one each.
        self._semaphores = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]()

    async def run(
        self, request: ExecuteRequest, published: list[str] | None = None
    ) -> ExecuteResponse:
        """Return the action's response; partial results are added to `published`.

        Parameters that do not fit, a timeout and an `ActionError` are responses. Anything else that
        the author's code raises is raised.
        """
        signature = self._signature
        arguments = convert_parameters(request.params, signature, exact_names=self._changes)
        errors = list(arguments.errors)
        if signature.injected:
            errors += range_errors(request, signature.injected)
        if errors:
            refusal = f"{self._name} {WRONG_PARAMETERS}"
            return ExecuteResponse(logs=_own([refusal, *errors, *arguments.notes]))
        run = _Run(
            request=request,
            notes=list(arguments.notes),
            published=[] if published is None else published,
        )
        seconds = self._options.get("timeout")
        try:
            if seconds is None:
                return self._response(await self._call(run, dict(arguments.values)), run)
            return await self._call_within(seconds, run, dict(arguments.values))
        except (ActionError, BaseExceptionGroup) as error:
            texts = action_errors(error)
            if not texts:
                raise
            return ExecuteResponse(logs=[*texts, *run.logs, *_own(run.notes)])

    async def _call_within(
        self, seconds: float, run: _Run, arguments: dict[str, object]
    ) -> ExecuteResponse:
        # A task of its own: the response is due even if the author's code does not end.
        task = asyncio.create_task(self._call(run, arguments), name=f"mirastack-{self._name}")
        try:
            await asyncio.wait((task,), timeout=seconds)
        except asyncio.CancelledError:
            task.cancel()
            try:
                await asyncio.wait((task,))
            finally:
                self._leave(task)
            if not task.cancelled():
                task.result()  # its error matters more than the cancellation
            raise
        if not task.done():
            task.cancel()
            self._leave(task)
            await asyncio.wait((task,), timeout=_CANCEL_GRACE)
            if not task.done() or task.cancelled():
                return self._timed_out(run, f"{seconds:g} s")
        # Raises CancelledError if the author's code raised it, which is no timeout.
        return self._response(task.result(), run)

    def _leave(self, task: asyncio.Task[_Outcome]) -> None:
        """Log an error of a task that still runs, since nobody waits for it any more."""
        if not task.done():
            self._late.add(task)
            task.add_done_callback(self._end_late)

    def _end_late(self, task: asyncio.Task[_Outcome]) -> None:
        self._late.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("%s raised an exception after it was stopped", self._name, exc_info=error)

    async def _call(self, run: _Run, arguments: dict[str, object]) -> _Outcome:
        shared = self._resources.shared
        if self._opens_nothing and self._limit is None and shared is not None:
            # Most calls, which need none of the contexts below.
            run.waits = False
            with shared.used():
                scope = CallScope(run.request, shared, AsyncExitStack(), run.logs)
                arguments |= await scope.fill(self._signature.injected)
                return await self._result(run, arguments, scope)
        limit = _UNLIMITED if self._limit is None else self._semaphore(self._limit)
        async with limit, self._resources.used() as generation:
            run.waits = False
            return await self._with_dependencies(run, arguments, generation)

    async def _with_dependencies(
        self, run: _Run, arguments: dict[str, object], generation: Generation
    ) -> _Outcome:
        failure: BaseException | None = None
        results: list[_Outcome] = []
        try:
            async with AsyncExitStack() as stack:
                scope = CallScope(run.request, generation, stack, run.logs)
                try:
                    arguments |= await scope.fill(self._signature.injected)
                    results.append(await self._result(run, arguments, scope))
                except BaseException as error:
                    failure = error
                    raise
        except (Exception, asyncio.CancelledError) as error:
            if not results or is_cancellation(error):
                raise
            # The action has done its work, which an error while closing does not undo.
            _LOG.exception("%s: a dependency could not be closed", self._name)
        if failure is not None:
            # A dependency has suppressed the failure that it was given.
            raise failure
        return results[0]

    async def _result(self, run: _Run, arguments: dict[str, object], scope: CallScope) -> _Outcome:
        if self._is_in_process:
            return await self._in_worker(run, arguments, scope)
        outcome = self._function(arguments, scope)
        result = await outcome if isinstance(outcome, Awaitable) else outcome
        # While the dependencies are open: a result may be read from one of them.
        if isinstance(result, AsyncIterator) and is_data(result):
            return await self._streamed(result, run)
        if isinstance(result, ExecuteResponse):
            return result
        form, limit = self._signature.result_form, self._result_limit
        if form is None:
            text = plain_json(result, MOST_DEPTH)
            if text is not None and (limit is None or len(text) <= limit):
                return ExecuteResponse(output={"result": text})
        return json_value(result, form)

    async def _in_worker(
        self, run: _Run, arguments: Mapping[str, object], scope: CallScope
    ) -> _Outcome:
        run.waits = True
        async with self._workers.worker() as worker:
            run.waits = False
            call = WorkerCall(worker, scope.request, run.logs, self._name)
            scope.stack.callback(call.end)
            step = await call.begin(
                function_name(self._author_function), arguments, self._result_limit
            )
            while isinstance(step, Partial):
                run.yielded.append(json.loads(step.text))
                await self._publish(step.text, run)
                step = await call.go_on()
        return result_of(step)

    async def _streamed(self, items: AsyncIterator[object], run: _Run) -> Json:
        async with contextlib.AsyncExitStack() as stack:
            if close := getattr(items, "aclose", None):
                stack.push_async_callback(close)
            async for item in items:
                value = json_value(item, self._signature.item_form)
                run.yielded.append(value)
                await self._publish(truncated(value, self._result_limit).text, run)
        return run.yielded

    async def _publish(self, text: str, run: _Run) -> None:
        run.published.append(text)
        if not run.publishes:
            return
        try:
            await run.request.engine_client.publish_result(run.request.ctx, text)
        except EngineError as error:
            # The whole result is still to come, so the action goes on.
            run.publishes = False
            run.notes.append(f"partial results could not be shown: {error.reason}")

    def _semaphore(self, limit: int) -> AbstractAsyncContextManager[None]:
        loop = asyncio.get_running_loop()
        return self._semaphores.setdefault(loop, asyncio.Semaphore(limit))

    def _response(self, outcome: _Outcome, run: _Run) -> ExecuteResponse:
        if isinstance(outcome, ExecuteResponse):
            if not run.logs and not run.notes:
                return outcome
            return replace(outcome, logs=[*outcome.logs, *run.logs, *_own(run.notes)])
        # What a worker process has written is short enough already.
        if isinstance(outcome, Truncated):
            result = outcome
        else:
            result = truncated(outcome, self._result_limit)
        return ExecuteResponse(
            output={"result": result.text}, logs=[*run.logs, *_own([*result.notes, *run.notes])]
        )

    def _timed_out(self, run: _Run, after: str) -> ExecuteResponse:
        if run.yielded:
            run.notes.append(f"{self._name} was stopped after {after}, its result is incomplete")
            return self._response(run.yielded, run)
        if run.waits:
            advice = "other calls of it took all of that time: try again later"
        else:
            advice = "ask for less, such as a shorter time range"
        stopped = f"{self._name} was stopped after {after}: {advice}"
        return ExecuteResponse(logs=[*_own([stopped]), *run.logs, *_own(run.notes)])


class Runners:
    """The runners of an agent's actions, each made by `create` at its first call.

    `create` returns `None` for an action that is not one of the agent's, and raises
    `InvalidPluginError` where its function cannot be an action.
    """

    def __init__(self, create: Callable[[str], ActionRunner | None]) -> None:
        self._create = create
        self._runners: dict[str, ActionRunner] = {}
        self._lock = threading.Lock()

    def find(self, name: str) -> ActionRunner | None:
        """The runner of an action, or `None`; raises `InvalidPluginError` as `create` does."""
        runner = self._runners.get(name)
        if runner is None:
            # Plain methods call from several threads, and one runner counts an action's calls.
            with self._lock:
                runner = self._runners.get(name) or self._create(name)
                if runner is not None:
                    self._runners[name] = runner
        return runner

    def reset(self) -> None:
        """Make every runner anew."""
        self._runners.clear()


def _startable(
    function: Callable[..., object],
) -> Callable[[Mapping[str, object], CallScope], object]:
    """What starts a function with its arguments: on the loop, or in the call's thread."""
    if is_asynchronous(function):
        return lambda arguments, _: function(**arguments)
    if yields(function):
        return lambda arguments, scope: start_generator(function, arguments, scope.thread)
    plain = drain_iterator(function)
    return lambda arguments, scope: scope.thread.call(plain, arguments)


def _own(lines: Iterable[str]) -> list[str]:
    """Lines that the SDK wrote, which need no cleaning."""
    return [CleanLine(line) for line in lines]
