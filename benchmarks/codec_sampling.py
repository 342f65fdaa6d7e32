"""The sampler of the codecs alone, in this process."""

import time
from collections.abc import Mapping
from timeit import Timer

from benchmarks.case_kinds import CodecCase
from benchmarks.errors import MeasurementError
from benchmarks.generated import google_module
from benchmarks.quantities import Quantity, Reading
from benchmarks.site import Site
from benchmarks.systems import OURS, System
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding

_OURS = {"read": "codec.decode(data)", "write": "codec.encode(message)"}
_GOOGLE = {"read": "Request.FromString(data)", "write": "message.SerializeToString()"}
# The machine may be busy for a part of them; the fastest counts.
_REPEATS = 20


class CodecSampler:
    """Samples the processor time that a codec takes for one message."""

    def __init__(self, case: CodecCase, site: Site, seconds: float) -> None:
        self._work = case.work
        self._data = case.execute.request(Encoding.PROTOBUF)
        self._site = site
        self._seconds = seconds / _REPEATS
        self._timers: dict[str, Timer] = {}
        self._calls: dict[str, int] = {}

    def prepare(self, system: System) -> None:
        """Check what the codec writes, and find out how many calls a sample needs."""
        names = self._our_names() if system is OURS else self._google_names(system)
        statements = _OURS if system is OURS else _GOOGLE
        timer = Timer(statements[self._work], timer=time.process_time, globals=dict(names))
        calls, seconds = timer.autorange()
        self._timers[system.name] = timer
        self._calls[system.name] = max(1, round(calls * self._seconds / seconds))

    def sample(self, system: System) -> Reading:
        """Take one reading."""
        calls = self._calls[system.name]
        seconds = min(self._timers[system.name].repeat(_REPEATS, calls))
        return {Quantity.CPU: seconds / calls}

    def _our_names(self) -> Mapping[str, object]:
        codec = CODECS[Encoding.PROTOBUF].for_type(wire.ExecuteRequest)
        message = codec.decode(self._data)
        self._check(codec.encode(message))
        return {"codec": codec, "data": self._data, "message": message}

    def _google_names(self, system: System) -> Mapping[str, object]:
        folder = self._site.generated(system)
        if folder is None:
            raise MeasurementError(f"({system.name}) has no messages of google's")
        request = google_module(folder).ExecuteRequest
        message = request.FromString(self._data)
        self._check(message.SerializeToString())
        return {"Request": request, "data": self._data, "message": message}

    def _check(self, written: bytes) -> None:
        if written != self._data:
            raise MeasurementError("the request is written as other bytes than it was read from")
