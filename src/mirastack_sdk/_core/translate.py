# LEAD: written to unblock the runtime. Core: keep names and signatures; review, harden, test.
"""Public values and the contract's messages, each made from the other."""

from typing import Final

from mirastack_sdk._core.context import Context
from mirastack_sdk._core.declarations import Permission
from mirastack_sdk._core.engine_client import EngineClient
from mirastack_sdk._core.engine_types import KPI, BlastRadius, License, LicenseQuotas
from mirastack_sdk._core.execution import ExecuteRequest, ExecuteResponse, ExecutionMode
from mirastack_sdk._core.parameters import output_violations, parse_params, result_json
from mirastack_sdk._core.text import well_formed
from mirastack_sdk._core.time_range import TimeRange
from mirastack_sdk._gen import messages as wire

_PERMISSIONS: Final = {
    Permission.READ: wire.Permission.READ,
    Permission.MODIFY: wire.Permission.MODIFY,
    Permission.ADMIN: wire.Permission.ADMIN,
}
_EXECUTION_MODES: Final = {
    wire.ExecutionMode.MANUAL: ExecutionMode.MANUAL,
    wire.ExecutionMode.GUIDED: ExecutionMode.GUIDED,
    wire.ExecutionMode.AUTONOMOUS: ExecutionMode.AUTONOMOUS,
}


class InvalidResponseError(Exception):
    """The author's code returned something that cannot be sent; the text says what."""


def permission_to_wire(permission: Permission) -> wire.Permission:
    """Return the contract's permission."""
    return _PERMISSIONS[permission]


def time_range(message: wire.TimeRange | None) -> TimeRange | None:
    """Return the documented time range, or `None` where there is none."""
    if message is None:
        return None
    return TimeRange(
        start_epoch_ms=message.start_epoch_ms,
        end_epoch_ms=message.end_epoch_ms,
        timezone=message.timezone,
        original_expression=message.original_expression,
    )


def time_range_to_wire(value: TimeRange) -> wire.TimeRange:
    """Return the contract's time range."""
    return wire.TimeRange(
        start_epoch_ms=value.start_epoch_ms,
        end_epoch_ms=value.end_epoch_ms,
        timezone=value.timezone,
        original_expression=value.original_expression,
    )


def execute_request(
    message: wire.ExecuteRequest, engine_client: EngineClient, ctx: Context
) -> ExecuteRequest:
    """Return the documented request; raises `ParamsError` for parameters that are no object."""
    params = parse_params(message.params_json, message.action_id)
    return ExecuteRequest(
        params=params,
        time_range=time_range(message.time_range),
        engine_client=engine_client,
        ctx=ctx,
        action=message.action_id or params.get("action", ""),
        execution_mode=_EXECUTION_MODES.get(message.execution_mode, ExecutionMode.UNSPECIFIED),
    )


def execute_reply(response: object, duration_ms: int) -> wire.ExecuteResponse:
    """Return the reply to an execution that succeeded.

    Raises `InvalidResponseError` where the author returned something else than documented.
    """
    if not isinstance(response, ExecuteResponse):
        raise InvalidResponseError(
            f"execute() must return an ExecuteResponse, got {type(response).__name__}"
        )
    logs: object = response.logs
    if not isinstance(logs, list) or not all(isinstance(line, str) for line in logs):
        raise InvalidResponseError("ExecuteResponse.logs must be a list of strings")
    violations = output_violations(response.output)
    if violations:
        raise InvalidResponseError("; ".join(violations))
    return wire.ExecuteResponse(
        success=True,
        result_json=result_json(response.output),
        duration_ms=duration_ms,
        logs=[well_formed(line) for line in logs],
    )


def failed_reply(error: str, duration_ms: int) -> wire.ExecuteResponse:
    """Return the reply to an execution that failed; `error` has been cleaned."""
    return wire.ExecuteResponse(success=False, error=well_formed(error), duration_ms=duration_ms)


def blast_radius_to_wire(value: BlastRadius) -> wire.BlastRadius:
    """Return the contract's blast radius."""
    return wire.BlastRadius(
        resource_type=value.resource_type,
        resources=list(value.resources),
        scope=value.scope,
        reversible=value.reversible,
        estimated_count=value.estimated_count,
        regions=list(value.regions),
        summary=value.summary,
    )


def kpi(message: wire.KPI) -> KPI:
    """Return the public key performance indicator."""
    return KPI(
        id=message.id,
        tenant_id=message.tenant_id,
        name=message.name,
        query=message.query,
        integration_id=message.integration_id,
        kind=message.kind,
        layer=message.layer,
        sentiment=message.sentiment,
        classifier=message.classifier,
        definition=message.definition,
        created_at=message.created_at,
        updated_at=message.updated_at,
        created_by=message.created_by,
        updated_by=message.updated_by,
    )


def license_snapshot(message: wire.LicenseContext) -> License:
    """Return the public licence."""
    return License(
        active=message.active,
        effective_tier=message.effective_tier,
        issued_tier=message.issued_tier,
        grace_mode=message.grace_mode,
        expires_at=message.expires_at,
        org_id=message.org_id,
        site_id=message.site_id,
        region=message.region,
        region_kind=message.region_kind,
        quotas=None if message.quotas is None else _quotas(message.quotas),
    )


def _quotas(message: wire.LicenseQuotas) -> LicenseQuotas:
    return LicenseQuotas(
        max_tenants=message.max_tenants,
        max_integration_types=message.max_integration_types,
        max_agentic_sessions_per_day=message.max_agentic_sessions_per_day,
    )
