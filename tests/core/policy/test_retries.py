"""The retry policy decides whether a failed call of the engine is repeated, and when."""

import pytest

from mirastack_sdk._core.policy.retries import (
    CALL_RULES,
    DEFAULT_RULE,
    MAX_ATTEMPTS,
    CallRule,
    FailedAttempt,
    Failure,
    Retry,
    RetryBudget,
    failure_of_status,
    next_attempt,
    reached_engine,
)
from mirastack_sdk._gen.services import EngineServiceBase

ACTION = CALL_RULES["CallPlugin"]
READING = CALL_RULES["CacheGet"]
MEMBERSHIP = CALL_RULES["Heartbeat"]
PASSING = (Failure.UNCONNECTED, Failure.REFUSED, Failure.LOST, Failure.UNAVAILABLE)


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def decided(
    failure: Failure,
    rule: CallRule = READING,
    *,
    attempts: int = 1,
    wait: float = 0.0,
    time_left: float = 30.0,
    tokens: int = 1_000,
) -> Retry | None:
    failed = FailedAttempt(
        failure=failure, rule=rule, attempts=attempts, wait=wait, time_left=time_left, tokens=tokens
    )
    return next_attempt(failed, middle)


@pytest.mark.parametrize(
    ("failure", "rule", "again"),
    [
        (Failure.UNCONNECTED, ACTION, True),
        (Failure.UNCONNECTED, READING, True),
        (Failure.REFUSED, ACTION, True),
        (Failure.REFUSED, READING, True),
        (Failure.LOST, ACTION, False),
        (Failure.LOST, READING, True),
        (Failure.UNAVAILABLE, ACTION, False),
        (Failure.UNAVAILABLE, READING, True),
        (Failure.FINAL, ACTION, False),
        (Failure.FINAL, READING, False),
    ],
)
def test_what_may_be_repeated(failure: Failure, rule: CallRule, *, again: bool) -> None:
    """A call that the engine has not processed may be repeated; another one only if it is safe."""
    assert (decided(failure, rule) is not None) is again


@pytest.mark.parametrize(
    ("failure", "delays"),
    [
        (Failure.REFUSED, [0.0, 0.1, 0.4]),
        (Failure.LOST, [0.0, 0.1, 0.4]),
        (Failure.UNAVAILABLE, [0.1, 0.4, 1.6]),
    ],
)
def test_four_attempts_with_growing_delays(failure: Failure, delays: list[float]) -> None:
    """The first retry is quick, later ones wait longer, and the fourth attempt is the last."""
    decisions = [decided(failure, attempts=tries) for tries in range(1, MAX_ATTEMPTS)]
    assert [one and one.after for one in decisions] == pytest.approx(delays)
    assert decided(failure, attempts=MAX_ATTEMPTS) is None


def test_delays_differ_by_a_fifth() -> None:
    """Agents that failed together do not return together."""
    bounds: list[tuple[float, float]] = []

    def low(least: float, most: float) -> float:
        bounds.append((least, most))
        return least

    failed = FailedAttempt(
        failure=Failure.UNAVAILABLE,
        rule=READING,
        attempts=2,
        wait=0.0,
        time_left=30.0,
        tokens=1_000,
    )
    assert next_attempt(failed, low) == Retry(after=0.4 * 0.8, cost=10)
    assert bounds == [pytest.approx((0.32, 0.48))]


def test_connecting_is_not_an_attempt() -> None:
    """A call waits for a connection as long as it has time, at no cost to the engine."""
    assert not reached_engine(Failure.UNCONNECTED)
    assert decided(Failure.UNCONNECTED, attempts=0, wait=6.5) == Retry(after=6.5, cost=0)
    assert decided(Failure.UNCONNECTED, attempts=0, wait=6.5, time_left=6.5) is None


@pytest.mark.parametrize("failure", PASSING)
def test_nothing_is_tried_beyond_the_deadline(failure: Failure) -> None:
    """There is no attempt that could only begin after the call's deadline."""
    assert decided(failure, time_left=0.0) is None


@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.LOST, Failure.UNAVAILABLE])
def test_nothing_is_tried_without_a_budget(failure: Failure) -> None:
    """An engine that has failed for long receives one attempt of each call."""
    assert decided(failure, tokens=0) is None


def test_membership_does_not_wait() -> None:
    """Registration and heartbeats are repeated at once, or later by the session."""
    assert decided(Failure.UNCONNECTED, MEMBERSHIP) == Retry(after=0.0, cost=0)
    assert decided(Failure.UNCONNECTED, MEMBERSHIP, wait=0.1) is None
    assert decided(Failure.LOST, MEMBERSHIP) == Retry(after=0.0, cost=1)
    assert decided(Failure.LOST, MEMBERSHIP, attempts=2) is None
    assert decided(Failure.UNAVAILABLE, MEMBERSHIP) is None


@pytest.mark.parametrize(
    ("method", "repeatable"),
    [
        ("RegisterPlugin", True),
        ("Heartbeat", True),
        ("DeregisterPlugin", True),
        ("GetConfig", True),
        ("CacheGet", True),
        ("CacheGetBatch", True),
        ("ListKPIs", True),
        ("GetKPI", True),
        ("CacheSet", False),
        ("PublishResult", False),
        ("LogEvent", False),
        ("RequestApproval", False),
        ("CallPlugin", False),
    ],
)
def test_which_methods_are_repeatable(method: str, *, repeatable: bool) -> None:
    """Reads and membership may be repeated, nothing else."""
    assert CALL_RULES[method].repeatable is repeatable


@pytest.mark.parametrize("method", ["RegisterPlugin", "Heartbeat", "DeregisterPlugin"])
def test_the_session_repeats_its_own_calls(method: str) -> None:
    """Each call of the session is made at once, whatever happened to other calls."""
    assert CALL_RULES[method] == MEMBERSHIP
    assert MEMBERSHIP.ignores_backoff
    assert not MEMBERSHIP.waits_for_connection


def test_each_rule_has_a_method() -> None:
    """A rule is that of a method of the contract."""
    assert EngineServiceBase().__mapping__().keys() >= {
        f"/mirastack.plugin.v1.EngineService/{name}" for name in CALL_RULES
    }


def test_a_method_without_a_rule_is_not_repeated() -> None:
    """A method that was added to the contract may have effects, until a rule says otherwise."""
    assert DEFAULT_RULE == ACTION
    assert not DEFAULT_RULE.repeatable


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("UNAVAILABLE", Failure.UNAVAILABLE),
        ("ABORTED", Failure.UNAVAILABLE),
        ("CANCELLED", Failure.LOST),
        ("RESOURCE_EXHAUSTED", Failure.FINAL),
        ("DEADLINE_EXCEEDED", Failure.FINAL),
        ("INTERNAL", Failure.FINAL),
        ("UNKNOWN", Failure.FINAL),
        ("NOT_FOUND", Failure.FINAL),
        (None, Failure.FINAL),
    ],
)
def test_each_status_has_its_class(status: str | None, failure: Failure) -> None:
    """Only statuses that gRPC describes as transient are retried."""
    assert failure_of_status(status) is failure


def test_a_budget_is_spent_and_earned_within_its_bounds() -> None:
    """The tokens never fall below zero or rise above the maximum."""
    budget = RetryBudget()
    budget.earn()
    assert budget.tokens == RetryBudget.MAX_TOKENS
    budget.spend(RetryBudget.MAX_TOKENS + 1)
    assert budget.tokens == 0
    budget.earn()
    assert budget.tokens == 1
