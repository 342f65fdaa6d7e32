"""The checks of what an agent answers to calls."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping

from mirastack_sdk._core.contract.parameters import json_bytes
from mirastack_sdk._text import refuse_constant
from mirastack_sdk.testing._allowances import cache_key_error
from mirastack_sdk.testing._recorded_calls import CacheGetBatchCall, CacheGetCall, CacheSetCall
from mirastack_sdk.testing._suite.agent_trial import AgentTrial, Trial
from mirastack_sdk.testing._suite.outcomes import has_result, report_of, shown
from mirastack_sdk.testing._suite.sample_values import needed_params, wrong_value
from mirastack_sdk.testing._wire_messages import ExecutionResult

UNKNOWN_ACTION = "no_such_action"


async def unknown_action_problems(trial: AgentTrial) -> AsyncIterator[str]:
    """What is wrong with the response to an action that does not exist."""
    found = await trial.call(UNKNOWN_ACTION, {})
    report = report_of(found)
    if has_result(found) or not report:
        yield f"the action {UNKNOWN_ACTION!r} returned {shown(found)}"
    elif UNKNOWN_ACTION not in report:
        yield f"the report does not name the action {UNKNOWN_ACTION!r}: {report!r}"


async def missing_parameter_problems(trial: AgentTrial) -> AsyncIterator[str]:
    """What is wrong with the responses to calls that lack a parameter."""
    for one in trial.trials_with_invalid_params():
        for name in needed_params(one.action):
            params = {other: value for other, value in one.params.items() if other != name}
            found = await trial.call(one.action.name, params)
            problem = _problem_with(trial, one, name, found)
            if problem:
                yield f"{one.action.name} without {name} {problem}"


async def wrong_parameter_problems(trial: AgentTrial) -> AsyncIterator[str]:
    """What is wrong with the responses to calls with a parameter of a wrong type."""
    for one in trial.trials_with_invalid_params():
        for name, param in one.action.input_params.items():
            wrong = wrong_value(param)
            if wrong is None:
                continue
            found = await trial.call(one.action.name, {**one.params, name: wrong})
            problem = _problem_with(trial, one, name, found)
            if problem:
                yield f"{one.action.name} with {name}={wrong!r} {problem}"


def has_checkable_types(trial: AgentTrial) -> bool:
    """Whether some parameter has a type that not every text fits."""
    return any(
        wrong_value(param) is not None
        for one in trial.trials_with_invalid_params()
        for param in one.action.input_params.values()
    )


def _problem_with(trial: AgentTrial, one: Trial, name: str, found: ExecutionResult) -> str:
    """What is wrong with the response to a call whose parameter `name` is not valid.

    Actions that read their own parameters may have a default for those that are missing.
    """
    if has_result(found):
        return f"returned {shown(found)}" if trial.is_typed(one.action) else ""
    report = report_of(found)
    if not report:
        return "returned an empty response"
    return "" if name in report else f"does not name it: {report!r}"


async def responses(trial: AgentTrial, *, has_range: bool) -> Mapping[str, ExecutionResult]:
    """The response of each action, with a time range or without one."""
    return {
        one.what: await trial.call(one.action.name, one.params, has_range=has_range)
        for one in trial.trials()
    }


def time_range_problems(
    with_range: Mapping[str, ExecutionResult], without: Mapping[str, ExecutionResult]
) -> Iterator[str]:
    """Actions that work only with a time range, or only without one."""
    for what, found in with_range.items():
        other = without.get(what, found)
        if has_result(found) and not has_result(other):
            yield f"without a time range, {what} returned {shown(other)}"
        if has_result(other) and not has_result(found):
            yield f"with a time range, {what} returned {shown(found)}"


async def result_problems(trial: AgentTrial, largest: int) -> AsyncIterator[str]:
    """Calls that fail, or whose result is not JSON of at most `largest` bytes."""
    for one in trial.trials():
        found = await trial.call(one.action.name, one.params)
        if not has_result(found):
            without_range = await trial.call(one.action.name, one.params, has_range=False)
            # The check of time ranges reports it.
            found = without_range if has_result(without_range) else found
        if has_result(found):
            for problem in _result_problems(found, largest):
                yield f"{one.what}: {problem}"
        elif not (one.is_made_up and found.success and report_of(found)):
            # What is made up may be reported; the author has to give samples for a result.
            yield f"{one.what} returned {shown(found)}"


def _result_problems(found: ExecutionResult, largest: int) -> list[str]:
    problems = []
    size = len(json_bytes(found.value))
    if size > largest:
        problems.append(f"the result has {size} bytes, more than {largest}")
    if "result" in found.output and not _is_json(found.output["result"]):
        problems.append(f"output['result'] is not JSON: {found.output['result'][:100]!r}")
    return problems


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=refuse_constant)
    except ValueError:
        return False
    return True


async def cache_key_problems(trial: AgentTrial) -> AsyncIterator[str]:
    """Cache keys that belong to nobody, or to another agent."""
    for one in trial.trials():
        await trial.call(one.action.name, one.params)
    for call in trial.agent.engine.calls:
        match call:
            case CacheSetCall(key=key):
                error = cache_key_error(trial.agent.name, [key], is_write=True)
            case CacheGetCall(key=key):
                error = cache_key_error(trial.agent.name, [key], is_write=False)
            case CacheGetBatchCall(keys=keys):
                error = cache_key_error(trial.agent.name, keys, is_write=False)
            case _:
                error = None
        if error is not None:
            yield error


async def everything(trial: AgentTrial) -> None:
    """Make every call of the other checks, for what the agent answers."""
    for one in trial.trials():
        await trial.call(one.action.name, one.params)
        await trial.call(one.action.name, one.params, has_range=False)
    for problems in (unknown_action_problems, missing_parameter_problems, wrong_parameter_problems):
        async for _ in problems(trial):
            pass
    await trial.health()
