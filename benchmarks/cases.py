"""The table of cases, and of the ratios that are required."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.execute import Execute
from benchmarks.quantities import Quantity
from benchmarks.systems import ALL, GRPCIO_AIO, GRPCIO_THREADS, OURS, System
from mirastack_sdk._wire.codec.encoding import Encoding

KILOBYTE = 1000
MEGABYTE = 1 << 20
_WITH_JSON = (OURS, GRPCIO_AIO, GRPCIO_THREADS)
# What grpcio's servers read and write with is Google's implementation in C.
_WITH_CODECS = (OURS, GRPCIO_AIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of the report.

    `least` and `aim` bound the ratio to the reference. `reason` says why a ratio that is missed
    cannot be reached.
    """

    quantity: Quantity
    title: str
    least: float | None = None
    aim: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The parameters of one measurement; `name` is the value for `--only`."""

    name: str
    metrics: tuple[Metric, ...]
    systems: tuple[System, ...] = ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCase(Case):
    """Calls from a client, one after the response to the last; `in_flight` is per connection.

    `first` is with how many calls the number for one sample is found out.
    """

    execute: Execute
    encoding: Encoding = Encoding.PROTOBUF
    connections: int = 1
    in_flight: int = 1
    from_grpcio: bool = False
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


_STATUS = Execute(action="get_status", params={"service": "checkout"})
_WAIT = Execute(action="wait", params={"seconds": "0.1"})


def _produce(size: int) -> Execute:
    return Execute(action="produce", params={"size": str(size)})


def _consume(size: int) -> Execute:
    return Execute(action="consume", params={"rows": "x" * size})


def _rate(
    title: str, least: float | None = None, aim: float | None = None, reason: str = ""
) -> tuple[Metric, ...]:
    return (Metric(quantity=Quantity.RATE, title=title, least=least, aim=aim, reason=reason),)


_A_READ_A_CALL = (
    "a read, a write and a turn of asyncio's loop for every call cost half as much as all the rest "
    "of it, and nothing shares them; (a) does the same on threads of its own, and so on more than "
    "one processor, which is why its processor time is further from ours than its rate"
)

_ONE_PROCESSOR = (
    "(a) takes about three times our processor time for a call, but has threads of its own for it, "
    "so that on a machine with a fast processor it computes on both while ours fills one"
)
_BOTH_WAIT = (
    "on a fast machine nobody computes for long: 1,000 calls that wait 100 ms cannot be more than "
    "10,000 a second, and the processor time, of which (a) takes half as much again, is not what "
    "limits them"
)
_ESCAPES = (
    "more than a third of our time is json's own escaping of the text, which (a) needs as well, so "
    "that all the rest would have to take half of what it takes (a)"
)
_LOADS = (
    "loading takes 690 million instructions, of which asyncio needs 270; grpcio and google "
    "protobuf load in 410, since they are compiled, and asyncio with them"
)


def _cpu(title: str, least: float | None = None, aim: float | None = None) -> tuple[Metric, ...]:
    return (Metric(quantity=Quantity.CPU, title=title, least=least, aim=aim),)


_SMALL: tuple[LoadCase, ...] = (
    LoadCase(
        name="execute-32",
        metrics=(
            *_cpu("server CPU a call, 32 in flight, protobuf", 0.40, 0.20),
            *_rate("calls a second, 32 in flight, protobuf", 2.5, 5, _ONE_PROCESSOR),
        ),
        execute=_STATUS,
        in_flight=32,
    ),
    LoadCase(
        name="execute-1",
        metrics=_rate("calls a second, 1 in flight, protobuf", 1.5, 2.5),
        execute=_STATUS,
    ),
    LoadCase(
        name="json-32",
        metrics=_rate("calls a second, 32 in flight, JSON", 2.0, 4),
        systems=_WITH_JSON,
        execute=_STATUS,
        encoding=Encoding.JSON,
        in_flight=32,
    ),
    LoadCase(
        name="json-1",
        metrics=_rate("calls a second, 1 in flight, JSON", 1.3, 2),
        systems=_WITH_JSON,
        execute=_STATUS,
        encoding=Encoding.JSON,
    ),
    LoadCase(
        name="grpcio-32",
        metrics=(
            *_cpu("server CPU a call, 32 in flight, load from grpcio"),
            *_rate("calls a second, 32 in flight, load from grpcio"),
        ),
        execute=_STATUS,
        in_flight=32,
        from_grpcio=True,
    ),
    LoadCase(
        name="grpcio-1",
        metrics=_rate("calls a second, 1 in flight, load from grpcio"),
        execute=_STATUS,
        from_grpcio=True,
    ),
    LoadCase(
        name="connections-32",
        metrics=_rate("calls a second, 32 connections with 1 call each", 2, 3.5, _A_READ_A_CALL),
        execute=_STATUS,
        connections=32,
    ),
    LoadCase(
        name="waiting-1000",
        metrics=_rate("calls a second, 1,000 in flight, each waiting 100 ms", 1.2, 1.5, _BOTH_WAIT),
        execute=_WAIT,
        in_flight=1000,
        first=100,
        sample_factor=2.5,
    ),
)

_LARGE: tuple[LoadCase, ...] = (
    LoadCase(
        name="result-100k",
        metrics=_rate("100 KB results, 8 in flight", 1.5, 2, _ESCAPES),
        execute=_produce(100 * KILOBYTE),
        in_flight=8,
        first=20,
    ),
    LoadCase(
        name="result-1m",
        metrics=_rate("1 MB results, 4 in flight", 0.9, 1.2),
        execute=_produce(MEGABYTE),
        in_flight=4,
        first=8,
    ),
    LoadCase(
        name="request-1m",
        metrics=_rate("1 MB requests, 4 in flight", 0.9, 1.2),
        execute=_consume(MEGABYTE),
        in_flight=4,
        first=8,
    ),
    LoadCase(
        name="result-32m",
        metrics=_rate("32 MB results, 1 in flight", 0.9, 1.2),
        execute=_produce(32 * MEGABYTE),
        first=1,
    ),
    LoadCase(
        name="request-32m",
        metrics=_rate("32 MB requests, 1 in flight", 0.9, 1.2),
        execute=_consume(32 * MEGABYTE),
        first=1,
    ),
)

_CALLBACKS: tuple[CallbackCase, ...] = (
    CallbackCase(
        name="callbacks-1",
        metrics=_rate("callbacks a second, 1 in flight", 1.2, 1.5),
        at_once=1,
    ),
    CallbackCase(
        name="callbacks-32",
        metrics=_rate("callbacks a second, 32 in flight", 0.9, 1.5),
        at_once=32,
    ),
)

_PROCESSES: tuple[Case, ...] = (
    PeakCase(
        name="peak-32m",
        metrics=(
            Metric(
                quantity=Quantity.MEMORY,
                title="peak memory of a 32 MB request",
                least=1.0,
                aim=0.7,
            ),
        ),
        execute=_consume(32 * MEGABYTE),
    ),
    StartCase(
        name="start",
        metrics=(
            Metric(
                quantity=Quantity.TIME,
                title="start to first answer",
                least=1.5,
                aim=1.0,
                reason=_LOADS,
            ),
        ),
    ),
    IdleCase(
        name="idle",
        metrics=(Metric(quantity=Quantity.MEMORY, title="idle memory", least=0.85, aim=0.6),),
    ),
)

_CODECS: tuple[CodecCase, ...] = (
    CodecCase(
        name="codec-read",
        metrics=_cpu("CPU to read an ExecuteRequest, protobuf", 16, 14),
        systems=_WITH_CODECS,
        execute=_STATUS,
        work="read",
    ),
    CodecCase(
        name="codec-write",
        metrics=_cpu("CPU to write an ExecuteRequest, protobuf", 15, 13),
        systems=_WITH_CODECS,
        execute=_STATUS,
        work="write",
    ),
)

CASES: tuple[Case, ...] = (*_SMALL, *_CALLBACKS, *_LARGE, *_CODECS, *_PROCESSES)
