"""The sampler of streams of small messages."""

import math
import time

from benchmarks.case_kinds import StreamCase
from benchmarks.errors import MeasurementError
from benchmarks.frames import message_frame
from benchmarks.processes import ServerProcess
from benchmarks.quantities import Quantity, Reading
from benchmarks.raw_stream import stream
from benchmarks.site import Site
from benchmarks.streams.methods import COLLECT, SEND, TEXT
from benchmarks.systems import System
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding

_FIRST_MESSAGES = 1_000
# A shorter run does not show how many messages a sample needs.
_TELLING_SHARE = 0.3
_GROWTH = 10.0


class StreamSampler:
    """Samples the messages of one stream, which the server sends or receives."""

    def __init__(self, case: StreamCase, site: Site, seconds: float) -> None:
        self._run = _receive if case.direction == "responses" else _send
        self._site = site
        self._seconds = seconds
        self._counts: dict[str, int] = {}

    def prepare(self, system: System) -> None:
        """Check the responses, and find out how many messages a sample needs."""
        server = self._server(system)
        count = _FIRST_MESSAGES
        while True:
            seconds = self._timed(server, count)
            wanted = count * self._seconds / seconds
            if seconds >= self._seconds * _TELLING_SHARE:
                break
            count = math.ceil(min(wanted, count * _GROWTH))
        self._counts[system.name] = max(1, round(wanted))

    def sample(self, system: System) -> Reading:
        """Take one reading: messages per second, and processor time per message."""
        server, count = self._server(system), self._counts[system.name]
        before = server.cpu_seconds()
        seconds = self._timed(server, count)
        spent = server.cpu_seconds() - before
        return {Quantity.RATE: count / seconds, Quantity.CPU: spent / count}

    def _timed(self, server: ServerProcess, count: int) -> float:
        started = time.perf_counter()
        self._run(server.port, count)
        return time.perf_counter() - started

    def _server(self, system: System) -> ServerProcess:
        return self._site.stream_server(system)


def _receive(port: int, count: int) -> None:
    """Read a stream of responses."""
    codec = CODECS[Encoding.PROTOBUF].for_type(wire.ChatStreamRequest)
    request = codec.encode(wire.ChatStreamRequest(params_json=b"%d" % count))
    responses = stream(port, SEND, request, 1)
    if responses != message_frame(_token(TEXT)) * count:
        raise MeasurementError(f"the stream was not the {count} messages that it should be")


def _send(port: int, count: int) -> None:
    """Send a stream of requests."""
    response = stream(port, COLLECT, _token(TEXT), count)
    if response != message_frame(_token(str(count))):
        raise MeasurementError(f"the server has not counted {count} messages")


def _token(text: str) -> bytes:
    codec = CODECS[Encoding.PROTOBUF].for_type(wire.ChatTokenResponse)
    return codec.encode(wire.ChatTokenResponse(token=text))
