"""The types an agent is written with, at the path the documentation gives."""

from mirastack_sdk._core.context import Context
from mirastack_sdk._core.declarations import (
    Action,
    ConfigParam,
    IntentPattern,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
)
from mirastack_sdk._core.engine_client import EngineClient
from mirastack_sdk._core.execution import ExecuteRequest, ExecuteResponse, ExecutionMode
from mirastack_sdk._core.plugin import MirastackPlugin
from mirastack_sdk._core.secret import Secret
from mirastack_sdk._core.time_range import TimeRange

__all__ = [
    "Action",
    "ConfigParam",
    "Context",
    "EngineClient",
    "ExecuteRequest",
    "ExecuteResponse",
    "ExecutionMode",
    "IntentPattern",
    "MirastackPlugin",
    "ParamSchema",
    "Permission",
    "PluginInfo",
    "PluginSchema",
    "PromptTemplate",
    "RoutingSemantics",
    "Secret",
    "TimeRange",
]
