"""One execution that was started on the page, from its start to its result."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Literal

from mirastack_sdk._cli.inspector.json_text import json_text
from mirastack_sdk._cli.inspector.shortening import shortened
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.datetimeutils import now_utc_ms
from mirastack_sdk.plugin import ExecutionMode, TimeRange
from mirastack_sdk.testing import (
    Encoding,
    ExecutionResult,
    ObservedCall,
    PreparedExecution,
    WireMessage,
)

type Json = dict[str, object]
type ExecutionStatus = Literal["running", "succeeded", "failed", "cancelled", "unreachable"]

MOST_CALLBACKS = 500
MOST_PARTIALS = 200
# Larger results are left out of lists, and shown with the execution itself.
_LISTED_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRequest:
    """What the page asks for."""

    action: str
    params: Mapping[str, object]
    time_range: TimeRange | None
    encoding: Encoding
    mode: ExecutionMode
    timeout: float


@dataclass(slots=True, kw_only=True)
class ExecutionRecord:
    """The state of one execution; the history changes it while the execution runs."""

    wanted: ExecutionRequest
    prepared: PreparedExecution
    agent: str
    started_at: int = field(default_factory=now_utc_ms)
    started: float = field(default_factory=time.monotonic)
    status: ExecutionStatus = "running"
    duration_ms: float | None = None
    result: ExecutionResult | None = None
    error: str | None = None
    callbacks: dict[int, Json] = field(default_factory=dict)
    partials: list[Json] = field(default_factory=list)
    left_out: int = 0
    task: asyncio.Task[None] | None = None
    _size: int | None = None

    @property
    def execution_id(self) -> str:
        """The id that the agent sees."""
        return self.prepared.execution_id

    def end(self, status: ExecutionStatus, error: str | None) -> None:
        """Note how the execution ended."""
        self.status = status
        self.error = error
        self.duration_ms = (time.monotonic() - self.started) * 1000

    def add_callback(self, call: ObservedCall, offset: float, *, is_shared: bool) -> None:
        """Note a call of the engine, or its end; `offset` is the engine's clock less ours."""
        if call.number not in self.callbacks and len(self.callbacks) >= MOST_CALLBACKS:
            self.left_out += not call.ended
            return
        self.callbacks[call.number] = {
            "method": call.method,
            "at_ms": (call.started - offset - self.started) * 1000,
            "duration_ms": None if call.duration is None else call.duration * 1000,
            "request": shortened(call.request),
            "response": shortened(call.response),
            "error": call.error or None,
            "shared": is_shared,
        }

    def add_partial(self, partial: Json) -> None:
        """Note a partial result; the latest are kept."""
        self.partials.append(partial)
        del self.partials[:-MOST_PARTIALS]

    def listed(self) -> Json:
        """The execution in lists and events, without a result that is large."""
        if self.size > _LISTED_BYTES:
            return {**self.summary(), "output": None, "result": None, "result_omitted": True}
        return self.summary()

    def detailed(self) -> Json:
        """The execution with its messages in both encodings."""
        response = self.prepared.response
        messages = {
            "request": _message(self.prepared.request),
            "response": None if response is None else _message(response),
        }
        return {**self.summary(), "wire": messages}

    def summary(self) -> Json:
        """The execution without its messages."""
        result = self.result
        time_range = self.wanted.time_range
        return {
            "id": self.execution_id,
            "agent": self.agent,
            "action": self.wanted.action,
            "params": self.wanted.params,
            "time_range": None if time_range is None else asdict(time_range),
            "encoding": _ENCODING_NAMES[self.wanted.encoding],
            "mode": self.wanted.mode.name.lower(),
            "timeout_s": self.wanted.timeout,
            "started_at": self.started_at,
            "duration_ms": self.duration_ms,
            "status": self.status,
            "output": None if result is None else result.output,
            "result": None if result is None else shown_result(result),
            "result_omitted": False,
            "logs": [] if result is None else result.logs,
            "error": self.error,
            "callbacks": list(self.callbacks.values()),
            "callbacks_omitted": self.left_out,
            "partials": self.partials,
        }

    @property
    def size(self) -> int:
        """About how many bytes the result takes; 0 while there is none."""
        if self.result is None:
            return 0
        if self._size is None:
            self._size = len(json_text(self.result.value))
        return self._size


_ENCODING_NAMES: Mapping[Encoding, str] = {
    Encoding.JSON: "json",
    Encoding.PROTOBUF: "protobuf",
}
ENCODINGS: Mapping[str, Encoding] = {name: encoding for encoding, name in _ENCODING_NAMES.items()}
"""The encodings by the names that the page uses."""


def shown_result(result: ExecutionResult) -> object:
    """The value that people look at.

    Documented agents put JSON under `result` of their output, which otherwise has nothing but
    `logs`; any other result is shown whole.
    """
    match result.value:
        case {"result": str(text)} if len(result.output) == 1:
            try:
                value: object = json.loads(text)
            except (ValueError, RecursionError):
                return text
            return value
        case value:
            return value


def _message(message: WireMessage) -> Json:
    return {"json": message.json, "protobuf": message.protobuf.hex()}
