"""The values that travel between an agent's author and the engine."""

from dataclasses import dataclass, field

__all__ = ["KPI", "Approval", "BlastRadius", "License", "LicenseQuotas", "PluginResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastRadius:
    """What a change may touch, shown to whoever approves it."""

    resource_type: str = ""
    resources: list[str] = field(default_factory=list)
    scope: str = ""
    reversible: bool = False
    estimated_count: int = 0
    regions: list[str] = field(default_factory=list)
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A human's answer; `timed_out` says that nobody gave one."""

    approved: bool
    timed_out: bool = False
    reviewer: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginResult:
    """What another agent's action answered: its `output`, and how long it took."""

    output: dict[str, str] = field(default_factory=dict)
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KPI:
    """A key performance indicator that the engine knows; times are UTC epoch milliseconds."""

    id: str
    tenant_id: str = ""
    name: str = ""
    query: str = ""
    integration_id: str = ""
    kind: str = ""
    layer: str = ""
    sentiment: str = ""
    classifier: str = ""
    definition: str = ""
    created_at: int = 0
    updated_at: int = 0
    created_by: str = ""
    updated_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseQuotas:
    """How much a licence allows; -1 is unlimited."""

    max_tenants: int = 0
    max_integration_types: int = 0
    max_agentic_sessions_per_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """What the engine's licence allows; `expires_at` is UTC epoch milliseconds."""

    active: bool
    effective_tier: str = ""
    issued_tier: str = ""
    grace_mode: bool = False
    expires_at: int = 0
    org_id: str = ""
    site_id: str = ""
    region: str = ""
    region_kind: str = ""
    quotas: LicenseQuotas | None = None
