"""The figures of a report, computed from readings: medians, ratios, verdicts."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.case_kinds import Metric
from benchmarks.quantities import Quantity
from benchmarks.rounds import CaseResult
from benchmarks.systems import REFERENCE


class Verdict(enum.Enum):
    """The verdict on a ratio, compared with its bounds."""

    AIM = "aim"
    LEAST = "at least"
    MISSED = "missed"
    FAILED = "failed"
    UNBOUNDED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio to the reference: the median of the rounds, the middle half of them, and the ends."""

    middle: float
    lower: float
    upper: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a system stands, compared with the reference.

    `cpu_ratio` compares the processor time that the same work took.
    """

    ratio: Ratio | None = None
    cpu_ratio: Ratio | None = None
    verdict: Verdict = Verdict.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One metric of one case: the median of each system that was measured, and where it stands."""

    name: str
    metric: Metric
    medians: Mapping[str, float]
    failures: Mapping[str, str]
    standings: Mapping[str, Standing] = field(default_factory=dict)

    def standing(self, system: str) -> Standing:
        """Where a system stands; one that has no figure has failed."""
        return self.standings.get(system, Standing())


def figures(result: CaseResult, reference: str = REFERENCE.name) -> list[Figures]:
    """Return the figures of a case, one for each metric."""
    return [_figures(result, metric, reference) for metric in result.case.metrics]


def verdict(metric: Metric, system: str, ratio: float) -> Verdict:
    """Return the verdict on the ratio of a system."""
    bounds = metric.bounds.get(system)
    if bounds is None:
        return Verdict.UNBOUNDED
    sign = 1 if metric.quantity.more_is_better else -1
    if sign * ratio >= sign * bounds.aim:
        return Verdict.AIM
    return Verdict.LEAST if sign * ratio >= sign * bounds.least else Verdict.MISSED


def _figures(result: CaseResult, metric: Metric, reference: str) -> Figures:
    measured = _measured(result, metric.quantity)
    cpu = _measured(result, Quantity.CPU)
    standings: dict[str, Standing] = {}
    for system in measured:
        ratio = _ratio(measured, system, reference)
        standings[system] = Standing(
            ratio=ratio,
            cpu_ratio=_ratio(cpu, system, reference),
            verdict=Verdict.FAILED if ratio is None else verdict(metric, system, ratio.middle),
        )
    return Figures(
        name=result.case.name,
        metric=metric,
        medians={name: median(values) for name, values in measured.items()},
        failures=result.failures,
        standings=standings,
    )


def _measured(result: CaseResult, quantity: Quantity) -> dict[str, list[float]]:
    measured = {
        name: [reading[quantity] for reading in readings if quantity in reading]
        for name, readings in result.readings.items()
        if name not in result.failures
    }
    return {name: values for name, values in measured.items() if values}


def _ratio(measured: Mapping[str, list[float]], system: str, reference: str) -> Ratio | None:
    """Compare readings of the same round, so that changes in the machine's speed cancel out."""
    pairs = zip(measured.get(system, []), measured.get(reference, []), strict=False)
    ratios = [value / compared for value, compared in pairs if compared]
    if not ratios:
        return None
    # One value has no quartiles.
    lower, _, upper = quantiles(
        [*ratios, *ratios] if len(ratios) == 1 else ratios, method="inclusive"
    )
    return Ratio(
        middle=median(ratios),
        lower=lower,
        upper=upper,
        lowest=min(ratios),
        highest=max(ratios),
    )
