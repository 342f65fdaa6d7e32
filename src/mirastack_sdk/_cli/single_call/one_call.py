"""One Execute over a real socket, of an agent that is served for it or that runs already."""

import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.sessions import connected, declarations_of, require_accepted, serving
from mirastack_sdk._cli.single_call.call_report import (
    CallReport,
    failed_call,
    with_result,
)
from mirastack_sdk._cli.single_call.live_view import LiveHandler, LiveView
from mirastack_sdk._cli.single_call.terminal_approvals import TerminalApprovals
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.declarations import Permission, PluginInfo, PluginSchema
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.testing import AgentCallError, AgentClient, Encoding, LocalEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked of which agent; `timeout` is in seconds.

    `agent` is a plugin to serve, or the address of an agent that runs.
    """

    agent: MirastackPlugin | Address
    action: str
    params: Mapping[str, object]
    time_range: TimeRange | None
    config: Mapping[str, str]
    encoding: Encoding | None
    timeout: float
    tenant_id: str | None = None


async def perform(call: Call, desk: TerminalApprovals, view: LiveView) -> CallReport:
    """Make a call and report on it.

    Cancelling it cancels the execution. Raises `CommandError` if the agent does not start, or
    cannot be reached.
    """
    async with _client(call, desk, view) as client:
        info, schema = await declarations_of(client)
        report = await _executed(call, client, info, schema, desk, view)
    denied = desk.has_denied
    return replace(
        report,
        approvals=tuple(desk.decisions),
        happenings=view.happenings,
        status=ExitStatus.NOT_APPROVED if denied else report.status,
    )


async def _executed(
    call: Call,
    client: AgentClient,
    info: PluginInfo,
    schema: PluginSchema,
    desk: TerminalApprovals,
    view: LiveView,
) -> CallReport:
    encoding = call.encoding or client.encoding
    report = CallReport(
        status=ExitStatus.SUCCESS,
        agent={"name": info.name, "version": info.version, "address": client.address},
        action=call.action,
        params=call.params,
        time_range=call.time_range,
        encoding=encoding.name.lower(),
    )
    if not await desk.may_run(call.action, _permission(call.action, info, schema)):
        return replace(report, error=f"{call.action} was not approved")
    execution = client.prepare(
        call.action,
        call.params,
        time_range=call.time_range,
        encoding=encoding,
        tenant_id=call.tenant_id,
    )
    report = replace(report, execution_id=execution.execution_id)
    view.start()
    try:
        result = await execution.run(call.timeout)
    except AgentCallError as error:
        report = replace(report, status=failed_call(error), error=str(error))
    else:
        report = with_result(report, result, schema)
    took = time.monotonic() - view.started
    return replace(report, duration_ms=round(took * 1000, 3))


@asynccontextmanager
async def _client(
    call: Call, desk: TerminalApprovals, view: LiveView
) -> AsyncIterator[AgentClient]:
    if isinstance(call.agent, Address):
        async with connected(call.agent, encoding=call.encoding or Encoding.JSON) as client:
            yield client
        return
    async with LocalEngine() as engine:
        engine.config.update(call.config)
        engine.answer_approvals(desk.answer)
        with _shown_log(view), engine.observe(view.show_call):
            async with serving(call.agent, engine) as agent:
                await require_accepted(call.config, agent)
                yield agent
        for violation in engine.violations:
            view.show_violation(violation.text)


@contextmanager
def _shown_log(view: LiveView) -> Iterator[None]:
    """Show the agent's log, unless its author has configured logging."""
    root = logging.getLogger()
    if root.handlers:
        yield
        return
    handler, level = LiveHandler(view), root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _permission(action: str, info: PluginInfo, schema: PluginSchema) -> Permission:
    found = next((known for known in schema.actions if known.name == action), None)
    # What the agent does not declare, it cannot run.
    return Permission.READ if found is None else found.permission or info.permission
