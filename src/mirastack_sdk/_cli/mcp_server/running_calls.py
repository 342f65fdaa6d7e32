"""The calls of tools that run, and what the agent asks of the engine for them."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from mcp import types

from mirastack_sdk._cli.mcp_server.approvals import (
    REFUSES_ALL,
    question_of_action,
    question_of_tool,
    refusal_text,
    refused,
)
from mirastack_sdk._cli.mcp_server.tool_arguments import ToolArgumentError, execution_of
from mirastack_sdk._cli.mcp_server.tool_call import Listener, ToolCall
from mirastack_sdk._cli.mcp_server.tool_results import error_result, tool_result, unanswered_result
from mirastack_sdk._cli.shared_options import ApprovalPolicy
from mirastack_sdk._core.contract.progress_messages import progress_of
from mirastack_sdk._core.model.engine_api import Approval
from mirastack_sdk._core.model.execution import ExecutionMode
from mirastack_sdk._text import compact_json
from mirastack_sdk.testing import (
    AgentCallError,
    LocalEngine,
    ObservedCall,
    RegisteredAgent,
    RequestApprovalCall,
)

_APPROVAL_SECONDS = 300.0
"""How long a person may think before an action runs: the engine's default for approvals."""
_MOST_RECORDS = 100
_LEVELS: Mapping[str, types.LoggingLevel] = {
    "debug": "debug",
    "trace": "debug",
    "notice": "notice",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
    "critical": "critical",
    "fatal": "critical",
    "alert": "alert",
    "emergency": "emergency",
}


class RunningCalls:
    """Runs tools as executions of an agent, and leads the engine's calls back to them.

    An execution ends after `timeout` seconds at the latest.
    """

    def __init__(
        self,
        engine: LocalEngine,
        agent: RegisteredAgent,
        *,
        policy: ApprovalPolicy,
        timeout: float,
    ) -> None:
        self.engine = engine
        self._agent = agent
        self._policy = policy
        self._timeout = timeout
        self._calls: dict[str, ToolCall] = {}

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Answer the approvals of the agent, and watch what it publishes, during the block."""
        self.engine.answer_approvals(self._approve)
        with self.engine.observe(self._observe):
            yield

    async def run(self, call: ToolCall) -> types.CallToolResult:
        """Run a tool, and return its result or why there is none."""
        try:
            execution = execution_of(call.tool, call.arguments)
        except ToolArgumentError as error:
            return error_result([f"{call.tool.name} was not run: {error}"])
        if call.tool.needs_approval:
            approval = await self._approve_tool(call)
            if not approval:
                return error_result([refusal_text(call.tool, approval)])
        prepared = self._agent.prepare(
            call.tool.name,
            execution.params,
            time_range=execution.time_range,
            mode=ExecutionMode.GUIDED,
        )
        self._calls[prepared.execution_id] = call
        try:
            return tool_result(call.tool, await prepared.run(self._timeout))
        except AgentCallError as error:
            return unanswered_result(call.tool, error, self._timeout)
        finally:
            del self._calls[prepared.execution_id]

    async def _approve_tool(self, call: ToolCall) -> Approval:
        if self._policy != "ask":
            return self._settled()
        try:
            async with asyncio.timeout(_APPROVAL_SECONDS):
                return await call.ask(question_of_tool(call.tool, call.arguments))
        except TimeoutError:
            return refused(f"nobody answered within {_APPROVAL_SECONDS:g} s")

    async def _approve(self, request: RequestApprovalCall) -> Approval:
        """Answer what an action asks; the engine ends this when the action's time is over."""
        call = self._calls.get(request.ctx.execution_id)
        if call is None:
            return refused("only an execution that runs can ask for approval")
        if self._policy != "ask":
            return self._settled()
        return await call.ask(question_of_action(call.tool, request))

    def _settled(self) -> Approval:
        if self._policy == "all":
            return Approval(approved=True, reviewer="--approve all")
        return refused(REFUSES_ALL)

    def _observe(self, observed: ObservedCall) -> None:
        if observed.ended:
            self._forget_old_records()
        elif observed.method == "publish_result":
            call = self._calls.get(observed.execution_id)
            if call is not None:
                call.report(partial(_published, observed.request.get("result_json")))
        elif observed.method == "log_event" and (only := self._only_call()):
            only.report(partial(_event, observed.request))

    def _only_call(self) -> ToolCall | None:
        """The call that an event belongs to, which does not name its execution.

        `None` if it could belong to another client's call.
        """
        calls = list(self._calls.values())
        owners = {call.owner for call in calls}
        return calls[-1] if len(owners) == 1 else None

    def _forget_old_records(self) -> None:
        """Keep the engine's records short: nobody reads them here, and the server runs for long."""
        engine = self.engine
        del engine.calls[:-_MOST_RECORDS]
        del engine.heartbeats[:-_MOST_RECORDS]
        del engine.events[:-_MOST_RECORDS]
        del engine.published[:-_MOST_RECORDS]
        del engine.progress[:-_MOST_RECORDS]
        del engine.approvals[:-_MOST_RECORDS]
        del engine.plugin_calls[:-_MOST_RECORDS]
        del engine.violations[:-_MOST_RECORDS]


async def _published(value: object, listener: Listener) -> None:
    progress = progress_of(value)
    if progress is not None:
        await listener.progress(progress.fraction, progress.message)
    else:
        await listener.partial(value if isinstance(value, str) else compact_json(value))


async def _event(request: Mapping[str, object], listener: Listener) -> None:
    level = _LEVELS.get(str(request.get("severity", "")).lower(), "info")
    await listener.event(level, str(request.get("event_type", "")), request.get("data_json"))
