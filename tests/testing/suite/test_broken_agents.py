"""Each broken agent fails the check that it should, and no other."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from unittest import SkipTest

import pytest

from mirastack_sdk._runtime import plugin_lifespan
from mirastack_sdk.testing import AgentSuite
from tests.testing.suite.agents import broken_agents as broken
from tests.testing.suite.agents.good_agent import TOKEN, GoodAgent, GoodSuite

CHECKS = [name for name in vars(AgentSuite) if name.startswith("test_")]


class TypedSuite(AgentSuite):
    """For agents that need nothing."""

    cancel_seconds = 0.3
    shutdown_grace = 2.0


class KnowsASecret(GoodSuite):
    """Its token must not be sent in reverse order either."""

    secrets = (TOKEN[::-1],)


class WaitsLittle(GoodSuite):
    """Its agents' tasks have so long to end."""

    shutdown_grace = 0.3


class WantsLittle(GoodSuite):
    """Its agents' results are short."""

    largest_result = 1000


class AllowsLittle(TypedSuite):
    """Its agents have so long to stop."""

    shutdown_grace = 0.02


class KnowsTheBackend(TypedSuite):
    """Its agents have this backend."""

    environ = {"BACKEND_URL": "http://backend.internal:9090"}


# The agent, the check that it fails, words of what the failure says, and its suite.
TABLE: tuple[tuple[Callable[[], object], str, str, type[AgentSuite]], ...] = (
    (broken.WithoutStages, "test_card", "devops_stages", GoodSuite),
    (broken.ChangesItsVersion, "test_card", "info() returns something else", GoodSuite),
    (broken.cannot_start, "test_start", "no backend", TypedSuite),
    (broken.SharesAnIntent, "test_routing", "'rows of *' leads to read and to limits", GoodSuite),
    (broken.SharesADescription, "test_routing", "have the same description", GoodSuite),
    (broken.RunsAnything, "test_unknown_action", "returned the result", GoodSuite),
    (broken.SaysNothingOfUnknownActions, "test_unknown_action", "an empty response", GoodSuite),
    (broken.DoesNotNameTheUnknownAction, "test_unknown_action", "not supported", GoodSuite),
    (
        broken.StumblesOverAMissingParameter,
        "test_missing_parameters",
        "read without service does not name it: \"'NoneType' object",
        GoodSuite,
    ),
    (
        broken.StumblesOverAWrongParameter,
        "test_wrong_parameters",
        "read with rows='not-a-number' does not name it",
        GoodSuite,
    ),
    (broken.IsAlwaysHealthy, "test_health", "healthy although its backend fails", GoodSuite),
    (broken.IsNeverHealthy, "test_health", "unhealthy: not implemented yet", GoodSuite),
    (broken.TakesAnyConfig, "test_live_config", "'not-a-number'", GoodSuite),
    (broken.RefusesEveryChange, "test_live_config", "restart the agent", GoodSuite),
    (broken.IgnoresItsConfig, "test_live_config", '{"limit": 10}', GoodSuite),
    (broken.NeedsATimeRange, "test_time_range", "without a time range, read with", GoodSuite),
    (broken.FailsWithATimeRange, "test_time_range", "with a time range, read with", GoodSuite),
    (broken.requires_a_time_range, "test_time_range", "without a time range", TypedSuite),
    (broken.PassesOnAnAddress, "test_nothing_internal", "backend.internal:9090", GoodSuite),
    (broken.PassesOnATraceback, "test_nothing_internal", "contains a traceback", GoodSuite),
    (
        broken.PassesOnASecret,
        "test_nothing_internal",
        "good.asked' contains a secret",
        KnowsASecret,
    ),
    (broken.shows_its_address, "test_nothing_internal", "the backend's address", KnowsTheBackend),
    (broken.IgnoresCancellation, "test_cancellation", "in IgnoresCancellation._is_done", GoodSuite),
    (broken.BlocksTheLoop, "test_event_loop", "in BlocksTheLoop.health_check", GoodSuite),
    (broken.ComputesOnTheLoop, "test_event_loop", "in ComputesOnTheLoop.health_check", GoodSuite),
    (broken.LeavesATaskBehind, "test_shutdown", "the task refresh still runs", WaitsLittle),
    (broken.cannot_stop, "test_shutdown", "s to stop", AllowsLittle),
    (broken.ReturnsText, "test_results", "is not JSON: 'cart has 3 rows'", GoodSuite),
    (broken.ReturnsWhatIsNoNumber, "test_results", "is not JSON", GoodSuite),
    (broken.ReturnsTooMuch, "test_results", "more than 1000", WantsLittle),
    (broken.ReturnsAMapping, "test_results", "must return an ExecuteResponse", GoodSuite),
    (broken.AlwaysFails, "test_results", "not implemented yet", GoodSuite),
    (broken.SharesItsCacheKeys, "test_cache_keys", "'rows' does not start with good", GoodSuite),
    (broken.WritesAnothersKeys, "test_cache_keys", "'other:rows'", GoodSuite),
)


def failures_of(plugin: Callable[[], object], suite: type[AgentSuite]) -> Mapping[str, str]:
    """The checks that fail for an agent, each with its message; each runs as pytest runs it."""
    of_plugin = type("Suite", (suite,), {"plugin": staticmethod(plugin)})
    failed = {}
    for check in CHECKS:
        method = getattr(of_plugin(), check)
        try:
            if inspect.iscoroutinefunction(method):
                asyncio.run(method())
            else:
                method()
        except SkipTest:
            continue
        except AssertionError as error:
            failed[check] = str(error)
    return failed


@pytest.fixture(autouse=True)
def _close_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a lifespan that does not end be given up soon, in each check of its agent."""
    monkeypatch.setattr(plugin_lifespan, "_CLOSING_SECONDS", 0.02)


@pytest.mark.parametrize(
    ("plugin", "check", "words", "suite"), TABLE, ids=[row[0].__name__ for row in TABLE]
)
def test_it_fails_its_check_and_no_other(
    plugin: Callable[[], object], check: str, words: str, suite: type[AgentSuite]
) -> None:
    """The failure says what was found."""
    failed = failures_of(plugin, suite)
    assert list(failed) == [check], failed
    assert words in failed[check]


def test_the_good_agent_fails_none() -> None:
    """All these agents differ from it in one method."""
    assert failures_of(GoodAgent, GoodSuite) == {}


def test_every_check_is_failed_by_an_agent() -> None:
    """No check passes whatever the agent does."""
    assert {row[1] for row in TABLE} == set(CHECKS)
