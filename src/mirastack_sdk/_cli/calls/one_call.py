"""One Execute over a real socket, of an agent that is served for it or that runs already."""

import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from mirastack_sdk._cli.calls.approval_desk import ApprovalDesk
from mirastack_sdk._cli.calls.call_report import (
    CallReport,
    failed_call,
    outcome_of,
    result_value,
)
from mirastack_sdk._cli.calls.live_view import LiveHandler, LiveView
from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.sessions import connected, serving
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.declarations import Permission, PluginInfo, PluginSchema
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._core.settings.address import Address
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


async def perform(call: Call, desk: ApprovalDesk, view: LiveView) -> CallReport:
    """Make a call and report on it.

    Cancelling it cancels the execution. Raises `CommandError` if the agent does not start, or
    cannot be reached.
    """
    async with _client(call, desk, view) as client:
        try:
            info, schema = await client.info(), await client.schema()
        except AgentCallError as error:
            raise CommandError(str(error), status=ExitStatus.NO_RESPONSE) from error
        except ValueError as error:
            raise CommandError(
                f"{client.address} serves no agent of the contract: {error}",
                status=ExitStatus.NO_RESPONSE,
            ) from error
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
    desk: ApprovalDesk,
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
    view.start()
    report = replace(report, execution_id=execution.execution_id)
    try:
        result = await execution.run(call.timeout)
    except AgentCallError as error:
        status, text = failed_call(error), str(error)
        return replace(report, status=status, error=text, duration_ms=_millis_since(view.started))
    took = _millis_since(view.started)
    status, error_text = outcome_of(result, call.action, call.params, schema)
    value = None if error_text else result_value(result)
    return replace(
        report,
        status=status,
        error=error_text,
        result=value,
        # An error without a result consists of the log lines.
        logs=() if error_text and "\n".join(result.logs).strip() == error_text else result.logs,
        duration_ms=took,
    )


@asynccontextmanager
async def _client(call: Call, desk: ApprovalDesk, view: LiveView) -> AsyncIterator[AgentClient]:
    if isinstance(call.agent, Address):
        async with connected(call.agent, encoding=call.encoding or Encoding.JSON) as client:
            yield client
        return
    async with LocalEngine() as engine:
        engine.config.update(call.config)
        engine.answer_approvals(desk.answer)
        with _shown_log(view):
            async with serving(call.agent, engine) as agent:
                with engine.observe(view.show_call):
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


def _millis_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 3)
