"""Faults apply in the order in which a test has ordered them."""

import pytest

from mirastack_sdk.testing._faults import FaultPlan


def plan() -> FaultPlan[str]:
    """A plan for two methods."""
    return FaultPlan[str](("read", "write"))


def test_faults_apply_in_order() -> None:
    """Faults for coming calls apply first to last, each as often as ordered."""
    faults = plan()
    faults.next("read", "first", times=2)
    faults.next("read", "second")
    assert [faults.take("read") for _ in range(4)] == ["first", "first", "second", None]


def test_a_permanent_fault_applies_last() -> None:
    """It applies to every call that has no other fault."""
    faults = plan()
    faults.always("read", "standing")
    faults.next("read", "once")
    assert [faults.take("read") for _ in range(3)] == ["once", "standing", "standing"]


def test_clearing_one_method_leaves_the_others() -> None:
    """The faults of one method can be removed alone."""
    faults = plan()
    faults.next("read", "coming")
    faults.always("read", "standing")
    faults.always("write", "standing")
    faults.clear("read")
    assert faults.take("read") is None
    assert faults.take("write") == "standing"


def test_clearing_all_removes_every_fault() -> None:
    """Without a method, every fault is removed."""
    faults = plan()
    faults.next("read", "coming")
    faults.always("write", "standing")
    faults.clear()
    assert faults.take("read") is None
    assert faults.take("write") is None


def test_an_unknown_method_is_refused() -> None:
    """The error names the misspelt method and those that exist."""
    with pytest.raises(ValueError, match="no method 'reed'; the methods are read, write"):
        plan().next("reed", "broken")


def test_an_order_for_no_call_is_refused() -> None:
    """A fault must apply to at least one call."""
    with pytest.raises(ValueError, match="times must be 1 or more, not 0"):
        plan().next("read", "broken", times=0)
