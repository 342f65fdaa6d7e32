"""The site of a measurement: running agents, an engine, clients and files."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.engines import Engine, find_engine
from benchmarks.frames import message_frame
from benchmarks.generated import generate_betterproto, generate_google
from benchmarks.grpcio_client import GrpcioClient
from benchmarks.h2load import H2Load
from benchmarks.interpreters import Interpreters
from benchmarks.load import LoadClient
from benchmarks.processes import ServerProcess, clean_environment
from benchmarks.systems import System
from mirastack_sdk._wire.codec.encoding import Encoding

_GENERATORS = {"google": generate_google, "betterproto": generate_betterproto}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    """A running program of a system: its agent, in one of the encodings, or its streams."""

    system: str
    encoding: Encoding = Encoding.PROTOBUF
    one_cpu: bool = False
    streams: bool = False


class Site:
    """Starts processes when they are first needed; leaving the context ends all of them."""

    def __init__(self, folder: Path, interpreters: Interpreters | None = None) -> None:
        self.interpreters = interpreters or Interpreters()
        self.h2load = H2Load.find()
        self.grpcio = GrpcioClient()
        self._folder = folder
        self._stack = ExitStack()
        self._running: dict[_Program, ServerProcess] = {}
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

    def server(self, system: System, encoding: Encoding, *, one_cpu: bool = False) -> ServerProcess:
        """Return the agent that serves all loads, with an engine to call."""
        program = _Program(system=system.name, encoding=encoding, one_cpu=one_cpu)
        if program not in self._running:
            engine = f"127.0.0.1:{self._engine_port()}"
            process = self.process(system, encoding, engine=engine, one_cpu=one_cpu)
            self._running[program] = self._stack.enter_context(process)
        return self._running[program]

    def stream_server(self, system: System) -> ServerProcess:
        """Return the program that serves streams."""
        program = _Program(system=system.name, streams=True)
        if program not in self._running:
            process = self._process(system, system.streams, {})
            self._running[program] = self._stack.enter_context(process)
        return self._running[program]

    def end(self, system: System) -> None:
        """End a system's programs, which may be broken; the next use starts new ones."""
        for program in [one for one in self._running if one.system == system.name]:
            self._running.pop(program).stop()

    def process(
        self, system: System, encoding: Encoding, *, engine: str = "", one_cpu: bool = False
    ) -> ServerProcess:
        """Return an agent that is not started yet."""
        environ = {
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            "MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "1",
            "MIRASTACK_ENGINE_ADDR": engine,
            "MIRASTACK_ENGINE_ENCODING": "proto",
            "BENCHMARK_ENCODING": encoding.value,
        }
        return self._process(system, system.module, environ, one_cpu=one_cpu)

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

    def _process(
        self, system: System, module: str, variables: Mapping[str, str], *, one_cpu: bool = False
    ) -> ServerProcess:
        # An environment of its own has the other SDK installed.
        other = Path(system.source, "src") if system.source and not system.interpreter else None
        hidden = {"BENCHMARK_HIDDEN": " ".join(system.hidden)}
        environ = clean_environment(*filter(None, [self.generated(system), other]))
        return ServerProcess(
            (str(self.interpreters.find(system)), "-m", module, *system.arguments),
            environ | dict(variables) | dict(system.variables) | hidden,
            self.log(system.name),
            cpu=max(os.sched_getaffinity(0)) if one_cpu else None,
        )

    def _engine_port(self) -> int:
        if self._engine_process is None:
            engine = ServerProcess(self.engine.command, clean_environment(), self.log("engine"))
            self._engine_process = self._stack.enter_context(engine)
        return self._engine_process.port
