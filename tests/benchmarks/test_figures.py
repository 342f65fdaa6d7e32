"""The ratios and verdicts that the benchmarks compute."""

import pytest

from benchmarks.case_kinds import Bounds, LoadCase, Metric
from benchmarks.execute import Execute
from benchmarks.figures import Figures, Verdict, figures, verdict
from benchmarks.quantities import Quantity, Reading
from benchmarks.rounds import CaseResult

RATE = Metric(
    quantity=Quantity.RATE,
    title="rate",
    bounds={"ours": Bounds(least=1.5, aim=2.0), "compiled": Bounds(least=3.0, aim=4.0)},
)
MEMORY = Metric(
    quantity=Quantity.MEMORY, title="memory", bounds={"ours": Bounds(least=1.0, aim=0.7)}
)
UNBOUNDED = Metric(quantity=Quantity.RATE, title="rate")


@pytest.mark.parametrize(
    ("metric", "ratio", "expected"),
    [
        (RATE, 2.0, Verdict.AIM),
        (RATE, 1.5, Verdict.LEAST),
        (RATE, 1.49, Verdict.MISSED),
        (MEMORY, 0.7, Verdict.AIM),
        (MEMORY, 1.0, Verdict.LEAST),
        (MEMORY, 1.01, Verdict.MISSED),
        (UNBOUNDED, 0.1, Verdict.UNBOUNDED),
    ],
)
def test_a_ratio_is_held_to_its_bounds(metric: Metric, ratio: float, expected: Verdict) -> None:
    """More calls are better and less memory is, up to and including the bound."""
    assert verdict(metric, "ours", ratio) is expected


def test_each_build_has_bounds_of_its_own() -> None:
    """More is required of the compiled build, and nothing of a build without bounds."""
    assert verdict(RATE, "compiled", 2.0) is Verdict.MISSED
    assert verdict(RATE, "uvloop", 0.1) is Verdict.UNBOUNDED


def row(
    ours: list[float], reference: list[float], failures: dict[str, str] | None = None
) -> Figures:
    """Return the row for these rates."""
    case = LoadCase(name="case", metrics=(RATE,), execute=Execute(action="get_status"))
    readings: dict[str, list[Reading]] = {
        "ours": [{Quantity.RATE: value} for value in ours],
        "a": [{Quantity.RATE: value} for value in reference],
    }
    (figure,) = figures(CaseResult(case=case, readings=readings, failures=failures or {}))
    return figure


def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    """A round in which the whole machine was slow does not change the ratio."""
    ratio = row([200.0, 20.0, 330.0], [100.0, 10.0, 110.0]).standing("ours").ratio
    assert ratio is not None
    assert (ratio.middle, ratio.lowest, ratio.highest) == (2.0, 2.0, 3.0)


def test_a_system_that_fails_has_no_figure() -> None:
    """Readings taken before a failure are not reported, and the verdict says that it failed."""
    failed = row([200.0], [100.0, 100.0], {"ours": "the connection was closed"})
    assert failed.standing("ours").verdict is Verdict.FAILED
    assert failed.medians == {"a": 100.0}
    assert failed.failures == {"ours": "the connection was closed"}


def test_the_middle_half_leaves_single_rounds_out() -> None:
    """One round in five that something has disturbed does not widen the middle half."""
    ratio = row([200.0, 210.0, 220.0, 230.0, 900.0], [100.0] * 5).standing("ours").ratio
    assert ratio is not None
    assert (ratio.lower, ratio.upper) == (2.1, 2.3)


def test_one_round_is_its_own_spread() -> None:
    """A quick run has one round, and so no quartiles."""
    ratio = row([300.0], [100.0]).standing("ours").ratio
    assert ratio is not None
    assert {ratio.lowest, ratio.lower, ratio.middle, ratio.upper, ratio.highest} == {3.0}
