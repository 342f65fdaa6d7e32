"""The compared ways to write an agent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One way to write an agent; `generated` names the messages that it imports."""

    name: str
    title: str
    module: str
    arguments: tuple[str, ...] = ()
    generated: str = ""
    speaks_json: bool = False


OURS = System(
    name="ours",
    title="this SDK: an agent under `serve()`, with its documented types",
    module="benchmarks.agents.sdk",
    speaks_json=True,
)
GRPCIO_AIO = System(
    name="a",
    title="grpcio's asyncio server and google protobuf, by hand",
    module="benchmarks.agents.grpcio_aio",
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

ALL = (OURS, GRPCIO_AIO, GRPCIO_THREADS, GRPCLIB)
REFERENCE = GRPCIO_AIO
