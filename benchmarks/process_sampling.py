"""Readings of agents that have just been started."""

import time

from benchmarks.cases import PeakCase
from benchmarks.execute import CONTENT_TYPES, PATH, Execute
from benchmarks.quantities import Quantity, Reading
from benchmarks.raw_call import call
from benchmarks.site import Site
from benchmarks.systems import System
from mirastack_sdk._wire.codec.encoding import Encoding

_ENCODING = Encoding.PROTOBUF
_SMALL = Execute(action="get_status", params={"service": "checkout"})
# The time in which a program that has just started comes to rest.
_SETTLED_SECONDS = 0.5


class StartSampler:
    """Samples the time from the start of a process to its first answer."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def prepare(self, system: System) -> None:
        """Let Python compile what it will import."""
        _first_answer(self._site, system)

    def sample(self, system: System) -> Reading:
        """Take one reading."""
        return {Quantity.TIME: _first_answer(self._site, system)}


class IdleSampler:
    """Samples the memory of a process that serves and has not been called."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def prepare(self, system: System) -> None:
        """Let Python compile what it will import: that leaves memory behind."""
        _first_answer(self._site, system)

    def sample(self, system: System) -> Reading:
        """Take one reading."""
        with self._site.process(system, _ENCODING) as server:
            time.sleep(_SETTLED_SECONDS)
            return {Quantity.MEMORY: server.resident_bytes()}


class PeakSampler:
    """Samples the most memory that one large request takes."""

    def __init__(self, case: PeakCase, site: Site) -> None:
        self._execute = case.execute
        self._request = case.execute.request(_ENCODING)
        self._site = site

    def prepare(self, system: System) -> None:
        """Let Python compile what it will import: that leaves memory behind."""
        _first_answer(self._site, system)

    def sample(self, system: System) -> Reading:
        """Take one reading."""
        with self._site.process(system, _ENCODING) as server:
            reply = call(server.port, PATH, self._request, CONTENT_TYPES[_ENCODING])
            self._execute.check(reply, _ENCODING)
            return {Quantity.MEMORY: server.peak_bytes()}


def _first_answer(site: Site, system: System) -> float:
    """Seconds from the start of a process to its first answer."""
    request = _SMALL.request(_ENCODING)
    process = site.process(system, _ENCODING)
    started = time.perf_counter()
    with process as server:
        reply = call(server.port, PATH, request, CONTENT_TYPES[_ENCODING])
        seconds = time.perf_counter() - started
    _SMALL.check(reply, _ENCODING)
    return seconds
