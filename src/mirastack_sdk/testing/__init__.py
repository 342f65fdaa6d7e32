"""What authors test their agents with: a mock engine, and a real one on loopback."""

from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.testing._agent_client import AgentCallError, AgentClient
from mirastack_sdk.testing._local.journal import (
    DeregistrationRecord,
    HeartbeatRecord,
    ReceivedCall,
    RegistrationRecord,
    Violation,
)
from mirastack_sdk.testing._local.local_engine import LocalEngine
from mirastack_sdk.testing._local.registry import Introduction, RegisteredAgent
from mirastack_sdk.testing._manual_clock import ManualClock
from mirastack_sdk.testing._mock_engine import MockEngineClient
from mirastack_sdk.testing._recorded_calls import (
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
from mirastack_sdk.testing._requests import make_execute_request
from mirastack_sdk.testing._script import UnscriptedCallError
from mirastack_sdk.testing._wire_messages import AgentHealth, ConfigAnswer, ExecutionResult

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
