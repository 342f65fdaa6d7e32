"""Documented values and contract messages mean the same."""

from dataclasses import asdict
from unittest.mock import create_autospec

import pytest

from mirastack_sdk._core.contract import to_wire
from mirastack_sdk._core.contract.parameters import ParamsError
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.engine import KPI, BlastRadius, License, LicenseQuotas
from mirastack_sdk.plugin import (
    Context,
    EngineClient,
    ExecuteRequest,
    ExecutionMode,
    Permission,
    TimeRange,
)

CLIENT: EngineClient = create_autospec(EngineClient, instance=True)
STAGES = ["observe", "operate", "deploy", "release", "plan", "build", "test", "code"]


def received(message: wire.ExecuteRequest) -> ExecuteRequest:
    return to_wire.execute_request(message, CLIENT, Context(execution_id="e-1"))


def test_an_author_receives_what_the_engine_sent() -> None:
    """Parameters, time range, client, context, action and mode all arrive."""
    request = received(
        wire.ExecuteRequest(
            action_id="get_status",
            params_json=b'{"service":"checkout","limit":3}',
            execution_mode=wire.ExecutionMode.GUIDED,
            time_range=wire.TimeRange(
                start_epoch_ms=1, end_epoch_ms=2, timezone="UTC", original_expression="now"
            ),
        )
    )
    assert request == ExecuteRequest(
        params={"service": "checkout", "limit": "3", "action": "get_status"},
        time_range=TimeRange(1, 2, "UTC", "now"),
        engine_client=CLIENT,
        ctx=Context(execution_id="e-1"),
        action="get_status",
        execution_mode=ExecutionMode.GUIDED,
    )


def test_no_time_range_stays_none() -> None:
    """Authors tell a query without a range from one at the epoch."""
    assert received(wire.ExecuteRequest()).time_range is None


def test_a_parameter_named_action_does_not_hide_the_action() -> None:
    """`req.action` is what the engine asked for, `req.params` what the caller sent."""
    request = received(wire.ExecuteRequest(action_id="manage", params_json=b'{"action":"restart"}'))
    assert (request.action, request.params["action"]) == ("manage", "restart")


def test_an_action_in_the_parameters_alone_is_the_action() -> None:
    """A direct call may leave the id out."""
    assert received(wire.ExecuteRequest(params_json=b'{"action":"a"}')).action == "a"


def test_unreadable_parameters_are_refused() -> None:
    """The service answers the sentence."""
    with pytest.raises(ParamsError, match="must be a JSON object"):
        received(wire.ExecuteRequest(params_json=b"[]"))


@pytest.mark.parametrize(
    ("number", "mode"),
    [
        (0, ExecutionMode.UNSPECIFIED),
        (1, ExecutionMode.MANUAL),
        (2, ExecutionMode.GUIDED),
        (3, ExecutionMode.AUTONOMOUS),
        (77, ExecutionMode.UNSPECIFIED),
        (-1, ExecutionMode.UNSPECIFIED),
    ],
)
def test_every_execution_mode_is_read(number: int, mode: ExecutionMode) -> None:
    """One of a newer engine is as good as none."""
    assert to_wire.execution_mode(wire.ExecutionMode.from_number(number)) is mode


def test_a_time_range_goes_both_ways() -> None:
    """Calling another agent passes on what came."""
    value = TimeRange(-5, 2**62, "Europe/Berlin", "last 30 minutes")
    assert to_wire.time_range(to_wire.time_range_to_wire(value)) == value


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_its_number(permission: Permission) -> None:
    """The names agree."""
    assert to_wire.permission_to_wire(permission).name == permission.name


@pytest.mark.parametrize("stage", STAGES)
def test_every_documented_stage_has_its_number(stage: str) -> None:
    """The tags agree with the contract's names."""
    assert to_wire.stage_to_wire(stage).name.lower() == stage


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
    message = to_wire.blast_radius_to_wire(value)
    assert {name: getattr(message, name) for name in asdict(value)} == asdict(value)


def test_an_indicator_is_read_whole() -> None:
    """Every field of the message arrives under its name."""
    values: dict[str, str] = {
        name: f"the {name}" for name, kind in KPI.__annotations__.items() if kind is str
    }
    message = wire.KPI(**values, created_at=1, updated_at=2)
    assert to_wire.kpi(message) == KPI(**values, created_at=1, updated_at=2)


def test_a_licence_is_read_whole() -> None:
    """With its quotas."""
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
    assert to_wire.license_snapshot(message) == License(
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
    """None is not zero."""
    assert to_wire.license_snapshot(wire.LicenseContext()).quotas is None
