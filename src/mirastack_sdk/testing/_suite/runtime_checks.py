"""The checks of how an agent runs: its config, cancellation, its event loop and its end."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import suppress
from types import FrameType

from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.watchdog import is_library
from mirastack_sdk.testing._agent_client import AgentCallError
from mirastack_sdk.testing._suite.agent_trial import AgentTrial, Trial
from mirastack_sdk.testing._suite.sample_values import wrong_configs
from mirastack_sdk.testing._wire_messages import ExecutionResult

_POLL_SECONDS = 0.001
_EAGER_TURNS = 1000
# The runtime's name of the task that runs an action's coroutine.
_ACTION_TASK = "execute"


async def config_problems(
    trial: AgentTrial, config: Mapping[str, str], invalid: Collection[Mapping[str, str]]
) -> AsyncIterator[str]:
    """What is wrong with the way in which the agent takes a config."""
    acknowledged, error = await trial.push_config(config)
    if not acknowledged:
        yield f"the config {dict(config)} was refused: {error}"
        return
    params = trial.checked.info.config_params
    wrong = [{**config, key: value} for key, value in wrong_configs(params).items()]
    for refused in (*invalid, *wrong):
        acknowledged, _ = await trial.push_config(refused)
        if acknowledged:
            yield f"the config {dict(refused)} was acknowledged"
    acknowledged, error = await trial.push_config(config)
    if not acknowledged:
        yield f"after one that is not valid, the config {dict(config)} was refused: {error}"


async def cancellation_problems(
    trial: AgentTrial, trials: Collection[Trial], seconds: float
) -> tuple[list[str], int]:
    """The actions that go on after their cancellation, and how many were cancelled at all."""
    problems, cancelled = [], 0
    for one in trials:
        before = asyncio.all_tasks()
        call = asyncio.create_task(
            trial.agent.execute(one.action.name, one.params, time_range=trial.time_range)
        )
        running = await _running_action(call, before)
        call.cancel()
        with suppress(asyncio.CancelledError, AgentCallError):
            await call
        if running is None:
            continue
        cancelled += 1
        _, pending = await asyncio.wait((running,), timeout=seconds)
        if pending:
            problems.append(
                f"{one.action.name} still ran {seconds:g} s after its cancellation, at "
                f"{_place(running)}"
            )
            await _end(running)
    return problems, cancelled


async def _running_action(
    call: asyncio.Task[ExecutionResult], before: Collection[asyncio.Task[object]]
) -> asyncio.Task[object] | None:
    """The task of the action that `call` has started, as soon as it waits for something."""
    clock, turns = SystemClock(), 0
    while not call.done():
        for task in asyncio.all_tasks():
            if task not in before and task.get_name() == _ACTION_TASK:
                return task
        turns += 1
        # Without a pause at first: the action may wait for a moment only.
        await (asyncio.sleep(0) if turns < _EAGER_TURNS else clock.sleep(_POLL_SECONDS))
    return None


async def _end(task: asyncio.Task[object]) -> None:
    """End a task that ignores its cancellation: the loop of the test could not end otherwise."""
    coroutine = task.get_coro()
    if coroutine is not None:
        with suppress(RuntimeError):
            coroutine.close()
    task.cancel()
    await asyncio.wait((task,), timeout=1.0)
    if task.done() and not task.cancelled():
        # Retrieved here, so that asyncio does not report it.
        task.exception()


def _place(task: asyncio.Task[object]) -> str:
    """The innermost line of the author at which a task waits, or the innermost of all."""
    frames = list(_frames(task.get_coro()))
    own = [frame for frame in frames if not is_library(frame.f_code.co_filename)]
    if not frames:
        return "a place that is not known"
    frame = (own or frames)[-1]
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"


def _frames(waiting: object) -> Iterator[FrameType]:
    """The frames of a coroutine and of those that it waits for, outermost first."""
    while inspect.iscoroutine(waiting):
        if waiting.cr_frame is not None:
            yield waiting.cr_frame
        waiting = waiting.cr_await


async def left_behind(before: Collection[asyncio.Task[object]], seconds: float) -> list[str]:
    """The tasks that have started since `before`, and do not end within `seconds`."""
    started = asyncio.all_tasks() - set(before)
    if started:
        await asyncio.wait(started, timeout=seconds)
    problems = []
    for task in started:
        if not task.done():
            problems.append(f"the task {task.get_name()} still runs, at {_place(task)}")
            await _end(task)
    return problems
