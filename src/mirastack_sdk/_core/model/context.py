"""The context of a running call, and the time range it asks about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Context", "TimeRange"]


@dataclass
class TimeRange:
    """A time range, in UTC epoch milliseconds.

    `timezone` is an IANA name for display only; `original_expression` is what the user typed.
    """

    start_epoch_ms: int
    end_epoch_ms: int
    timezone: str
    original_expression: str


_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The running call, as `req.ctx`; every engine call takes it, or `None` for the same.

    `deadline` is an instant of `time.monotonic()` in seconds, or `None` when the caller set none:
    an engine call made with this context ends at the latest then. `values` is the context that the
    engine gave the execution, `metadata` what its call carried beside the message: lower-case
    names, and binary values (`-bin`) as the base64 text they travel in. It may hold credentials, so
    that it does not show in the context's own text.
    """

    execution_id: str = ""
    step_id: str = ""
    workflow_id: str = ""
    tenant_id: str = ""
    deadline: float | None = None
    values: Mapping[str, str] = field(default=_NOTHING)
    metadata: Mapping[str, str] = field(default=_NOTHING, repr=False)
