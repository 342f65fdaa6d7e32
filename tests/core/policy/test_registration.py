"""Registration never gives up, and reports why it has not succeeded yet."""

import random

import pytest

from mirastack_sdk._core.policy.registration import (
    Backoff,
    FailureReason,
    advice,
    classify,
    heartbeat_interval,
)


@pytest.mark.contract("Who calls whom: each registration failure is logged with a reason")
@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        (None, "connection refused", "engine_unavailable"),
        ("UNAVAILABLE", "connection refused", "engine_unavailable"),
        ("DEADLINE_EXCEEDED", "no answer within 10 s", "engine_unavailable"),
        ("PERMISSION_DENIED", "not allowed", "permission_denied"),
        ("UNAUTHENTICATED", "no credentials", "permission_denied"),
        ("INVALID_ARGUMENT", "name is required", "invalid_registration_request"),
        ("INVALID_ARGUMENT", "tenant_id is missing", "invalid_registration_request"),
        ("INVALID_ARGUMENT", "tenant id is missing", "invalid_registration_request"),
        ("RESOURCE_EXHAUSTED", "agent quota reached", "license_or_quota_exhausted"),
        ("OK", "name taken", "registration_rejected"),
        ("OK", "", "registration_rejected"),
        ("UNIMPLEMENTED", "unknown service", "registration_failed"),
        ("INTERNAL", "panic", "registration_failed"),
        ("UNKNOWN", "", "registration_failed"),
        ("FAILED_PRECONDITION", "integration not found", "registration_failed"),
    ],
)
def test_the_status_decides_the_reason(status: str | None, message: str, reason: str) -> None:
    """Each status that the contract names has its own reason, the others share one."""
    assert classify(status, message).value == reason


@pytest.mark.contract("Who calls whom: a message about the tenant decides the reason")
@pytest.mark.parametrize("status", [None, "OK", "NOT_FOUND", "FAILED_PRECONDITION", "UNKNOWN"])
@pytest.mark.parametrize(
    "message",
    [
        "tenant not active",
        "tenant 'acme' is not active",
        "tenant 824a1531-d24a-549c-8003-23b0f2d206cd not found",
        "Tenant acme is not yet active",
        "tenant id 42 not found",
        "tenant acme is inactive",
        "tenant acme is missing",
        "tenant acme does not exist",
        "unknown tenant acme",
        "no such tenant",
        "could not find tenant acme",
    ],
)
def test_a_message_about_the_tenant_decides_whatever_the_status(
    status: str | None, message: str
) -> None:
    """Engines report an unknown tenant with several statuses; it needs no operator."""
    assert classify(status, message) is FailureReason.TENANT_NOT_ACTIVE_OR_MISSING


@pytest.mark.parametrize(
    ("error_reason", "reason"),
    [
        ("unavailable", "engine_unavailable"),
        ("deadline_exceeded", "engine_unavailable"),
        ("not_connected", "engine_unavailable"),
        ("invalid_reply", "registration_failed"),
        ("internal", "registration_failed"),
        ("rejected", "registration_rejected"),
    ],
)
def test_without_a_status_our_own_error_decides(error_reason: str, reason: str) -> None:
    """A lost connection and an invalid response have different reasons."""
    assert classify(None, "it failed", error_reason).value == reason


@pytest.mark.contract("Who calls whom: all but the first two reasons need an operator")
@pytest.mark.parametrize("reason", FailureReason)
def test_all_but_the_passing_reasons_need_an_operator(reason: FailureReason) -> None:
    """An unreachable engine and a tenant that does not exist yet resolve by themselves."""
    passing = {"engine_unavailable", "tenant_not_active_or_missing"}
    assert reason.needs_operator == (reason.value not in passing)


@pytest.mark.parametrize(
    ("reason", "advised"),
    [
        (FailureReason.TENANT_NOT_ACTIVE_OR_MISSING, "MIRASTACK_PLUGIN_TENANT_ID"),
        (FailureReason.PERMISSION_DENIED, "MIRASTACK_AUTH_TOKEN"),
        (FailureReason.INVALID_REGISTRATION_REQUEST, "the agent's declarations"),
        (FailureReason.LICENSE_OR_QUOTA_EXHAUSTED, "license or quota"),
        (FailureReason.REGISTRATION_REJECTED, "agent at agent:9000, set MIRASTACK_PLUGIN_ADVERT"),
    ],
)
def test_what_to_set_is_advised(reason: FailureReason, advised: str) -> None:
    """For every reason that the engine has."""
    assert advised in advice(reason, tenant_id="t-1", address="agent:9000")


@pytest.mark.parametrize(
    "reason", [FailureReason.ENGINE_UNAVAILABLE, FailureReason.REGISTRATION_FAILED]
)
def test_there_is_not_always_advice(reason: FailureReason) -> None:
    """An engine that is down needs none, and a bug has none."""
    assert advice(reason, tenant_id="", address="agent:9000") == ""


@pytest.mark.parametrize(
    "reason",
    [
        FailureReason.TENANT_NOT_ACTIVE_OR_MISSING,
        FailureReason.PERMISSION_DENIED,
        FailureReason.INVALID_REGISTRATION_REQUEST,
    ],
)
def test_a_missing_tenant_is_the_first_thing_to_set(reason: FailureReason) -> None:
    """It explains all of these."""
    text = advice(reason, tenant_id="", address="agent:9000")
    assert text.startswith("no tenant is set: set MIRASTACK_PLUGIN_TENANT_ID or")


@pytest.mark.contract("Who calls whom: backoff 2 s doubling to 30 s")
def test_the_delay_doubles_from_two_seconds_to_thirty() -> None:
    """The delay without jitter grows from 2 to 30 seconds."""
    backoff = Backoff(lambda low, high: (low + high) / 2)
    assert [round(backoff.next_delay(), 6) for _ in range(7)] == [2, 4, 8, 16, 30, 30, 30]


def test_a_reset_starts_over() -> None:
    """The first failure after a success has the first delay again."""
    backoff = Backoff(lambda low, high: (low + high) / 2)
    for _ in range(5):
        backoff.next_delay()
    backoff.reset()
    assert backoff.next_delay() == pytest.approx(2)


@pytest.mark.contract("Who calls whom: the backoff has jitter")
def test_the_jitter_spreads_agents_a_fifth_either_way() -> None:
    """A thousand agents that lost one engine return within 12 seconds, not at once."""
    uniform = random.Random(1).uniform  # noqa: S311 - not for secrets
    delays: list[float] = []
    for _ in range(1000):
        backoff = Backoff(uniform)
        delays.append([backoff.next_delay() for _ in range(6)][-1])
    assert 24 <= min(delays) < 24.5
    assert 35.5 < max(delays) <= 36


@pytest.mark.contract("Who calls whom: the engine's interval unless the environment fixes it")
@pytest.mark.parametrize(
    ("fixed", "from_engine", "current", "interval"),
    [
        (None, 0, 30.0, 30.0),
        (None, 10, 30.0, 10.0),
        (None, -5, 30.0, 30.0),
        (None, 0, 10.0, 10.0),
        (5.0, 10, 30.0, 5.0),
        (5.0, 0, 30.0, 5.0),
        (None, 3_600, 30.0, 3_600.0),
        (None, 2**31 - 1, 30.0, 3_600.0),
    ],
)
def test_the_environment_then_the_engine_decides_the_interval(
    fixed: float | None, from_engine: int, current: float, interval: float
) -> None:
    """Zero and negative values from the engine are ignored; one hour is the limit."""
    assert heartbeat_interval(fixed, from_engine, current) == interval
