"""The order in which ordered faults are taken."""

import pytest

from mirastack_sdk.testing._faults import FaultPlan


def plan() -> FaultPlan[str]:
    """A plan for two methods."""
    return FaultPlan[str](("read", "write"))


def test_without_an_order_nothing_goes_wrong() -> None:
    """A method has no fault unless one was ordered for it."""
    faults = plan()
    faults.always("write", "broken")
    assert faults.take("read") is None


def test_orders_are_taken_in_their_order() -> None:
    """Orders for coming calls are taken first to last, each as often as ordered."""
    faults = plan()
    faults.next("read", "first", times=2)
    faults.next("read", "second")
    assert [faults.take("read") for _ in range(4)] == ["first", "first", "second", None]


def test_a_standing_order_comes_after_those_for_coming_calls() -> None:
    """A standing order takes every call that no other order takes."""
    faults = plan()
    faults.always("read", "standing")
    faults.next("read", "once")
    assert [faults.take("read") for _ in range(3)] == ["once", "standing", "standing"]


def test_clearing_one_method_leaves_the_others() -> None:
    """Orders for one method can be forgotten by themselves."""
    faults = plan()
    faults.next("read", "coming")
    faults.always("read", "standing")
    faults.always("write", "standing")
    faults.clear("read")
    assert faults.take("read") is None
    assert faults.take("write") == "standing"


def test_clearing_all_forgets_every_order() -> None:
    """Without a method, every order is forgotten."""
    faults = plan()
    faults.next("read", "coming")
    faults.always("write", "standing")
    faults.clear()
    assert faults.take("read") is None
    assert faults.take("write") is None


def test_an_unknown_method_is_refused() -> None:
    """A misspelt method is named, with those that exist."""
    with pytest.raises(ValueError, match="no method 'reed'; the methods are read, write"):
        plan().next("reed", "broken")


def test_an_order_for_no_call_is_refused() -> None:
    """An order must be for one call or more."""
    with pytest.raises(ValueError, match="times must be 1 or more, not 0"):
        plan().next("read", "broken", times=0)
