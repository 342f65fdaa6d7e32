"""The messages of engine calls carry every field of the documented types."""

from dataclasses import asdict

from mirastack_sdk._core.contract import engine_messages
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.engine import KPI, BlastRadius, License, LicenseQuotas
from mirastack_sdk.plugin import Context, Permission


def test_a_blast_radius_is_sent_whole() -> None:
    """A reviewer sees every field."""
    value = BlastRadius(
        resource_type="deployment",
        resources=["a", "b"],
        scope="cluster",
        reversible=True,
        estimated_count=2,
        regions=["eu"],
        summary="restarts two deployments",
    )
    message = engine_messages.approval_request(
        Context(),
        "restart",
        permission=Permission.MODIFY,
        context=None,
        blast_radius=value,
        timeout=1,
        tenant_id="",
    ).blast_radius
    assert {name: getattr(message, name) for name in asdict(value)} == asdict(value)


def test_an_indicator_is_read_whole() -> None:
    """Every field of the message arrives under its name."""
    values: dict[str, str] = {
        name: f"the {name}" for name, kind in KPI.__annotations__.items() if kind is str
    }
    message = wire.KPI(**values, created_at=1, updated_at=2)
    assert engine_messages.kpi(message) == KPI(**values, created_at=1, updated_at=2)


def test_a_licence_is_read_whole() -> None:
    """Every field is read, including the quotas."""
    message = wire.LicenseContext(
        active=True,
        effective_tier="gold",
        issued_tier="platinum",
        grace_mode=True,
        expires_at=9,
        org_id="o",
        site_id="s",
        region="eu",
        region_kind="cloud",
        quotas=wire.LicenseQuotas(
            max_tenants=1, max_integration_types=-1, max_agentic_sessions_per_day=3
        ),
    )
    assert engine_messages.license_snapshot(message) == License(
        active=True,
        effective_tier="gold",
        issued_tier="platinum",
        grace_mode=True,
        expires_at=9,
        org_id="o",
        site_id="s",
        region="eu",
        region_kind="cloud",
        quotas=LicenseQuotas(
            max_tenants=1, max_integration_types=-1, max_agentic_sessions_per_day=3
        ),
    )


def test_a_licence_without_quotas_has_none() -> None:
    """Missing quotas are `None`, not zero."""
    assert engine_messages.license_snapshot(wire.LicenseContext()).quotas is None
