"""The comparison of two revisions: what its table says."""

import pytest

from benchmarks.case_kinds import Case, Metric
from benchmarks.cases import CASES
from benchmarks.comparison import COMPARED_CASES, comparison_table
from benchmarks.figures import figures
from benchmarks.quantities import Quantity, Reading
from benchmarks.rounds import CaseResult


def change(quantity: Quantity, then: list[float], now: list[float]) -> str:
    """Return the last cell of the row for these readings."""
    case = Case(name="case", metrics=(Metric(quantity=quantity, title="title"),))
    readings: dict[str, list[Reading]] = {
        "1234567": [{quantity: value} for value in then],
        "now": [{quantity: value} for value in now],
    }
    rows = figures(CaseResult(case=case, readings=readings), "1234567")
    line = comparison_table(rows, "1234567", "now").splitlines()[2]
    return line.strip("|").split("|")[-1].strip()


@pytest.mark.parametrize(
    ("quantity", "now", "expected"),
    [
        (Quantity.RATE, [120.0, 125.0, 120.0, 124.0, 50.0], "better"),
        (Quantity.RATE, [80.0, 85.0, 80.0, 84.0, 250.0], "worse"),
        (Quantity.CPU, [120.0, 125.0, 120.0, 124.0, 50.0], "worse"),
        (Quantity.MEMORY, [80.0, 85.0, 80.0, 84.0, 250.0], "better"),
        (Quantity.RATE, [80.0, 90.0, 100.0, 120.0, 130.0], "about the same"),
    ],
)
def test_a_change_must_show_in_most_rounds(
    quantity: Quantity, now: list[float], expected: str
) -> None:
    """One round that something has disturbed changes nothing; a wide spread says nothing."""
    assert change(quantity, [100.0] * 5, now) == expected


def test_less_processor_time_is_seen_beside_the_rate() -> None:
    """On a busy machine, the processor time shows what rates hide."""
    case = Case(name="case", metrics=(Metric(quantity=Quantity.RATE, title="title"),))
    rates = [90.0, 110.0, 95.0, 105.0, 100.0]
    readings: dict[str, list[Reading]] = {
        "1234567": [{Quantity.RATE: 100.0, Quantity.CPU: 1.0} for _ in rates],
        "now": [{Quantity.RATE: rate, Quantity.CPU: 0.9 + rate / 10_000} for rate in rates],
    }
    rows = figures(CaseResult(case=case, readings=readings), "1234567")
    assert "| about the same, less CPU |" in comparison_table(rows, "1234567", "now")


def test_one_round_says_nothing() -> None:
    """A quick run prints its ratio, and no verdict."""
    assert change(Quantity.RATE, [100.0], [200.0]) == ""


def test_a_failure_is_not_a_change() -> None:
    """A revision that could not be measured is said to be that."""
    assert change(Quantity.RATE, [], [200.0]) == "not measured"


def test_the_chosen_cases_exist() -> None:
    """Cases that are compared without being asked for are in the table of cases."""
    assert set(COMPARED_CASES) <= {case.name for case in CASES}
