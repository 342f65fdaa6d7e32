"""Engines, clients, checks and replays with which authors test their agents.

`MockEngineClient` is an `EngineClient` in memory, for unit tests: pass it to
`make_execute_request`, call the agent's `execute`, and look at what was recorded. `LocalEngine` is
an engine that serves gRPC on 127.0.0.1, for tests of whole agents: they register, are dialled back
and called as by a real engine. Both are scripted in the same way and pass the same tests.

`agent_client` serves a whole agent in the test's process, without sockets, beside a mock engine.
`AgentSuite` checks what every agent should do. `replay` runs a recorded execution again.
`ManualClock` lets a test control time. Nothing here depends on pytest.
"""

from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.testing._agent_client import AgentCallError, AgentClient, PreparedExecution
from mirastack_sdk.testing._in_process.agent_in_process import (
    AgentClientFactory,
    InProcessAgent,
    agent_client,
)
from mirastack_sdk.testing._local.journal import (
    DeregistrationRecord,
    HeartbeatRecord,
    ReceivedCall,
    RegistrationRecord,
    Violation,
)
from mirastack_sdk.testing._local.local_engine import LocalEngine
from mirastack_sdk.testing._local.observed_calls import ObservedCall
from mirastack_sdk.testing._local.registry import Introduction, RegisteredAgent
from mirastack_sdk.testing._manual_clock import ManualClock
from mirastack_sdk.testing._message_views import WireMessage
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
    PublishedProgress,
    PublishedResult,
    PublishResultCall,
    RequestApprovalCall,
)
from mirastack_sdk.testing._replay.differences import MISSING, Difference
from mirastack_sdk.testing._replay.recording_file import ReplayError
from mirastack_sdk.testing._replay.replaying import ReplayResult, replay
from mirastack_sdk.testing._requests import make_execute_request
from mirastack_sdk.testing._script import UnscriptedCallError
from mirastack_sdk.testing._suite.agent_suite import AgentSuite
from mirastack_sdk.testing._wire_messages import AgentHealth, ConfigAnswer, ExecutionResult

__all__ = [
    "MISSING",
    "AgentCallError",
    "AgentClient",
    "AgentClientFactory",
    "AgentHealth",
    "AgentSuite",
    "CacheGetBatchCall",
    "CacheGetCall",
    "CacheSetCall",
    "CallPluginCall",
    "ConfigAnswer",
    "DeregistrationRecord",
    "Difference",
    "Encoding",
    "ExecutionResult",
    "GetConfigCall",
    "GetKPICall",
    "HeartbeatRecord",
    "InProcessAgent",
    "Introduction",
    "ListKPIsCall",
    "LocalEngine",
    "LogEventCall",
    "LoggedEvent",
    "ManualClock",
    "MockEngineClient",
    "ObservedCall",
    "PreparedExecution",
    "PublishResultCall",
    "PublishedProgress",
    "PublishedResult",
    "ReceivedCall",
    "RegisteredAgent",
    "RegistrationRecord",
    "ReplayError",
    "ReplayResult",
    "RequestApprovalCall",
    "UnscriptedCallError",
    "Violation",
    "WireMessage",
    "agent_client",
    "make_execute_request",
    "replay",
]
