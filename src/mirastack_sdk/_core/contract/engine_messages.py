"""The messages of an agent's calls of the engine: the requests, and what the responses mean."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, fields, replace

from mirastack_sdk._core.contract.execute_messages import JSON_CHECK, time_range_to_wire
from mirastack_sdk._core.contract.parameters import ParamsError, json_bytes, parse_result
from mirastack_sdk._core.contract.to_wire import permission_to_wire
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import (
    KPI,
    Approval,
    BlastRadius,
    License,
    LicenseQuotas,
    PluginResult,
)
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._text import well_formed
from mirastack_sdk.errors import EngineError

# The first that is given counts.
_SEVERITY_NAMES = ("severity", "level")

# A week: nobody waits longer for a human, and int32 holds it.
_LONGEST_SECONDS = 7 * 24 * 3600


def cached_text(key: str, value: bytes) -> str:
    """A cache entry as text; raises `EngineError` for bytes that are not."""
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise EngineError(
            f"the cache holds bytes under {key!r} that are not UTF-8 text", reason="invalid_reply"
        ) from error


def cached_texts(
    keys: Sequence[str], response: wire.CacheGetBatchResponse
) -> dict[str, str | None]:
    """The entries of a batch by key, in the order of `keys`; `None` where there is none."""
    found = {entry.key: entry.value for entry in response.entries if entry.found}
    return {key: cached_text(key, found[key]) if key in found else None for key in keys}


def cache_set_request(key: str, value: str, ttl: int, tenant_id: str) -> wire.CacheSetRequest:
    """The entry to keep; raises `ValueError` for a negative `ttl` or a value that is no text."""
    given: object = value
    if not isinstance(given, str):
        raise ValueError(f"value must be a string, got {type(given).__name__}: use json.dumps")  # noqa: TRY004 - as every wrong argument here
    if ttl < 0:
        raise ValueError(f"ttl must be 0 (no expiry) or a number of seconds, got {ttl}")
    return wire.CacheSetRequest(key=key, value=value.encode(), ttl_seconds=ttl, tenant_id=tenant_id)


def log_event_request(
    plugin_name: str, event: Mapping[str, str], tenant_id: str
) -> wire.LogEventRequest:
    """The event to log; raises `ValueError` when `"event"` is missing or blank."""
    event_type = event.get("event", "")
    if not event_type.strip():
        raise ValueError('the event needs a name under "event", such as "my_agent.query_executed"')
    severity = next((name for name in _SEVERITY_NAMES if event.get(name)), None)
    data = {name: value for name, value in event.items() if name not in ("event", severity)}
    return wire.LogEventRequest(
        plugin_name=plugin_name,
        event_type=event_type,
        data_json=json_bytes(data),
        severity="info" if severity is None else event[severity],
        tenant_id=tenant_id,
    )


def publish_result_request(
    ctx: Context, partial_json: str, tenant_id: str, hide_in_json: Callable[[str], str] = str
) -> wire.PublishResultRequest:
    """The partial result to show, without secrets; raises `ValueError` if it is not JSON text."""
    try:
        JSON_CHECK.decode(partial_json)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"partial_json must be JSON text: {error}") from error
    return wire.PublishResultRequest(
        execution_id=ctx.execution_id,
        step_id=ctx.step_id,
        result_json=well_formed(hide_in_json(partial_json)).encode(),
        success=True,
        tenant_id=tenant_id,
    )


def approval_request(
    ctx: Context,
    description: str,
    *,
    permission: Permission,
    context: Mapping[str, object] | None,
    blast_radius: BlastRadius | None,
    timeout: float,
    tenant_id: str,
) -> wire.RequestApprovalRequest:
    """The question to a human; raises `ValueError` for a blank text or an impossible value."""
    if not description.strip():
        raise ValueError("description must say what the reviewer is asked to approve")
    return wire.RequestApprovalRequest(
        execution_id=ctx.execution_id,
        step_id=ctx.step_id,
        description=description,
        required_permission=permission_to_wire(permission),
        context_json=_context_json(context or {}),
        timeout_seconds=_whole_seconds(timeout),
        tenant_id=tenant_id,
        blast_radius=None if blast_radius is None else _blast_radius(blast_radius),
    )


def approval(response: wire.RequestApprovalResponse) -> Approval:
    """The human's decision."""
    return copied(response, Approval, fields(Approval))


def call_plugin_request(
    caller: str,
    plugin: str,
    action: str,
    params: Mapping[str, str],
    *,
    time_range: TimeRange | None,
    timeout: float,
    tenant_id: str,
) -> wire.CallPluginRequest:
    """The action of another agent to run; raises `ValueError` for a wrong name or timeout.

    The action is sent twice: the engines of today read it from the parameters alone.
    """
    action_id = action or params.get("action", "")
    sent = {**params, "action": action_id} if action_id else dict(params)
    return wire.CallPluginRequest(
        caller_plugin=caller,
        target_plugin=_target(plugin),
        action_id=action_id,
        params_json=json_bytes(sent),
        timeout_seconds=_whole_seconds(timeout),
        time_range=None if time_range is None else time_range_to_wire(time_range),
        tenant_id=tenant_id,
    )


def plugin_result(plugin: str, action: str, response: wire.CallPluginResponse) -> PluginResult:
    """The result of another agent; raises `EngineError` when it failed."""
    if not response.success:
        detail = response.error or "it gave no reason"
        raise EngineError(f"{plugin} failed to run {action}: {detail}", reason="plugin_failed")
    try:
        result = parse_result(response.result_json)
    except ParamsError as error:
        raise EngineError(
            f"{plugin} answered {action} with something else than JSON: {error}",
            reason="invalid_reply",
        ) from error
    return PluginResult(
        output=result.output, duration_ms=response.duration_ms, logs=result.logs, value=result.value
    )


def kpi(message: wire.KPI) -> KPI:
    """The indicator that an author reads."""
    return copied(message, KPI, fields(KPI))


def license_snapshot(message: wire.LicenseContext) -> License:
    """The license that an author reads."""
    quotas = message.quotas
    known = None if quotas is None else copied(quotas, LicenseQuotas, fields(LicenseQuotas))
    return replace(copied(message, License, fields(License)), quotas=known)


def copied[Value](
    source: object, target: Callable[..., Value], shared: Iterable[Field[object]]
) -> Value:
    """Make a `target` from the fields that it shares with `source` under the same names."""
    return target(**{field.name: getattr(source, field.name) for field in shared})


def require_done(method: str, *, done: bool) -> None:
    """Raise `EngineError` where the engine responds that it did not do what was asked."""
    if not done:
        raise EngineError(f"{method}: the engine did not accept it", reason="rejected")


def _blast_radius(value: BlastRadius) -> wire.BlastRadius:
    """The blast radius as the engine reads it."""
    return wire.BlastRadius(
        resource_type=value.resource_type,
        resources=list(value.resources),
        scope=value.scope,
        reversible=value.reversible,
        estimated_count=value.estimated_count,
        regions=list(value.regions),
        summary=value.summary,
    )


def _target(plugin: str) -> str:
    name = plugin.strip()
    if not name:
        raise ValueError("plugin must be the name of the agent to call, got a blank string")
    if ":" in name:
        raise ValueError(
            f"plugin must not contain a colon, got {name!r}: "
            "pass the agent's name alone, and the action as action"
        )
    return name


def _context_json(context: Mapping[str, object]) -> bytes:
    try:
        return json_bytes(dict(context))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"context must be JSON-serialisable: {error}") from error


def _whole_seconds(timeout: float) -> int:
    """Round up: the engine must not give up before the caller does."""
    if not 0 < timeout <= _LONGEST_SECONDS:
        raise ValueError(f"timeout must be above 0 and at most {_LONGEST_SECONDS} s, got {timeout}")
    return math.ceil(timeout)
