"""The script of a fake engine: its cache, config, KPIs and scripted responses."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from mirastack_sdk._core.contract.parameters import json_bytes
from mirastack_sdk._core.model.engine_api import KPI, Approval, PluginResult
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing._recorded_calls import CallPluginCall, RequestApprovalCall
from mirastack_sdk.testing._stores import FakeCache

type ApprovalAnswer = (
    Approval | EngineError | Callable[[RequestApprovalCall], Approval | Awaitable[Approval]]
)
type PluginOutcome = Mapping[str, str] | PluginResult
type PluginAnswer = (
    PluginOutcome | Exception | Callable[[CallPluginCall], PluginOutcome | Awaitable[PluginOutcome]]
)


class UnscriptedCallError(AssertionError):
    """A call whose response the test must script, and has not."""


class _LateError(Exception):
    pass


class ScriptedAnswers:
    """The responses that a test has scripted, filled by `EngineScript` and used by an engine."""

    def __init__(self) -> None:
        self._next_approvals: deque[ApprovalAnswer] = deque()
        self._approval: ApprovalAnswer | None = None
        self._plugins: dict[tuple[str, str], PluginAnswer] = {}

    def set_approval(self, answer: ApprovalAnswer) -> None:
        """Use `answer` for every request for approval that has no answer of its own."""
        self._approval = answer

    def add_approval(self, answer: ApprovalAnswer) -> None:
        """Use `answer` for one request for approval, after those added before."""
        self._next_approvals.append(answer)

    def set_plugin(self, plugin: str, action: str, answer: PluginAnswer) -> None:
        """Use `answer` for every call of that agent's action."""
        self._plugins[plugin, action] = answer

    def has_plugin(self, plugin: str, action: str) -> bool:
        """Whether there is an answer for that agent's action."""
        return (plugin, action) in self._plugins

    async def approve(self, call: RequestApprovalCall) -> Approval:
        """Return the scripted decision on a request for approval.

        Raises the scripted `EngineError`, or `UnscriptedCallError` if nothing is scripted.
        """
        answer = self._next_approvals.popleft() if self._next_approvals else self._approval
        if answer is None:
            raise UnscriptedCallError(
                f"request_approval({call.description!r}) has no scripted answer: "
                "script one with answer_approvals(Approval(approved=True))"
            )
        if isinstance(answer, EngineError):
            raise answer.with_traceback(None)
        if isinstance(answer, Approval):
            return answer
        try:
            given = await _within(call.timeout, lambda: answer(call))
        except _LateError:
            return Approval(approved=False, timed_out=True)
        if not isinstance(given, Approval):
            raise TypeError(
                f"the scripted answer to request_approval({call.description!r}) "
                f"must be an Approval, not {given!r}"
            )
        return given

    async def run_plugin(self, call: CallPluginCall) -> wire.CallPluginResponse:
        """Return the scripted response to a call of another agent.

        Raises the scripted `EngineError`, one with `reason="deadline_exceeded"` if the scripted
        function does not return in time, or `UnscriptedCallError` if nothing is scripted.
        """
        try:
            result = await self._plugin_result(call)
        except (EngineError, AssertionError):
            raise
        except Exception as error:  # noqa: BLE001 - scripted by the test, as any agent's failure
            return wire.CallPluginResponse(success=False, error=str(error) or type(error).__name__)
        return wire.CallPluginResponse(
            success=True,
            result_json=json_bytes(result.value),
            duration_ms=result.duration_ms,
        )

    async def _plugin_result(self, call: CallPluginCall) -> PluginResult:
        answer = self._plugins.get((call.plugin, call.action))
        if answer is None:
            raise UnscriptedCallError(
                f"call_plugin({call.plugin!r}, {call.action!r}) has no scripted answer: script one "
                f'with answer_plugin({call.plugin!r}, {call.action!r}, {{"result": "..."}})'
            )
        if isinstance(answer, Exception):
            raise answer.with_traceback(None)
        if isinstance(answer, Mapping | PluginResult):
            return _plugin_result(answer)
        try:
            outcome = await _within(call.timeout, lambda: answer(call))
        except _LateError as error:
            raise EngineError(
                f"{call.plugin} did not answer {call.action} within {call.timeout} s",
                reason="deadline_exceeded",
                retryable=True,
                status="DEADLINE_EXCEEDED",
            ) from error
        return _plugin_result(outcome)


def _plugin_result(outcome: object) -> PluginResult:
    match outcome:
        case PluginResult():
            return outcome
        case Mapping():
            return PluginResult(output=dict(outcome))
        case _:
            raise TypeError(f"an agent's answer must be a mapping or PluginResult, not {outcome!r}")


async def _within(seconds: float, answer: Callable[[], object]) -> object:
    """Call a test's function and await its result if needed; `_LateError` after `seconds`."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            given = answer()
            return await given if isinstance(given, Awaitable) else given
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise _LateError from error


class EngineScript:
    """The state and the scripted responses of a fake engine.

    `cache`, `config` and `kpis` may be changed at any time. Cache entries expire by `clock`.
    """

    def __init__(
        self,
        answers: ScriptedAnswers,
        *,
        clock: Clock,
        cache: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        kpis: Sequence[KPI] = (),
    ) -> None:
        self.cache: FakeCache = FakeCache(clock, cache)
        self.config: dict[str, str] = dict(config or {})
        self.kpis: list[KPI] = list(kpis)
        self._answers = answers

    def answer_approvals(self, answer: ApprovalAnswer) -> None:
        """Answer every request for approval with `answer` from now on.

        `answer` is an `Approval`, an `EngineError` to raise, or a function that takes the recorded
        call and returns an `Approval`. The function may be a coroutine function; if it does not
        return within the call's timeout, the approval times out.
        """
        self._answers.set_approval(answer)

    def answer_next_approval(self, answer: ApprovalAnswer) -> None:
        """Answer one request for approval with `answer`, after those scripted before."""
        self._answers.add_approval(answer)

    def answer_plugin(self, plugin: str, action: str, answer: PluginAnswer) -> None:
        """Answer every `call_plugin` of `plugin` and `action` with `answer` from now on.

        `answer` is the other agent's output, a `PluginResult`, or an exception with which the other
        agent fails; an `EngineError` is raised unchanged. It may also be a function, or a coroutine
        function, that takes the recorded call and returns or raises one of these.
        """
        self._answers.set_plugin(plugin, action, answer)
