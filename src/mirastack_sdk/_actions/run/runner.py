"""Runs one action: parameters in, the author's function, a result that fits out."""

import asyncio
import contextlib
import functools
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace

from mirastack_sdk._actions.catalog import PlannedAction
from mirastack_sdk._actions.convert.arguments import convert_parameters
from mirastack_sdk._actions.result.json_encoding import Json, json_value
from mirastack_sdk._actions.result.truncation import truncated
from mirastack_sdk._actions.run.author_functions import (
    begun,
    call_in_thread,
    call_on_loop,
    is_asynchronous,
    reading,
    yields,
)
from mirastack_sdk._actions.run.injection import CallScope, range_errors
from mirastack_sdk._actions.run.resources import Resources
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse
from mirastack_sdk._log import Log
from mirastack_sdk.errors import ActionError, EngineError

__all__ = ["ActionRunner"]


_LOG = Log("agent")

_PATIENCE_SECONDS = 0.3
"""How long what is out of time may clean up before its answer is sent."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """One execution while it lasts: what a stream has given, and what is to be said in the end."""

    request: ExecuteRequest
    notes: list[str]
    published: list[str]
    yielded: list[Json] = field(default_factory=list)
    waits: bool = True
    publishes: bool = True


class ActionRunner:
    """Runs one action of an agent.

    `changes` says that it changes something, so that no parameter may be misunderstood.
    """

    def __init__(self, planned: PlannedAction, resources: Resources, *, changes: bool) -> None:
        self._name = planned.action.name
        self._signature = planned.signature
        self._options = planned.declared.options
        self._result_limit = planned.declared.result_limit
        self._resources = resources
        self._changes = changes
        self._call = _caller(planned.declared.function)
        # What was answered before it ended.
        self._late = set[asyncio.Task[Json | ExecuteResponse]]()
        # A semaphore belongs to one loop; unit tests have one each.
        self._turns = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]()

    async def run(
        self, request: ExecuteRequest, published: list[str] | None = None
    ) -> ExecuteResponse:
        """What the action answers; the partial results are added to `published`.

        Parameters that do not fit, a time that ran out and an `ActionError` are answers. Anything
        else that the author's code raises is raised.
        """
        arguments = convert_parameters(request.params, self._signature, exact_names=self._changes)
        errors = [
            *arguments.errors,
            *range_errors(request, self._signature.injected),
        ]
        if errors:
            refusal = f"{self._name} was not run, its parameters are to be corrected:"
            return ExecuteResponse(logs=[refusal, *errors, *arguments.notes])
        run = _Run(
            request=request,
            notes=list(arguments.notes),
            published=[] if published is None else published,
        )
        try:
            return await self._within_time(run, dict(arguments.values))
        except (ActionError, BaseExceptionGroup) as error:
            texts = _action_errors(error)
            if not texts:
                raise
            return ExecuteResponse(logs=[*texts, *run.notes])

    async def _within_time(self, run: _Run, arguments: dict[str, object]) -> ExecuteResponse:
        seconds = self._options.get("timeout")
        if seconds is None:
            return self._response(await self._in_turn(run, arguments), run)
        # A task of its own: the answer is due, even where the author's code does not end.
        task = asyncio.create_task(self._in_turn(run, arguments), name=f"mirastack-{self._name}")
        try:
            await asyncio.wait((task,), timeout=seconds)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait((task,))
            raise
        if not task.done():
            task.cancel()
            self._late.add(task)
            task.add_done_callback(self._end_late)
            await asyncio.wait((task,), timeout=_PATIENCE_SECONDS)
        if task.done() and not task.cancelled():
            return self._response(task.result(), run)
        return self._out_of_time(run, f"{seconds:g} s")

    def _end_late(self, task: asyncio.Task[Json | ExecuteResponse]) -> None:
        self._late.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("%s raised an exception after its time", self._name, exc_info=error)

    async def _in_turn(self, run: _Run, arguments: dict[str, object]) -> Json | ExecuteResponse:
        async with self._turn():
            run.waits = False
            failure: BaseException | None = None
            async with self._resources.used() as generation, AsyncExitStack() as stack:
                scope = CallScope(run.request, generation, stack)
                try:
                    arguments |= await scope.fill(self._signature.injected)
                    return await self._outcome(run, arguments)
                except BaseException as error:
                    failure = error
                    raise
            # A dependency that was told of the failure has kept it to itself.
            raise failure

    async def _outcome(self, run: _Run, arguments: dict[str, object]) -> Json | ExecuteResponse:
        outcome = await self._call(arguments)
        if isinstance(outcome, AsyncIterator):
            return await self._streamed(outcome, run)
        # While the dependencies are open: a result may be read from one of them.
        return outcome if isinstance(outcome, ExecuteResponse) else json_value(outcome)

    async def _streamed(self, items: AsyncIterator[object], run: _Run) -> Json:
        async with contextlib.AsyncExitStack() as stack:
            if close := getattr(items, "aclose", None):
                stack.push_async_callback(close)
            async for item in items:
                value = json_value(item)
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

    def _turn(self) -> AbstractAsyncContextManager[None]:
        most = self._options.get("max_concurrency")
        if most is None:
            return contextlib.nullcontext()
        return self._turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(most))

    def _response(self, outcome: Json | ExecuteResponse, run: _Run) -> ExecuteResponse:
        if isinstance(outcome, ExecuteResponse):
            if not run.notes:
                return outcome
            return replace(outcome, logs=[*outcome.logs, *run.notes])
        result = truncated(outcome, self._result_limit)
        return ExecuteResponse(output={"result": result.text}, logs=[*result.notes, *run.notes])

    def _out_of_time(self, run: _Run, after: str) -> ExecuteResponse:
        if run.yielded:
            run.notes.append(f"{self._name} was stopped after {after}, its result is incomplete")
            return self._response(run.yielded, run)
        if run.waits:
            advice = "other calls of it took all of that time: try again later"
        else:
            advice = "ask for less, such as a shorter time range"
        return ExecuteResponse(logs=[f"{self._name} was stopped after {after}: {advice}"])


def _caller(function: Callable[..., object]) -> Callable[[Mapping[str, object]], Awaitable[object]]:
    """How a function is called: on the loop, or in a thread that stays for what it yields."""
    if is_asynchronous(function):
        return functools.partial(call_on_loop, function)
    if yields(function):
        return functools.partial(begun, function)
    return functools.partial(call_in_thread, reading(function))


def _action_errors(error: BaseException) -> list[str]:
    """The texts of an `ActionError`, or of a group of nothing else."""
    if isinstance(error, ActionError):
        return [str(error)]
    if not isinstance(error, BaseExceptionGroup):
        return []
    texts = [_action_errors(inner) for inner in error.exceptions]
    return [text for found in texts for text in found] if all(texts) else []
