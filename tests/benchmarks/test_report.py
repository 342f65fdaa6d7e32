"""The report of a run: its tables, and what it says about what is missing."""

from benchmarks.case_kinds import Bounds, Case, Metric
from benchmarks.cases import CASES
from benchmarks.figures import Figures, figures
from benchmarks.quantities import Quantity, Reading
from benchmarks.reasons import REASONS
from benchmarks.report import report
from benchmarks.rounds import CaseResult
from benchmarks.systems import ALL, COMPILED, GRPCIO_AIO, OURS
from benchmarks.tables import builds_table, peers_table


def rows(compiled: float | None = None, name: str = "execute-1") -> list[Figures]:
    """Return the row of a case in which (a) makes 100 calls a second, and ours 200."""
    bounds = {"ours": Bounds(least=3, aim=4), "compiled": Bounds(least=5, aim=6)}
    case = Case(
        name=name,
        metrics=(Metric(quantity=Quantity.RATE, title="rate", bounds=bounds),),
        systems=(OURS, GRPCIO_AIO, COMPILED),
    )
    rates = {"ours": 200.0, "a": 100.0} | ({} if compiled is None else {"compiled": compiled})
    readings: dict[str, list[Reading]] = {n: [{Quantity.RATE: v}] for n, v in rates.items()}
    return figures(CaseResult(case=case, readings=readings))


def cells(line: str) -> list[str]:
    """Return the cells of a table's line."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_each_build_is_held_to_its_own_bounds() -> None:
    """The table of builds has a line for each, and names a case once."""
    _, _, pure, compiled = map(cells, builds_table(rows(compiled=550.0)).splitlines())
    assert pure[:5] == ["rate", "execute-1", "pure", "200/s", "2.00"]
    assert pure[-3:] == ["≥ 3", "≥ 4", "missed"]
    assert compiled[:5] == ["", "", "compiled", "550/s", "5.50"]
    assert compiled[-3:] == ["≥ 5", "≥ 6", "at least"]


def test_a_case_without_other_builds_is_in_the_first_table_alone() -> None:
    """Every case is in the table of peers; that of builds may be empty."""
    assert builds_table(rows()) == ""
    assert "| execute-1 " in peers_table(rows())


def test_what_is_left_out_and_missed_is_explained() -> None:
    """The report names a system that could not be had, and why a ratio is missed."""
    left_out = {"compiled": "uv is not installed"}
    text = report(rows(name="start"), [("date", "today")], left_out, "python -m benchmarks", 1.0)
    assert "## Left out\n\n- compiled: uv is not installed\n" in text
    assert f"- rate (start), ours: {REASONS['start', 'ours']}\n" in text


def test_each_reason_is_for_a_ratio_that_is_required() -> None:
    """Reasons that no row can need are found here."""
    required = {
        (case.name, system) for case in CASES for metric in case.metrics for system in metric.bounds
    }
    assert REASONS.keys() <= required


def test_bounds_are_those_of_measured_systems() -> None:
    """Each system that a bound names is measured in the case, and exists."""
    assert len({system.name for system in ALL}) == len(ALL)
    for case in CASES:
        measured = {system.name for system in case.systems}
        for metric in case.metrics:
            assert metric.bounds.keys() <= measured, case.name
