"""The context of a running call, and the time range that it covers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass
class TimeRange:
    """The time range of a query.

    `start_epoch_ms` and `end_epoch_ms` are UTC epoch milliseconds: the engine has already parsed
    what the user typed, which is kept in `original_expression`. `timezone` is an IANA name, for
    display only.
    """

    start_epoch_ms: int
    end_epoch_ms: int
    timezone: str = "UTC"
    original_expression: str = ""


_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The running execution, available as `req.ctx` and accepted by every engine call.

    `deadline` is an instant of `time.monotonic()` in seconds, or `None` if the caller set none. An
    engine call made with this context ends at that instant at the latest.

    `values` is the key-value context that the engine passed with the execution. `metadata` is the
    gRPC metadata of the call: names are lower-case, and binary values (`-bin`) stay base64 text. It
    may contain credentials, so `repr()` leaves it out.
    """

    execution_id: str = ""
    step_id: str = ""
    workflow_id: str = ""
    tenant_id: str = ""
    deadline: float | None = None
    values: Mapping[str, str] = field(default=_EMPTY)
    metadata: Mapping[str, str] = field(default=_EMPTY, repr=False)
