"""The measurement of cases, one after the other, of all systems that can be had."""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.case_kinds import Case, LoadCase
from benchmarks.errors import MeasurementError
from benchmarks.rounds import CaseResult, Effort, measure
from benchmarks.sampling import sampler
from benchmarks.site import Site
from benchmarks.systems import System


def missing_systems(cases: Sequence[Case], site: Site) -> dict[str, str]:
    """Return the names of the systems that cannot be had, and why."""
    missing: dict[str, str] = {}
    for system in dict.fromkeys(system for case in cases for system in case.systems):
        try:
            site.interpreters.find(system)
        except MeasurementError as error:
            missing[system.name] = str(error)
            _note(f"{system.name}: left out: {error}")
    return missing


def with_systems(cases: Sequence[Case], wanted: Sequence[System]) -> list[Case]:
    """Return the cases with those of their systems that are wanted."""
    narrowed = [
        replace(case, systems=tuple(system for system in case.systems if system in wanted))
        for case in cases
    ]
    return [case for case in narrowed if case.systems]


def measure_all(cases: Sequence[Case], site: Site, effort: Effort) -> list[CaseResult]:
    """Return the readings of each case."""
    results: list[CaseResult] = []
    for case in cases:
        if isinstance(case, LoadCase) and not site.can_send(case.encoding):
            _note(f"{case.name}: left out, it takes h2load")
            continue
        began = time.monotonic()
        sampled = sampler(case, site, effort.sample_seconds)
        results.append(measure(case, sampled, effort, site.end))
        _note(f"{case.name}: {time.monotonic() - began:.1f} s")
    return results


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")
