"""The rounds of a measurement: who is measured, and what a failure costs."""

import pytest

from benchmarks.case_kinds import Case, Metric
from benchmarks.errors import MeasurementError
from benchmarks.quantities import Quantity, Reading
from benchmarks.rounds import Effort, measure
from benchmarks.systems import GRPCIO_AIO, GRPCLIB, OURS, System

CASE = Case(
    name="case",
    metrics=(Metric(quantity=Quantity.RATE, title="rate"),),
    systems=(OURS, GRPCIO_AIO, GRPCLIB),
)
EFFORT = Effort(rounds=3, sample_seconds=0.0, case_seconds=60.0)


class Failing:
    """A sampler that fails for one system, in its second reading or while it is prepared."""

    def __init__(self, error: Exception, *, when_prepared: bool) -> None:
        self._error = error
        self._when_prepared = when_prepared
        self._samples = 0

    def prepare(self, system: System) -> None:
        if system is GRPCLIB and self._when_prepared:
            raise self._error

    def sample(self, system: System) -> Reading:
        if system is GRPCLIB:
            self._samples += 1
            if self._samples == 2:
                raise self._error
        return {Quantity.RATE: 1.0}


@pytest.mark.parametrize("when_prepared", [True, False])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MeasurementError("the connection was closed"), "the connection was closed"),
        (FileNotFoundError(2, "No such file", "h2load"), "FileNotFoundError: [Errno 2] No such"),
        (ValueError("no JSON"), "ValueError: no JSON"),
    ],
)
def test_one_system_that_fails_does_not_lose_the_others(
    error: Exception, reason: str, when_prepared: bool
) -> None:
    """However it fails, its programs are ended, and the others have all their readings."""
    ended: list[System] = []
    result = measure(CASE, Failing(error, when_prepared=when_prepared), EFFORT, ended.append)
    assert result.failures.keys() == {"c"}
    assert result.failures["c"].startswith(reason)
    assert ended == [GRPCLIB]
    assert len(result.readings["ours"]) == len(result.readings["a"]) == EFFORT.rounds
