"""The kinds of cases: what is measured, of which systems, and which ratios are required."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.execute import Execute
from benchmarks.quantities import Quantity
from benchmarks.systems import GRPCIO_AIO, GRPCIO_THREADS, GRPCLIB, OURS, System
from mirastack_sdk._wire.codec.encoding import Encoding

COMPARED = (OURS, GRPCIO_AIO, GRPCIO_THREADS, GRPCLIB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The ratio to the reference that is required of a system, and the one that is aimed at."""

    least: float
    aim: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of the report; `bounds` are those of systems, by their names."""

    quantity: Quantity
    title: str
    bounds: Mapping[str, Bounds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The parameters of one measurement; `name` is the value for `--only`."""

    name: str
    metrics: tuple[Metric, ...]
    systems: tuple[System, ...] = COMPARED


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCase(Case):
    """Calls from a client, one after the response to the last; `in_flight` is per connection.

    `first` is with how many calls the number for one sample is found out. With `one_cpu`, the
    server runs on one processor.
    """

    execute: Execute
    encoding: Encoding = Encoding.PROTOBUF
    connections: int = 1
    in_flight: int = 1
    from_grpcio: bool = False
    one_cpu: bool = False
    first: int = 100
    sample_factor: float = 1.0

    def encoding_for(self, system: System) -> Encoding:
        """The encoding a system is called in: protobuf if it cannot speak the case's."""
        return self.encoding if system.speaks_json else Encoding.PROTOBUF


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackCase(Case):
    """One Execute that calls a canned engine many times."""

    at_once: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCase(Case):
    """One call with a stream of small messages, which the server sends or receives."""

    direction: Literal["responses", "requests"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCase(Case):
    """A new process, from its start to the first response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleCase(Case):
    """A new process that is idle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakCase(Case):
    """A new process that gets one large request."""

    execute: Execute


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecCase(Case):
    """One request that is read or written again and again, without any call."""

    execute: Execute
    work: Literal["read", "write"]
