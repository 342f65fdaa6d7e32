"""The sampler for each kind of case."""

from typing import Protocol

from benchmarks.cases import (
    CallbackCase,
    Case,
    CodecCase,
    IdleCase,
    LoadCase,
    PeakCase,
    StartCase,
)
from benchmarks.codec_sampling import CodecSampler
from benchmarks.load_sampling import CallbackSampler, LoadSampler
from benchmarks.process_sampling import IdleSampler, PeakSampler, StartSampler
from benchmarks.quantities import Reading
from benchmarks.site import Site
from benchmarks.systems import System


class Sampler(Protocol):
    """Takes readings; raises `MeasurementError` for a system that cannot be measured."""

    def prepare(self, system: System) -> None:
        """Warm the system up, and check that its responses are right."""

    def sample(self, system: System) -> Reading:
        """Take one reading."""


def sampler(case: Case, site: Site, seconds: float) -> Sampler:
    """Return the sampler of a case; each load lasts about so many seconds."""
    match case:
        case LoadCase():
            return LoadSampler(case, site, seconds * case.sample_factor)
        case CallbackCase():
            return CallbackSampler(case, site, seconds)
        case CodecCase():
            return CodecSampler(case, site, seconds)
        case StartCase():
            return StartSampler(site)
        case IdleCase():
            return IdleSampler(site)
        case PeakCase():
            return PeakSampler(case, site)
        case _:
            raise TypeError(f"nothing samples a {type(case).__name__}")
