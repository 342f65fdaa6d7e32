"""Samplers of agents that keep running: calls to them, and calls they make."""

import math
import time

from benchmarks.case_kinds import CallbackCase, LoadCase
from benchmarks.errors import MeasurementError
from benchmarks.execute import CONTENT_TYPES, PATH, Execute
from benchmarks.load import Answered, Load
from benchmarks.processes import ServerProcess
from benchmarks.quantities import Quantity, Reading
from benchmarks.raw_call import call
from benchmarks.site import Site
from benchmarks.systems import System
from mirastack_sdk._wire.codec.encoding import Encoding

# A shorter run does not show how many calls a sample needs.
_TELLING_SHARE = 0.3
_GROWTH = 10.0
# Times differ between responses, and so does their length in text.
_REPLY_TOLERANCE = 0.9
_FIRST_CALLBACKS = 320
_CALLBACK_ENCODING = Encoding.PROTOBUF


class LoadSampler:
    """Samples the calls that a client makes."""

    def __init__(self, case: LoadCase, site: Site, seconds: float) -> None:
        self._case = case
        self._site = site
        self._client = site.client(from_grpcio=case.from_grpcio)
        self._seconds = seconds
        self._requests = {e: case.execute.request(e) for e in Encoding}
        self._loads = {e: self._load(e) for e in Encoding}
        self._calls: dict[str, int] = {}
        self._response_bytes: dict[str, int] = {}

    def prepare(self, system: System) -> None:
        """Check the response, and find out how many calls a sample needs."""
        encoding = self._case.encoding_for(system)
        port = self._server(system).port
        response = call(port, PATH, self._requests[encoding], CONTENT_TYPES[encoding])
        self._case.execute.check(response, encoding)
        self._response_bytes[system.name] = len(response)
        calls = self._case.first
        while True:
            seconds = self._run(system, calls).seconds
            wanted = calls * self._seconds / seconds
            if seconds >= self._seconds * _TELLING_SHARE:
                break
            calls = math.ceil(min(wanted, calls * _GROWTH))
        self._calls[system.name] = max(1, round(wanted))

    def sample(self, system: System) -> Reading:
        """Take one reading: calls per second, and processor time per call."""
        server = self._server(system)
        calls = self._calls[system.name]
        before = server.cpu_seconds()
        answered = self._run(system, calls)
        spent = server.cpu_seconds() - before
        return {Quantity.RATE: calls / answered.seconds, Quantity.CPU: spent / calls}

    def _run(self, system: System, calls: int) -> Answered:
        load = self._loads[self._case.encoding_for(system)]
        answered = self._client.run(self._server(system).port, load, calls)
        if answered.data_bytes < calls * self._response_bytes[system.name] * _REPLY_TOLERANCE:
            raise MeasurementError(f"{self._client.name} received less than {calls} responses")
        return answered

    def _load(self, encoding: Encoding) -> Load:
        name = f"{self._case.name}.{encoding.value}"
        return Load(
            path=PATH,
            content_type=CONTENT_TYPES[encoding],
            body=self._site.body(name, self._requests[encoding]),
            connections=self._case.connections,
            in_flight=self._case.in_flight,
        )

    def _server(self, system: System) -> ServerProcess:
        encoding = self._case.encoding_for(system)
        return self._site.server(system, encoding, one_cpu=self._case.one_cpu)


class CallbackSampler:
    """Samples the calls that an agent makes to the engine during one Execute."""

    def __init__(self, case: CallbackCase, site: Site, seconds: float) -> None:
        self._at_once = case.at_once
        self._site = site
        self._seconds = seconds
        self._calls: dict[str, int] = {}

    def prepare(self, system: System) -> None:
        """Let the agent connect, and find out how many calls a sample needs."""
        calls = _FIRST_CALLBACKS
        while True:
            seconds = self._run(system, calls)
            wanted = calls * self._seconds / seconds
            if seconds >= self._seconds * _TELLING_SHARE:
                break
            calls = self._shared_out(min(wanted, calls * _GROWTH))
        self._calls[system.name] = self._shared_out(wanted)

    def sample(self, system: System) -> Reading:
        """Take one reading: calls to the engine per second, and processor time per call."""
        server = self._site.server(system, _CALLBACK_ENCODING)
        calls = self._calls[system.name]
        before = server.cpu_seconds()
        seconds = self._run(system, calls)
        spent = server.cpu_seconds() - before
        return {Quantity.RATE: calls / seconds, Quantity.CPU: spent / calls}

    def _run(self, system: System, calls: int) -> float:
        encoding = _CALLBACK_ENCODING
        execute = Execute(
            action="call_back", params={"calls": str(calls), "at_once": str(self._at_once)}
        )
        request = execute.request(encoding)
        port = self._site.server(system, encoding).port
        started = time.perf_counter()
        response = call(port, PATH, request, CONTENT_TYPES[encoding])
        seconds = time.perf_counter() - started
        execute.check(response, encoding)
        return seconds

    def _shared_out(self, calls: float) -> int:
        return math.ceil(calls / self._at_once) * self._at_once
