"""The wire's words for what a local engine knows, and for what it is asked."""

import json
from dataclasses import fields

from mirastack_sdk._core.contract import to_wire
from mirastack_sdk._core.contract.parameters import parse_params
from mirastack_sdk._core.model.context import Context
from mirastack_sdk._core.model.engine_api import KPI, Approval, BlastRadius, License
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing.permissions import declared_permission
from mirastack_sdk.testing.records import CallPluginCall, RequestApprovalCall

# What an engine allows another agent that the caller has set no limit for.
_DEFAULT_CALL_SECONDS = 30


def kpi_reply(kpi: KPI) -> wire.KPI:
    """Say one indicator; its fields have the names of the message's."""
    return wire.KPI(**{field.name: getattr(kpi, field.name) for field in fields(KPI)})


def license_reply(known: License | None) -> wire.LicenseContext | None:
    """Say what the licence allows, if there is one."""
    if known is None:
        return None
    quotas = known.quotas
    return wire.LicenseContext(
        active=known.active,
        effective_tier=known.effective_tier,
        issued_tier=known.issued_tier,
        grace_mode=known.grace_mode,
        expires_at=known.expires_at,
        org_id=known.org_id,
        site_id=known.site_id,
        region=known.region,
        region_kind=known.region_kind,
        quotas=None
        if quotas is None
        else wire.LicenseQuotas(
            max_tenants=quotas.max_tenants,
            max_integration_types=quotas.max_integration_types,
            max_agentic_sessions_per_day=quotas.max_agentic_sessions_per_day,
        ),
    )


def approval_reply(approval: Approval) -> wire.RequestApprovalResponse:
    """Say what a human answered."""
    return wire.RequestApprovalResponse(
        approved=approval.approved,
        timed_out=approval.timed_out,
        reviewer=approval.reviewer,
        comment=approval.comment,
    )


def approval_call(request: wire.RequestApprovalRequest) -> RequestApprovalCall:
    """Return what an agent asks a human; raises `ValueError` for what no human can be asked."""
    return RequestApprovalCall(
        ctx=_context(request.tenant_id, request.execution_id, request.step_id),
        description=request.description,
        permission=declared_permission(request.required_permission),
        context=_json_object("context_json", request.context_json),
        blast_radius=_blast_radius(request.blast_radius),
        timeout=request.timeout_seconds,
    )


def plugin_call(request: wire.CallPluginRequest) -> CallPluginCall:
    """Return which action of which agent to run; raises `ParamsError` for unusable parameters."""
    return CallPluginCall(
        ctx=_context(request.tenant_id),
        plugin=request.target_plugin,
        action=request.action_id,
        params=parse_params(request.params_json, ""),
        time_range=to_wire.time_range(request.time_range),
        timeout=request.timeout_seconds or _DEFAULT_CALL_SECONDS,
    )


def _context(tenant_id: str, execution_id: str = "", step_id: str = "") -> Context:
    return Context(execution_id=execution_id, step_id=step_id, tenant_id=tenant_id)


def _blast_radius(radius: wire.BlastRadius | None) -> BlastRadius | None:
    if radius is None:
        return None
    return BlastRadius(
        resource_type=radius.resource_type,
        resources=list(radius.resources),
        scope=radius.scope,
        reversible=radius.reversible,
        estimated_count=radius.estimated_count,
        regions=list(radius.regions),
        summary=radius.summary,
    )


def _json_object(field: str, data: bytes) -> dict[str, object]:
    try:
        parsed: object = json.loads(data or b"{}")
    except ValueError as error:
        raise ValueError(f"{field} is not JSON: {error}") from error
    match parsed:
        case dict():
            return parsed
        case _:
            raise ValueError(f"{field} must be a JSON object, got {data!r}")
