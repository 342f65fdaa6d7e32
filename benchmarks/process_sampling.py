"""Samplers of agents that have just started."""

import time

from benchmarks.case_kinds import PeakCase
from benchmarks.execute import CONTENT_TYPES, PATH, Execute
from benchmarks.quantities import Quantity, Reading
from benchmarks.raw_call import call
from benchmarks.site import Site
from benchmarks.systems import System
from mirastack_sdk._wire.codec.encoding import Encoding

_ENCODING = Encoding.PROTOBUF
_SMALL = Execute(action="get_status", params={"service": "checkout"})
# The time after which a program that has just started is idle.
_SETTLED_SECONDS = 0.5


class StartSampler:
    """Samples the time from the start of a process to its first response."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def prepare(self, system: System) -> None:
        """Start once, so that Python compiles the imported modules."""
        _first_answer(self._site, system)

    def sample(self, system: System) -> Reading:
        """Take one reading."""
        return {Quantity.TIME: _first_answer(self._site, system)}


class IdleSampler:
    """Samples the memory of a process that serves but has not been called."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def prepare(self, system: System) -> None:
        """Start once, because compiling the imported modules takes memory."""
        _first_answer(self._site, system)

    def sample(self, system: System) -> Reading:
        """Take one reading."""
        with self._site.process(system, _ENCODING) as server:
            time.sleep(_SETTLED_SECONDS)
            return {Quantity.MEMORY: server.resident_bytes()}


class PeakSampler:
    """Samples the peak memory of one large request."""

    def __init__(self, case: PeakCase, site: Site) -> None:
        self._execute = case.execute
        self._request = case.execute.request(_ENCODING)
        self._site = site

    def prepare(self, system: System) -> None:
        """Start once, because compiling the imported modules takes memory."""
        _first_answer(self._site, system)

    def sample(self, system: System) -> Reading:
        """Take one reading."""
        with self._site.process(system, _ENCODING) as server:
            response = call(server.port, PATH, self._request, CONTENT_TYPES[_ENCODING])
            self._execute.check(response, _ENCODING)
            return {Quantity.MEMORY: server.peak_bytes()}


def _first_answer(site: Site, system: System) -> float:
    """Return the seconds from the start of a process to its first response."""
    request = _SMALL.request(_ENCODING)
    process = site.process(system, _ENCODING)
    started = time.perf_counter()
    with process as server:
        response = call(server.port, PATH, request, CONTENT_TYPES[_ENCODING])
        seconds = time.perf_counter() - started
    _SMALL.check(response, _ENCODING)
    return seconds
