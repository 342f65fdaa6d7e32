"""The compared ways to write an agent, and the builds of this SDK."""

from dataclasses import dataclass

_SPEED = ("orjson", "uvloop")


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One way to write an agent, or one build of it.

    `module` is its program and `streams` the one that serves streams; `generated` names the
    messages that they import. They run with an interpreter that `interpreters.py` knows by name, by
    default with this one. The modules in `needed` must be installed there; those in `hidden` are
    hidden from the program, whose environment also has `variables`. `source` is the working tree
    of another SDK than this one.
    """

    name: str
    title: str
    module: str
    streams: str = ""
    arguments: tuple[str, ...] = ()
    generated: str = ""
    speaks_json: bool = False
    interpreter: str = ""
    needed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    source: str = ""


def our_system(
    name: str,
    title: str,
    *,
    module: str = "benchmarks.agents.sdk",
    arguments: tuple[str, ...] = (),
    interpreter: str = "",
    extras: tuple[str, ...] = (),
    variables: tuple[tuple[str, str], ...] = (),
) -> System:
    """Return a system that runs this SDK, with those of the modules of `[speed]` in `extras`."""
    return System(
        name=name,
        title=title,
        module=module,
        streams="benchmarks.streams.sdk",
        arguments=arguments,
        speaks_json=True,
        interpreter=interpreter,
        needed=extras,
        variables=variables,
        hidden=tuple(module for module in _SPEED if module not in extras),
    )


OURS = our_system("ours", "this SDK: an agent under `serve()`, with its documented types")
COMPILED = our_system(
    "compiled", "this SDK, compiled (`MIRASTACK_COMPILE=1`)", interpreter="compiled"
)
UVLOOP = our_system(
    "uvloop",
    "this SDK on uvloop's event loop",
    module="benchmarks.agents.sdk_on_uvloop",
    extras=("uvloop",),
    variables=(("MIRASTACK_SDK_EVENT_LOOP", "uvloop"),),
)
SPEED = our_system(
    "speed", "this SDK with the extra `[speed]`, on asyncio's event loop", extras=_SPEED
)
COMPILED_SPEED = our_system(
    "compiled+speed",
    "this SDK, compiled, with the extra `[speed]`, on asyncio's event loop",
    interpreter="compiled",
    extras=_SPEED,
)
GRPCIO_AIO = System(
    name="a",
    title="grpcio's asyncio server and google protobuf, by hand",
    module="benchmarks.agents.grpcio_aio",
    streams="benchmarks.streams.grpcio_aio",
    generated="google",
)
GRPCIO_THREADS = System(
    name="b",
    title="grpcio on a thread pool of ten, each call handed to a background loop",
    module="benchmarks.agents.grpcio_threads",
    generated="google",
    speaks_json=True,
)
GRPCLIB = System(
    name="c",
    title="grpclib and betterproto as they come",
    module="benchmarks.agents.grpclib_plain",
    generated="betterproto",
)
PYGRPC_NATIVE = System(
    name="d",
    title="pygrpc-native's asyncio server, whose core is in Rust, and google protobuf, by hand",
    module="benchmarks.agents.pygrpc_native_aio",
    streams="benchmarks.streams.pygrpc_native_aio",
    generated="google",
    interpreter="pygrpc-native",
    needed=("pygrpc_native",),
)

PEERS = (OURS, GRPCIO_AIO, GRPCIO_THREADS, GRPCLIB, PYGRPC_NATIVE)
BUILDS = (OURS, COMPILED, UVLOOP, SPEED, COMPILED_SPEED)
ALL = (*PEERS, *BUILDS[1:])
REFERENCE = GRPCIO_AIO
