"""The two messages of Execute in the JSON dialect, read and written by hand."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """What the actions use of a time range."""

    end_epoch_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteRequest:
    """What the actions use of a request."""

    action_id: str
    params_json: bytes
    time_range: TimeRange | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteResponse:
    """What an agent answers."""

    success: bool
    result_json: bytes
    duration_ms: int


def read_execute_request(data: bytes) -> ExecuteRequest:
    """Read a request."""
    fields = json.loads(data)
    time_range: Mapping[str, int] | None = fields.get("time_range")
    return ExecuteRequest(
        action_id=fields.get("action_id", ""),
        params_json=base64.b64decode(fields.get("params_json") or ""),
        time_range=TimeRange(end_epoch_ms=time_range.get("end_epoch_ms", 0))
        if time_range
        else None,
    )


def write_execute_response(response: ExecuteResponse) -> bytes:
    """Write an answer."""
    fields = {
        "success": response.success,
        "result_json": base64.b64encode(response.result_json).decode(),
        "duration_ms": response.duration_ms,
    }
    return json.dumps(fields).encode()
