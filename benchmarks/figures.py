"""The figures of a report, computed from readings: medians, ratios, verdicts."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.cases import Metric
from benchmarks.quantities import Quantity
from benchmarks.rounds import CaseResult
from benchmarks.systems import OURS, REFERENCE


class Verdict(enum.Enum):
    """The verdict on a ratio, compared with its bounds."""

    AIM = "aim"
    LEAST = "at least"
    MISSED = "missed"
    FAILED = "failed"
    UNBOUNDED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The ratio of ours to the reference: the median of the rounds, the lowest and the highest."""

    middle: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One row of the report: medians by system, and where ours stands.

    `cpu_ratio` compares the processor time that the same work took.
    """

    name: str
    metric: Metric
    medians: Mapping[str, float]
    failures: Mapping[str, str]
    ratio: Ratio | None
    cpu_ratio: Ratio | None
    verdict: Verdict


def figures(result: CaseResult) -> list[Figures]:
    """Return the rows of a case."""
    return [_row(result, metric) for metric in result.case.metrics]


def verdict(metric: Metric, ratio: float) -> Verdict:
    """Return the verdict on a ratio."""
    if metric.least is None or metric.aim is None:
        return Verdict.UNBOUNDED
    sign = 1 if metric.quantity.more_is_better else -1
    if sign * ratio >= sign * metric.aim:
        return Verdict.AIM
    return Verdict.LEAST if sign * ratio >= sign * metric.least else Verdict.MISSED


def _row(result: CaseResult, metric: Metric) -> Figures:
    measured = _measured(result, metric.quantity)
    ratio = _ratio(measured)
    return Figures(
        name=result.case.name,
        metric=metric,
        medians={name: median(values) for name, values in measured.items()},
        failures=result.failures,
        ratio=ratio,
        cpu_ratio=_ratio(_measured(result, Quantity.CPU)),
        verdict=Verdict.FAILED if ratio is None else verdict(metric, ratio.middle),
    )


def _measured(result: CaseResult, quantity: Quantity) -> dict[str, list[float]]:
    return {
        name: [reading[quantity] for reading in readings if quantity in reading]
        for name, readings in result.readings.items()
        if name not in result.failures
    }


def _ratio(measured: Mapping[str, list[float]]) -> Ratio | None:
    """Compare readings of the same round, so that changes in the machine's speed cancel out."""
    pairs = zip(measured.get(OURS.name, []), measured.get(REFERENCE.name, []), strict=False)
    ratios = [ours / reference for ours, reference in pairs if reference]
    if not ratios:
        return None
    return Ratio(middle=median(ratios), lowest=min(ratios), highest=max(ratios))
