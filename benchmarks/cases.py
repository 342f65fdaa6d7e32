"""The table of cases, and of the ratios that are required."""

from collections.abc import Mapping

from benchmarks.case_kinds import (
    COMPARED,
    Bounds,
    CallbackCase,
    Case,
    CodecCase,
    IdleCase,
    LoadCase,
    Metric,
    PeakCase,
    StartCase,
    StreamCase,
)
from benchmarks.execute import Execute
from benchmarks.quantities import Quantity
from benchmarks.systems import (
    COMPILED,
    COMPILED_SPEED,
    GRPCIO_AIO,
    GRPCIO_THREADS,
    OURS,
    PYGRPC_NATIVE,
    SPEED,
    UVLOOP,
)
from mirastack_sdk._wire.codec.encoding import Encoding

KILOBYTE = 1000
MEGABYTE = 1 << 20
_WITH_JSON = (OURS, GRPCIO_AIO, GRPCIO_THREADS)
# What grpcio's servers read and write with is Google's implementation in C.
_WITH_CODECS = (OURS, GRPCIO_AIO)

_STATUS = Execute(action="get_status", params={"service": "checkout"})
_WAIT = Execute(action="wait", params={"seconds": "0.1"})


def _produce(size: int) -> Execute:
    return Execute(action="produce", params={"size": str(size)})


def _consume(size: int) -> Execute:
    return Execute(action="consume", params={"rows": "x" * size})


def _required(aim: float, ours: float, compiled: float | None = None) -> dict[str, Bounds]:
    """The ratios that are required of the pure build and of the compiled one."""
    bounds = {OURS.name: Bounds(least=ours, aim=aim)}
    if compiled is not None:
        bounds[COMPILED.name] = Bounds(least=compiled, aim=aim)
    return bounds


def _metric(
    quantity: Quantity, title: str, bounds: Mapping[str, Bounds] | None = None
) -> tuple[Metric, ...]:
    return (Metric(quantity=quantity, title=title, bounds=bounds or {}),)


def _rate(title: str, bounds: Mapping[str, Bounds] | None = None) -> tuple[Metric, ...]:
    return _metric(Quantity.RATE, title, bounds)


def _cpu(title: str, bounds: Mapping[str, Bounds] | None = None) -> tuple[Metric, ...]:
    return _metric(Quantity.CPU, title, bounds)


_SMALL: tuple[LoadCase, ...] = (
    LoadCase(
        name="execute-32",
        metrics=(
            *_cpu("server CPU a call, 32 in flight, protobuf", _required(0.2, 0.4)),
            *_rate("calls a second, 32 in flight, protobuf", _required(6, 3.2, 4.7)),
        ),
        systems=(*COMPARED, PYGRPC_NATIVE, COMPILED, UVLOOP, SPEED),
        execute=_STATUS,
        in_flight=32,
    ),
    LoadCase(
        name="execute-1",
        metrics=_rate("calls a second, 1 in flight, protobuf", _required(3.5, 2.4, 3)),
        systems=(*COMPARED, PYGRPC_NATIVE, COMPILED, UVLOOP),
        execute=_STATUS,
    ),
    LoadCase(
        name="json-32",
        metrics=_rate("calls a second, 32 in flight, JSON", _required(5, 3, 4.2)),
        systems=(*_WITH_JSON, COMPILED, SPEED),
        execute=_STATUS,
        encoding=Encoding.JSON,
        in_flight=32,
    ),
    LoadCase(
        name="json-1",
        metrics=_rate("calls a second, 1 in flight, JSON", _required(2, 1.3)),
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
        metrics=_rate("calls a second, 32 connections with 1 call each", _required(5, 2.3, 3.5)),
        systems=(*COMPARED, PYGRPC_NATIVE, COMPILED, UVLOOP),
        execute=_STATUS,
        connections=32,
    ),
    LoadCase(
        name="one-cpu-32",
        metrics=_rate("calls a second, 32 in flight, server on one CPU"),
        systems=(OURS, GRPCIO_AIO, PYGRPC_NATIVE, COMPILED, UVLOOP),
        execute=_STATUS,
        in_flight=32,
        one_cpu=True,
    ),
    LoadCase(
        name="one-cpu-connections",
        metrics=_rate("calls a second, 32 connections, server on one CPU"),
        systems=(OURS, GRPCIO_AIO, PYGRPC_NATIVE, COMPILED, UVLOOP),
        execute=_STATUS,
        connections=32,
        one_cpu=True,
    ),
    LoadCase(
        name="waiting-1000",
        metrics=_rate("calls a second, 1,000 in flight, each waiting 100 ms", _required(1.5, 1.2)),
        execute=_WAIT,
        in_flight=1000,
        first=100,
        sample_factor=2.5,
    ),
)

_LARGE: tuple[LoadCase, ...] = (
    LoadCase(
        name="result-100k",
        metrics=_rate(
            "100 KB results, 8 in flight",
            _required(2, 1.4, 1.6)
            | {
                SPEED.name: Bounds(least=2, aim=3),
                COMPILED_SPEED.name: Bounds(least=2.2, aim=3),
            },
        ),
        systems=(*COMPARED, PYGRPC_NATIVE, COMPILED, SPEED, COMPILED_SPEED),
        execute=_produce(100 * KILOBYTE),
        in_flight=8,
        first=20,
    ),
    LoadCase(
        name="result-1m",
        metrics=_rate("1 MB results, 4 in flight", _required(1.2, 0.9)),
        systems=(*COMPARED, SPEED),
        execute=_produce(MEGABYTE),
        in_flight=4,
        first=8,
    ),
    LoadCase(
        name="request-1m",
        metrics=_rate("1 MB requests, 4 in flight", _required(1.2, 0.9)),
        execute=_consume(MEGABYTE),
        in_flight=4,
        first=8,
    ),
    LoadCase(
        name="result-32m",
        metrics=_rate("32 MB results, 1 in flight", _required(1.2, 0.9)),
        execute=_produce(32 * MEGABYTE),
        first=1,
    ),
    LoadCase(
        name="request-32m",
        metrics=_rate("32 MB requests, 1 in flight", _required(1.2, 0.9)),
        execute=_consume(32 * MEGABYTE),
        first=1,
    ),
)

_CALLBACKS: tuple[CallbackCase, ...] = (
    CallbackCase(
        name="callbacks-1",
        metrics=_rate("callbacks a second, 1 in flight", _required(2.5, 1.6, 2)),
        systems=(*COMPARED, COMPILED, UVLOOP),
        at_once=1,
    ),
    CallbackCase(
        name="callbacks-32",
        metrics=_rate("callbacks a second, 32 in flight", _required(3, 1.6, 2.2)),
        systems=(*COMPARED, COMPILED, UVLOOP),
        at_once=32,
    ),
)

_STREAMS: tuple[StreamCase, ...] = (
    StreamCase(
        name="stream-responses",
        metrics=_rate("small messages a second, stream of responses", _required(4, 2, 3)),
        systems=(OURS, GRPCIO_AIO, PYGRPC_NATIVE, COMPILED),
        direction="responses",
    ),
    StreamCase(
        name="stream-requests",
        metrics=_rate("small messages a second, stream of requests", _required(4, 2, 3)),
        systems=(OURS, GRPCIO_AIO, COMPILED),
        direction="requests",
    ),
)

_PROCESSES: tuple[Case, ...] = (
    PeakCase(
        name="peak-32m",
        metrics=_metric(Quantity.MEMORY, "peak memory of a 32 MB request", _required(0.7, 1)),
        execute=_consume(32 * MEGABYTE),
    ),
    StartCase(
        name="start",
        metrics=_metric(Quantity.TIME, "start to first answer", _required(1, 1.15, 1.2)),
        systems=(*COMPARED, PYGRPC_NATIVE, COMPILED, SPEED),
    ),
    IdleCase(
        name="idle",
        metrics=_metric(Quantity.MEMORY, "idle memory", _required(0.6, 0.75, 0.85)),
        systems=(*COMPARED, PYGRPC_NATIVE, COMPILED, SPEED),
    ),
)

_CODECS: tuple[CodecCase, ...] = (
    CodecCase(
        name="codec-read",
        metrics=_cpu("CPU to read an ExecuteRequest, protobuf", _required(14, 16)),
        systems=_WITH_CODECS,
        execute=_STATUS,
        work="read",
    ),
    CodecCase(
        name="codec-write",
        metrics=_cpu("CPU to write an ExecuteRequest, protobuf", _required(13, 15)),
        systems=_WITH_CODECS,
        execute=_STATUS,
        work="write",
    ),
)

CASES: tuple[Case, ...] = (
    *_SMALL,
    *_CALLBACKS,
    *_STREAMS,
    *_LARGE,
    *_CODECS,
    *_PROCESSES,
)
