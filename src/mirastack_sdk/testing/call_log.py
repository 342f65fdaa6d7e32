"""The calls of a mock, in order and by method."""

from typing import Literal, overload

from mirastack_sdk.testing.records import (
    CacheGetBatchCall,
    CacheGetCall,
    CacheSetCall,
    CallPluginCall,
    EngineCall,
    EngineMethod,
    GetConfigCall,
    GetKPICall,
    ListKPIsCall,
    LogEventCall,
    PublishResultCall,
    RequestApprovalCall,
)

__all__ = ["CallLog"]


class CallLog:
    """Every call that reached the engine, failed ones too, in the order they were made."""

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
        """The calls of one method, in the order they were made."""
        return [call for call in self.calls if call.method == method]
