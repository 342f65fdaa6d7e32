"""The calls that a fake engine has received, and what it has stored of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar, Literal, overload

from mirastack_sdk._core.contract.progress_messages import progress_in
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import BlastRadius
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._gen import messages as wire

type EngineMethod = Literal[
    "cache_get",
    "cache_get_batch",
    "cache_set",
    "log_event",
    "publish_result",
    "get_config",
    "request_approval",
    "call_plugin",
    "list_kpis",
    "get_kpi",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One call of the engine; `ctx` is the context that it was made with."""

    ctx: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheGetCall(_Call):
    """One `cache_get`."""

    method: ClassVar[EngineMethod] = "cache_get"
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheGetBatchCall(_Call):
    """One `cache_get_batch`."""

    method: ClassVar[EngineMethod] = "cache_get_batch"
    keys: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSetCall(_Call):
    """One `cache_set`; `ttl` is in seconds, 0 for no expiry."""

    method: ClassVar[EngineMethod] = "cache_set"
    key: str
    value: str
    ttl: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEventCall(_Call):
    """One `log_event`, as the author wrote it."""

    method: ClassVar[EngineMethod] = "log_event"
    event: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishResultCall(_Call):
    """One `publish_result`."""

    method: ClassVar[EngineMethod] = "publish_result"
    partial_json: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetConfigCall(_Call):
    """One `get_config`."""

    method: ClassVar[EngineMethod] = "get_config"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestApprovalCall(_Call):
    """One `request_approval`; `timeout` is in seconds."""

    method: ClassVar[EngineMethod] = "request_approval"
    description: str
    permission: Permission = Permission.MODIFY
    context: Mapping[str, object] = field(default_factory=dict)
    blast_radius: BlastRadius | None = None
    timeout: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPluginCall(_Call):
    """One `call_plugin`; `timeout` is in seconds."""

    method: ClassVar[EngineMethod] = "call_plugin"
    plugin: str
    action: str
    params: Mapping[str, str] = field(default_factory=dict)
    time_range: TimeRange | None = None
    timeout: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKPIsCall(_Call):
    """One `list_kpis`."""

    method: ClassVar[EngineMethod] = "list_kpis"
    kind: str = ""
    layer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetKPICall(_Call):
    """One `get_kpi`."""

    method: ClassVar[EngineMethod] = "get_kpi"
    kpi_id: str


type EngineCall = (
    CacheGetCall
    | CacheGetBatchCall
    | CacheSetCall
    | LogEventCall
    | PublishResultCall
    | GetConfigCall
    | RequestApprovalCall
    | CallPluginCall
    | ListKPIsCall
    | GetKPICall
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event as the engine stores it; `plugin_name` and `tenant_id` are empty in a mock."""

    event: str
    severity: str = "info"
    data: Mapping[str, str] = field(default_factory=dict)
    plugin_name: str = ""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedResult:
    """A partial result of an execution."""

    partial_json: str
    execution_id: str = ""
    step_id: str = ""
    tenant_id: str = ""

    @property
    def value(self) -> object:
        """The parsed `partial_json`."""
        parsed: object = json.loads(self.partial_json)
        return parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedProgress:
    """The progress of an execution, as `ctx.progress` was told.

    `fraction` is from 0 to 1, or `None` if nobody knows how much is left.
    """

    fraction: float | None = None
    message: str = ""
    execution_id: str = ""
    step_id: str = ""
    tenant_id: str = ""


def logged_event(request: wire.LogEventRequest) -> LoggedEvent:
    """The event that the engine stores for a LogEvent."""
    data: object = json.loads(request.data_json or b"{}")
    return LoggedEvent(
        event=request.event_type,
        severity=request.severity,
        data=data if isinstance(data, dict) else {},
        plugin_name=request.plugin_name,
        tenant_id=request.tenant_id,
    )


def published_result(request: wire.PublishResultRequest) -> PublishedResult:
    """The result that the engine stores for a PublishResult."""
    return PublishedResult(
        partial_json=request.result_json.decode(),
        execution_id=request.execution_id,
        step_id=request.step_id,
        tenant_id=request.tenant_id,
    )


def published_progress(request: wire.PublishResultRequest) -> PublishedProgress | None:
    """The progress that a PublishResult carries, if it carries no partial result."""
    progress = progress_in(request.result_json)
    if progress is None:
        return None
    return PublishedProgress(
        fraction=progress.fraction,
        message=progress.message,
        execution_id=request.execution_id,
        step_id=request.step_id,
        tenant_id=request.tenant_id,
    )


class CallLog:
    """The calls that reached the engine, including those that failed, in order."""

    def __init__(self) -> None:
        self.calls: list[EngineCall] = []

    @overload
    def calls_of(self, method: Literal["cache_get"]) -> list[CacheGetCall]: ...
    @overload
    def calls_of(self, method: Literal["cache_get_batch"]) -> list[CacheGetBatchCall]: ...
    @overload
    def calls_of(self, method: Literal["cache_set"]) -> list[CacheSetCall]: ...
    @overload
    def calls_of(self, method: Literal["log_event"]) -> list[LogEventCall]: ...
    @overload
    def calls_of(self, method: Literal["publish_result"]) -> list[PublishResultCall]: ...
    @overload
    def calls_of(self, method: Literal["get_config"]) -> list[GetConfigCall]: ...
    @overload
    def calls_of(self, method: Literal["request_approval"]) -> list[RequestApprovalCall]: ...
    @overload
    def calls_of(self, method: Literal["call_plugin"]) -> list[CallPluginCall]: ...
    @overload
    def calls_of(self, method: Literal["list_kpis"]) -> list[ListKPIsCall]: ...
    @overload
    def calls_of(self, method: Literal["get_kpi"]) -> list[GetKPICall]: ...
    def calls_of(self, method: EngineMethod) -> object:
        """Return the calls of one method, in order."""
        return [call for call in self.calls if call.method == method]
