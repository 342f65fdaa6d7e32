"""The site of a measurement: running agents, an engine, clients and files."""

import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.engines import Engine, find_engine
from benchmarks.frames import message_frame
from benchmarks.generated import generate_betterproto, generate_google
from benchmarks.grpcio_client import GrpcioClient
from benchmarks.h2load import H2Load
from benchmarks.load import LoadClient
from benchmarks.processes import ServerProcess, clean_environment
from benchmarks.systems import System
from mirastack_sdk._wire.codec.encoding import Encoding

_GENERATORS = {"google": generate_google, "betterproto": generate_betterproto}


class Site:
    """Starts processes when they are first needed; leaving the context ends all of them."""

    def __init__(self, folder: Path) -> None:
        self.h2load = H2Load.find()
        self.grpcio = GrpcioClient()
        self._folder = folder
        self._stack = ExitStack()
        self._running: dict[tuple[str, Encoding], ServerProcess] = {}
        self._engine: Engine | None = None
        self._engine_process: ServerProcess | None = None

    def __enter__(self) -> Self:
        self._stack.enter_context(self.grpcio)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def client(self, *, from_grpcio: bool) -> LoadClient:
        """Return the compiled client if it is installed, unless grpcio is requested."""
        return self.grpcio if from_grpcio or self.h2load is None else self.h2load

    def can_send(self, encoding: Encoding) -> bool:
        """Whether a client supports the encoding; grpcio cannot send JSON."""
        return encoding is Encoding.PROTOBUF or self.h2load is not None

    def server(self, system: System, encoding: Encoding) -> ServerProcess:
        """Return the agent that serves all loads, with an engine to call."""
        key = (system.name, encoding)
        if key not in self._running:
            process = self.process(system, encoding, engine=f"127.0.0.1:{self._engine_port()}")
            self._running[key] = self._stack.enter_context(process)
        return self._running[key]

    def end(self, system: System) -> None:
        """End a system's agents, which may be broken; the next use starts new ones."""
        for key in [key for key in self._running if key[0] == system.name]:
            self._running.pop(key).stop()

    def process(self, system: System, encoding: Encoding, *, engine: str = "") -> ServerProcess:
        """Return an agent that is not started yet."""
        environ = clean_environment(self.generated(system)) | {
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            "MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "1",
            "MIRASTACK_ENGINE_ADDR": engine,
            "MIRASTACK_ENGINE_ENCODING": "proto",
            "BENCHMARK_ENCODING": encoding.value,
        }
        return ServerProcess(
            (sys.executable, "-m", system.module, *system.arguments),
            environ,
            self.log(system.name),
        )

    def body(self, name: str, message: bytes) -> Path:
        """Return a file with the message after its prefix."""
        path = self._folder / name
        path.write_bytes(message_frame(message))
        return path

    def generated(self, system: System) -> Path | None:
        """Return the folder of the messages that a system imports, if it needs one."""
        if not system.generated:
            return None
        folder = self._folder / system.generated
        if not folder.exists():
            _GENERATORS[system.generated](folder)
        return folder

    def log(self, name: str) -> Path:
        """Return the file for the standard error of a process."""
        return self._folder / f"{name}.log"

    @property
    def engine(self) -> Engine:
        """The engine that the agents call, built when it is first needed."""
        if self._engine is None:
            self._engine = find_engine(self._folder)
        return self._engine

    def _engine_port(self) -> int:
        if self._engine_process is None:
            engine = ServerProcess(self.engine.command, clean_environment(), self.log("engine"))
            self._engine_process = self._stack.enter_context(engine)
        return self._engine_process.port
