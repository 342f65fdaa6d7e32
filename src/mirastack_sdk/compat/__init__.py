"""The published SDK's API: agents written for it run after one change of their imports.

`from mirastack_sdk.compat import Plugin, …` in place of `from mirastack_sdk import Plugin, …`, and
likewise for the modules `plugin`, `context`, `respond`, `datetimeutils`, `validate`, `tenantid`,
`obs` and `grpc_msgsize`. Names, fields, order and defaults are those of release 1.11.0.

`serve()` wraps the agent in a `PluginAdapter`, which translates its declarations, requests and
responses. Everything else is the SDK's own. New agents use `mirastack_sdk` itself; see
docs/migrating.md for the way there. Of the SDK, only the command line imports this package.
"""

from mirastack_sdk.compat import datetimeutils
from mirastack_sdk.compat._adapter import PluginAdapter
from mirastack_sdk.compat._serving import serve
from mirastack_sdk.compat.context import EngineContext
from mirastack_sdk.compat.plugin import (
    ROUTING_SEMANTICS_SCHEMA_VERSION_V1,
    Action,
    ConfigParam,
    DevOpsStage,
    ExecuteRequest,
    ExecuteResponse,
    ExecutionMode,
    IntentPattern,
    LicenseContext,
    LicenseQuotas,
    ParamSchema,
    Permission,
    Plugin,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
    TimeRange,
)
from mirastack_sdk.compat.respond import respond_error, respond_json, respond_map, respond_raw

__all__ = [
    "ROUTING_SEMANTICS_SCHEMA_VERSION_V1",
    "Action",
    "ConfigParam",
    "DevOpsStage",
    "EngineContext",
    "ExecuteRequest",
    "ExecuteResponse",
    "ExecutionMode",
    "IntentPattern",
    "LicenseContext",
    "LicenseQuotas",
    "ParamSchema",
    "Permission",
    "Plugin",
    "PluginAdapter",
    "PluginInfo",
    "PluginSchema",
    "PromptTemplate",
    "RoutingSemantics",
    "TimeRange",
    "datetimeutils",
    "respond_error",
    "respond_json",
    "respond_map",
    "respond_raw",
    "serve",
]
