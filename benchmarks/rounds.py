"""The measurement of one case in rounds: each system once per round, in changing order."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.case_kinds import Case
from benchmarks.errors import MeasurementError
from benchmarks.quantities import Reading
from benchmarks.sampling import Sampler
from benchmarks.systems import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """The time that a run may take.

    `rounds` are made unless a case takes more than `case_seconds`; one is always made.
    """

    rounds: int
    sample_seconds: float
    case_seconds: float


FULL = Effort(rounds=5, sample_seconds=0.7, case_seconds=35.0)
QUICK = Effort(rounds=1, sample_seconds=0.1, case_seconds=4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """The readings of each system by name, one per round; a system that failed has a reason."""

    case: Case
    readings: dict[str, list[Reading]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(
    case: Case, sampler: Sampler, effort: Effort, on_failure: Callable[[System], None]
) -> CaseResult:
    """Measure one case; `on_failure` is called for a system that is not measured any further.

    However a system fails, the others are measured.
    """
    result = CaseResult(case=case)
    ends = time.monotonic() + effort.case_seconds

    def attempt(system: System, step: Callable[[System], None]) -> None:
        if system.name in result.failures:
            return
        try:
            step(system)
        except MeasurementError as error:
            result.failures[system.name] = str(error)
            on_failure(system)
        except Exception as error:  # noqa: BLE001 - one system must not lose the others' figures
            result.failures[system.name] = f"{type(error).__name__}: {error}"
            on_failure(system)

    def take(system: System) -> None:
        result.readings.setdefault(system.name, []).append(sampler.sample(system))

    for system in case.systems:
        attempt(system, sampler.prepare)
    for number in range(effort.rounds):
        for system in _rotated(case.systems, number):
            attempt(system, take)
        if time.monotonic() > ends:
            break
    return result


def _rotated(systems: Sequence[System], number: int) -> Sequence[System]:
    """Return the order of one round, so that no system is always first or last."""
    start = number % len(systems)
    return [*systems[start:], *systems[:start]]
