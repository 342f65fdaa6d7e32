"""What authors test their agents with: a mock engine, and a real one on loopback."""

from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.testing.agent_answers import AgentHealth, ConfigAnswer, ExecutionResult
from mirastack_sdk.testing.agent_client import AgentCallError, AgentClient
from mirastack_sdk.testing.answers import UnscriptedCallError
from mirastack_sdk.testing.clock import ManualClock
from mirastack_sdk.testing.dial_back import Introduction
from mirastack_sdk.testing.journal import (
    DeregistrationRecord,
    HeartbeatRecord,
    ReceivedCall,
    RegistrationRecord,
    Violation,
)
from mirastack_sdk.testing.local_engine import LocalEngine
from mirastack_sdk.testing.mock_engine import MockEngineClient
from mirastack_sdk.testing.records import (
    CacheGetBatchCall,
    CacheGetCall,
    CacheSetCall,
    CallPluginCall,
    GetConfigCall,
    GetKPICall,
    ListKPIsCall,
    LogEventCall,
    LoggedEvent,
    PublishedResult,
    PublishResultCall,
    RequestApprovalCall,
)
from mirastack_sdk.testing.registry import RegisteredAgent
from mirastack_sdk.testing.requests import make_execute_request

__all__ = [
    "AgentCallError",
    "AgentClient",
    "AgentHealth",
    "CacheGetBatchCall",
    "CacheGetCall",
    "CacheSetCall",
    "CallPluginCall",
    "ConfigAnswer",
    "DeregistrationRecord",
    "Encoding",
    "ExecutionResult",
    "GetConfigCall",
    "GetKPICall",
    "HeartbeatRecord",
    "Introduction",
    "ListKPIsCall",
    "LocalEngine",
    "LogEventCall",
    "LoggedEvent",
    "ManualClock",
    "MockEngineClient",
    "PublishResultCall",
    "PublishedResult",
    "ReceivedCall",
    "RegisteredAgent",
    "RegistrationRecord",
    "RequestApprovalCall",
    "UnscriptedCallError",
    "Violation",
    "make_execute_request",
]
