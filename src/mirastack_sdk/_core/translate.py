"""Documented values as contract messages, and back."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

from mirastack_sdk._core.context import Context
from mirastack_sdk._core.declarations import Permission
from mirastack_sdk._core.engine_client import EngineClient
from mirastack_sdk._core.engine_types import KPI, BlastRadius, License, LicenseQuotas
from mirastack_sdk._core.execution import ExecuteRequest, ExecutionMode
from mirastack_sdk._core.parameters import parse_params
from mirastack_sdk._core.time_range import TimeRange
from mirastack_sdk._gen import messages as wire

__all__ = [
    "blast_radius_to_wire",
    "execute_request",
    "execution_mode",
    "kpi",
    "license_snapshot",
    "permission_to_wire",
    "stage_to_wire",
    "time_range",
    "time_range_to_wire",
]

_PERMISSIONS: Mapping[Permission, wire.Permission] = MappingProxyType(
    {
        Permission.READ: wire.Permission.READ,
        Permission.MODIFY: wire.Permission.MODIFY,
        Permission.ADMIN: wire.Permission.ADMIN,
    }
)
_MODES: Mapping[wire.ExecutionMode, ExecutionMode] = MappingProxyType(
    {
        wire.ExecutionMode.MANUAL: ExecutionMode.MANUAL,
        wire.ExecutionMode.GUIDED: ExecutionMode.GUIDED,
        wire.ExecutionMode.AUTONOMOUS: ExecutionMode.AUTONOMOUS,
    }
)


def execute_request(
    message: wire.ExecuteRequest, engine_client: EngineClient, ctx: Context
) -> ExecuteRequest:
    """What the author's `execute` receives; raises `ParamsError` for unreadable parameters."""
    return ExecuteRequest(
        params=parse_params(message.params_json, message.action_id),
        time_range=time_range(message.time_range),
        engine_client=engine_client,
        ctx=ctx,
        action=message.action_id,
        execution_mode=execution_mode(message.execution_mode),
    )


def time_range(message: wire.TimeRange | None) -> TimeRange | None:
    """The time range an author reads; none stays none."""
    if message is None:
        return None
    return TimeRange(
        start_epoch_ms=message.start_epoch_ms,
        end_epoch_ms=message.end_epoch_ms,
        timezone=message.timezone,
        original_expression=message.original_expression,
    )


def time_range_to_wire(value: TimeRange) -> wire.TimeRange:
    """The time range as the engine reads it."""
    return wire.TimeRange(
        start_epoch_ms=value.start_epoch_ms,
        end_epoch_ms=value.end_epoch_ms,
        timezone=value.timezone,
        original_expression=value.original_expression,
    )


def permission_to_wire(permission: Permission) -> wire.Permission:
    """The permission as the engine reads it."""
    return _PERMISSIONS[permission]


def stage_to_wire(stage: str) -> wire.DevOpsStage:
    """The stage that a documented tag such as "observe" names; raises `KeyError` for others."""
    return wire.DevOpsStage[stage.upper()]


def execution_mode(mode: wire.ExecutionMode) -> ExecutionMode:
    """The mode an author reads; one that this version does not know is unspecified."""
    return _MODES.get(mode, ExecutionMode.UNSPECIFIED)


def blast_radius_to_wire(value: BlastRadius) -> wire.BlastRadius:
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


def kpi(message: wire.KPI) -> KPI:
    """The indicator an author reads; its fields have the names of the message's."""
    return KPI(**{field.name: getattr(message, field.name) for field in fields(KPI)})


def license_snapshot(message: wire.LicenseContext) -> License:
    """The licence an author reads."""
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
