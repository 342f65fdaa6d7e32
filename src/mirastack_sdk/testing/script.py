"""What a fake engine knows and how it answers, as a test has set it up."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from mirastack_sdk._core.engine_types import KPI, Approval, PluginResult
from mirastack_sdk._core.parameters import json_bytes
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing.cache import FakeCache
from mirastack_sdk.testing.records import CallPluginCall, RequestApprovalCall

__all__ = ["ApprovalAnswer", "EngineScript", "PluginAnswer", "UnscriptedCallError"]

type ApprovalAnswer = (
    Approval | EngineError | Callable[[RequestApprovalCall], Approval | Awaitable[Approval]]
)
type PluginOutcome = Mapping[str, str] | PluginResult
type PluginAnswer = (
    PluginOutcome | Exception | Callable[[CallPluginCall], PluginOutcome | Awaitable[PluginOutcome]]
)


class UnscriptedCallError(AssertionError):
    """A call that only the test can answer, and for which it has scripted nothing."""


class EngineScript:
    """The cache, configuration, indicators and answers of a fake engine.

    `config` and `kpis` may be changed and replaced at any time. `clock` moves the
    cache's times to live.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        cache: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        kpis: Sequence[KPI] = (),
    ) -> None:
        self.cache = FakeCache(clock, cache)
        self.config = dict(config or {})
        self.kpis = list(kpis)
        self._next_approvals: deque[ApprovalAnswer] = deque()
        self._approval: ApprovalAnswer | None = None
        self._plugins: dict[tuple[str, str], PluginAnswer] = {}

    def kpis_of(self, kind: str, layer: str) -> list[KPI]:
        """The indicators of one kind and layer; an empty text stands for all."""
        return [kpi for kpi in self.kpis if kind in {"", kpi.kind} and layer in {"", kpi.layer}]

    def kpi_of(self, kpi_id: str) -> KPI | None:
        """The indicator with that identifier, if there is one."""
        return next((kpi for kpi in self.kpis if kpi.id == kpi_id), None)

    def answer_approvals(self, answer: ApprovalAnswer) -> None:
        """Answer every request for approval with `answer`, from now on.

        It is an `Approval`, an `EngineError` to raise, or a function of the request, which may be a
        coroutine function; one that does not return in time is a reviewer who never answers.
        """
        self._approval = answer

    def answer_next_approval(self, answer: ApprovalAnswer) -> None:
        """Answer one coming request for approval with `answer`, after those ordered before."""
        self._next_approvals.append(answer)

    def answer_plugin(self, plugin: str, action: str, answer: PluginAnswer) -> None:
        """Answer every `call_plugin` of `plugin` and `action` with `answer`, from now on.

        It is the other agent's output, a `PluginResult`, an exception that the other agent ends in
        (an `EngineError` is raised as it is), or a function of the call, which may be a coroutine
        function, returning or raising one of these.
        """
        self._plugins[plugin, action] = answer

    async def approval_of(self, call: RequestApprovalCall) -> Approval:
        """The scripted answer to a request for approval.

        Raises `UnscriptedCallError` when there is none.
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
        limit = asyncio.timeout(call.timeout)
        try:
            async with limit:
                given = answer(call)
                return given if isinstance(given, Approval) else await given
        except TimeoutError:
            if not limit.expired():
                raise
            return Approval(approved=False, timed_out=True)

    def has_answer(self, plugin: str, action: str) -> bool:
        """Whether an answer of that agent's action is scripted."""
        return (plugin, action) in self._plugins

    async def plugin_reply_to(self, call: CallPluginCall) -> wire.CallPluginResponse:
        """The scripted reply to a call of another agent.

        Raises the `EngineError` that is scripted, one with `reason="deadline_exceeded"` when the
        answer is late, and `UnscriptedCallError` when there is none.
        """
        try:
            result = await self._plugin_result_of(call)
        except (EngineError, AssertionError):
            raise
        except Exception as error:  # noqa: BLE001 - scripted by the test, as any agent's failure
            return wire.CallPluginResponse(success=False, error=str(error) or type(error).__name__)
        return wire.CallPluginResponse(
            success=True,
            result_json=json_bytes(result.output),
            duration_ms=result.duration_ms,
        )

    async def _plugin_result_of(self, call: CallPluginCall) -> PluginResult:
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
        limit = asyncio.timeout(call.timeout)
        try:
            async with limit:
                given = answer(call)
                outcome = await given if isinstance(given, Awaitable) else given
                return _plugin_result(outcome)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise EngineError(
                f"{call.plugin} did not answer {call.action} within {call.timeout} s",
                reason="deadline_exceeded",
                retryable=True,
                status="DEADLINE_EXCEEDED",
            ) from error


def _plugin_result(outcome: PluginOutcome) -> PluginResult:
    return outcome if isinstance(outcome, PluginResult) else PluginResult(output=dict(outcome))
