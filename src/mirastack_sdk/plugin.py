"""The types of an agent: its declarations, requests and responses."""

from mirastack_sdk._core.model.context import Context, Progress, TimeRange
from mirastack_sdk._core.model.declarations import (
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
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse, ExecutionMode
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._core.model.secret import Secret

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
    "Progress",
    "PromptTemplate",
    "RoutingSemantics",
    "Secret",
    "TimeRange",
]
