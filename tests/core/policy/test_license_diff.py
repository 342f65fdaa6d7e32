"""Each change of the license is reported once, and a change for the worse is a warning."""

from dataclasses import replace

import pytest

from mirastack_sdk._core.policy.license_diff import license_changes
from mirastack_sdk.engine import License

LICENSE = License(active=True, effective_tier="gold", expires_at=1_000)


def test_an_equal_snapshot_is_no_change() -> None:
    """A heartbeat with the same license is not a change."""
    assert license_changes(LICENSE, replace(LICENSE)) is None


def test_no_snapshot_is_no_change() -> None:
    """An engine that omits the license has not revoked it."""
    assert license_changes(LICENSE, None) is None
    assert license_changes(None, None) is None


def test_a_field_that_is_not_watched_is_no_change() -> None:
    """Changes of region and organisation are not reported."""
    assert license_changes(LICENSE, replace(LICENSE, region="eu")) is None


@pytest.mark.contract("Who calls whom: the license is kept, and its changes are logged")
@pytest.mark.parametrize(
    ("before", "after", "text", "is_warning"),
    [
        (LICENSE, replace(LICENSE, active=False), "active: True -> False", True),
        (replace(LICENSE, active=False), LICENSE, "active: False -> True", False),
        (LICENSE, replace(LICENSE, grace_mode=True), "grace_mode: False -> True", True),
        (replace(LICENSE, grace_mode=True), LICENSE, "grace_mode: True -> False", False),
        (
            LICENSE,
            replace(LICENSE, effective_tier="free"),
            "effective_tier: gold -> free",
            False,
        ),
        (LICENSE, replace(LICENSE, expires_at=2_000), "expires_at: 1000 -> 2000", False),
        (
            LICENSE,
            replace(LICENSE, active=False, effective_tier="free"),
            "active: True -> False, effective_tier: gold -> free",
            True,
        ),
        (
            replace(LICENSE, grace_mode=True),
            replace(LICENSE, grace_mode=True, expires_at=2_000),
            "expires_at: 1000 -> 2000",
            False,
        ),
    ],
)
def test_each_watched_change_is_reported(
    before: License, after: License, text: str, is_warning: bool
) -> None:
    """Becoming inactive or entering grace is a warning; staying there or leaving it is not."""
    change = license_changes(before, after)
    assert change is not None
    assert (str(change), change.is_warning) == (text, is_warning)


@pytest.mark.parametrize(
    ("first", "is_warning"),
    [
        (LICENSE, False),
        (replace(LICENSE, active=False), True),
        (replace(LICENSE, grace_mode=True), True),
    ],
)
def test_the_first_snapshot_is_reported_whole(first: License, is_warning: bool) -> None:
    """An agent that starts with a lapsed license warns at once."""
    change = license_changes(None, first)
    assert change is not None
    assert str(change) == (
        f"active: {first.active}, effective_tier: gold, grace_mode: {first.grace_mode}, "
        "expires_at: 1000"
    )
    assert change.is_warning is is_warning
