"""What an author's engine calls say on the wire, and what the engine's answers mean."""

import json
import math
from collections.abc import Mapping, Sequence

from mirastack_sdk._core.contract import to_wire
from mirastack_sdk._core.contract.parameters import ParamsError, json_bytes, parse_output
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import Approval, BlastRadius, PluginResult
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._text import refuse_constant
from mirastack_sdk.errors import EngineError

# The first that is given counts.
_SEVERITY_NAMES = ("severity", "level")

# Numbers stay text: none is too long, and they are only checked, not used.
_STRICT = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=refuse_constant)

# A week: nobody waits longer for an answer, and int32 holds it.
_LONGEST_SECONDS = 7 * 24 * 3600


def cached_text(key: str, value: bytes) -> str:
    """Return a cache entry as the text it should be; raises `EngineError` if it is none."""
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise EngineError(
            f"the cache holds bytes under {key!r} that are not UTF-8 text", reason="invalid_reply"
        ) from error


def cached_texts(keys: Sequence[str], reply: wire.CacheGetBatchResponse) -> dict[str, str | None]:
    """Return the entries of a batch by key, in the order asked; `None` where there is none."""
    found = {entry.key: entry.value for entry in reply.entries if entry.found}
    return {key: cached_text(key, found[key]) if key in found else None for key in keys}


def cache_set_request(key: str, value: str, ttl: int, tenant_id: str) -> wire.CacheSetRequest:
    """Say what to keep; raises `ValueError` for a negative `ttl` or a value that is no text."""
    given: object = value
    if not isinstance(given, str):
        raise ValueError(f"value must be a string, got {type(given).__name__}: use json.dumps")  # noqa: TRY004 - as every wrong argument here
    if ttl < 0:
        raise ValueError(f"ttl must be 0 (no expiry) or a number of seconds, got {ttl}")
    return wire.CacheSetRequest(key=key, value=value.encode(), ttl_seconds=ttl, tenant_id=tenant_id)


def log_event_request(
    plugin_name: str, event: Mapping[str, str], tenant_id: str
) -> wire.LogEventRequest:
    """Say what happened; raises `ValueError` when `"event"` is missing or blank."""
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
    ctx: Context, partial_json: str, tenant_id: str
) -> wire.PublishResultRequest:
    """Say what the execution has so far; raises `ValueError` if it is not JSON text."""
    try:
        _STRICT.decode(partial_json)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"partial_json must be JSON text: {error}") from error
    return wire.PublishResultRequest(
        execution_id=ctx.execution_id,
        step_id=ctx.step_id,
        result_json=partial_json.encode(),
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
    """Say what to ask a human; raises `ValueError` for a blank text or an impossible value."""
    if not description.strip():
        raise ValueError("description must say what the reviewer is asked to approve")
    return wire.RequestApprovalRequest(
        execution_id=ctx.execution_id,
        step_id=ctx.step_id,
        description=description,
        required_permission=to_wire.permission_to_wire(permission),
        context_json=_context_json(context or {}),
        timeout_seconds=_whole_seconds(timeout),
        tenant_id=tenant_id,
        blast_radius=None if blast_radius is None else to_wire.blast_radius_to_wire(blast_radius),
    )


def approval(reply: wire.RequestApprovalResponse) -> Approval:
    """Return a human's answer."""
    return Approval(
        approved=reply.approved,
        timed_out=reply.timed_out,
        reviewer=reply.reviewer,
        comment=reply.comment,
    )


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
    """Say which action of which agent to run; raises `ValueError` for an impossible timeout."""
    return wire.CallPluginRequest(
        caller_plugin=caller,
        target_plugin=plugin,
        action_id=action,
        params_json=json_bytes(dict(params)),
        timeout_seconds=_whole_seconds(timeout),
        time_range=None if time_range is None else to_wire.time_range_to_wire(time_range),
        tenant_id=tenant_id,
    )


def plugin_result(plugin: str, action: str, reply: wire.CallPluginResponse) -> PluginResult:
    """Return what another agent answered; raises `EngineError` when it failed."""
    if not reply.success:
        detail = reply.error or "it gave no reason"
        raise EngineError(f"{plugin} failed to run {action}: {detail}", reason="plugin_failed")
    try:
        output = parse_output(reply.result_json)
    except ParamsError as error:
        raise EngineError(
            f"{plugin} answered {action} with something else than an object: {error}",
            reason="invalid_reply",
        ) from error
    return PluginResult(output=output, duration_ms=reply.duration_ms)


def require_done(method: str, *, done: bool) -> None:
    """Raise `EngineError` where the engine answers that it did not do what it was asked."""
    if not done:
        raise EngineError(f"{method}: the engine did not accept it", reason="rejected")


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
