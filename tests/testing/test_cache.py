"""The cache of a fake engine."""

import pytest

from mirastack_sdk.testing import ManualClock
from mirastack_sdk.testing._stores import FakeCache


def test_a_seed_does_not_expire() -> None:
    """The initial entries of a test do not expire."""
    clock = ManualClock()
    cache = FakeCache(clock, {"a": "1"})
    clock.advance(10**9)
    assert cache.get("a") == "1"
    assert cache.ttl("a") is None


def test_an_entry_expires_at_the_end_of_its_time() -> None:
    """An entry exists until its time to live has passed."""
    clock = ManualClock()
    cache = FakeCache(clock)
    cache.set("a", "1", ttl=300)
    clock.advance(299.5)
    assert cache.get("a") == "1"
    assert cache.ttl("a") == pytest.approx(0.5)
    clock.advance(0.5)
    assert cache.get("a") is None


def test_setting_again_replaces_value_and_time() -> None:
    """The last write decides both the value and its time to live."""
    clock = ManualClock()
    cache = FakeCache(clock)
    cache.set("a", "1", ttl=10)
    cache.set("a", "2")
    clock.advance(11)
    assert cache.get("a") == "2"


def test_expired_entries_are_not_counted() -> None:
    """Length, iteration and membership ignore expired entries."""
    clock = ManualClock()
    cache = FakeCache(clock, {"a": "1"})
    cache.set("b", "2", ttl=1)
    clock.advance(1)
    assert len(cache) == 1
    assert list(cache) == ["a"]
    assert "b" not in cache


def test_entries_can_be_deleted() -> None:
    """One entry or all of them can be deleted, whether they exist or not."""
    cache = FakeCache(ManualClock(), {"a": "1", "b": "2"})
    cache.delete("a")
    cache.delete("a")
    assert list(cache) == ["b"]
    cache.clear()
    assert len(cache) == 0


def test_the_time_of_a_missing_key_is_an_error() -> None:
    """A key that does not exist has no time to live."""
    with pytest.raises(KeyError, match="a"):
        FakeCache(ManualClock()).ttl("a")
