"""The sampler for each kind of case."""

from typing import Protocol

from benchmarks.case_kinds import (
    CallbackCase,
    Case,
    CodecCase,
    IdleCase,
    LoadCase,
    PeakCase,
    StartCase,
    StreamCase,
)
from benchmarks.codec_sampling import CodecSampler
from benchmarks.load_sampling import CallbackSampler, LoadSampler
from benchmarks.process_sampling import IdleSampler, PeakSampler, StartSampler
from benchmarks.quantities import Reading
from benchmarks.site import Site
from benchmarks.stream_sampling import StreamSampler
from benchmarks.systems import System


class Sampler(Protocol):
    """Takes readings; raises `MeasurementError` for a system that cannot be measured."""

    def prepare(self, system: System) -> None:
        """Warm the system up, and check that its responses are right."""

    def sample(self, system: System) -> Reading:
        """Take one reading."""


def sampler(case: Case, site: Site, seconds: float) -> Sampler:
    """Return the sampler of a case; each load lasts about so many seconds."""
    sampled: Sampler
    match case:
        case LoadCase():
            sampled = LoadSampler(case, site, seconds * case.sample_factor)
        case CallbackCase():
            sampled = CallbackSampler(case, site, seconds)
        case StreamCase():
            sampled = StreamSampler(case, site, seconds)
        case CodecCase():
            sampled = CodecSampler(case, site, seconds)
        case StartCase():
            sampled = StartSampler(site)
        case IdleCase():
            sampled = IdleSampler(site)
        case PeakCase():
            sampled = PeakSampler(case, site)
        case _:
            raise TypeError(f"nothing samples a {type(case).__name__}")
    return sampled
