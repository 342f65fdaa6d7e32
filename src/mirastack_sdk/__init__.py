"""The SDK with which agents for the MIRASTACK engine are written in Python.

An agent is a subclass of `MirastackPlugin`, or an `Agent` with typed functions as its actions.
`serve(agent)` runs it until the process is asked to stop: it serves the engine's calls over gRPC,
registers with the engine, sends heartbeats, and drains running calls on SIGTERM.

Everything documented can be imported from here. The submodules offer the same names by topic:
`plugin` (the types of an agent), `agent` and `results` (typed actions), `engine` (calls back into
the engine), `errors`, `security`, `logs` (for authors who configure logging), `datetimeutils`, and
`testing` (fake engines for tests). Modules that start with an underscore are private.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from mirastack_sdk._deferred.collector import deferred_collection as _deferred_collection

with _deferred_collection():
    from mirastack_sdk._runtime.serve import serve, serve_async
    from mirastack_sdk.datetimeutils import (
        format_epoch_micros,
        format_epoch_millis,
        format_epoch_seconds,
        format_in_timezone,
        format_lookback_millis,
        format_rfc3339,
        now_utc_ms,
    )
    from mirastack_sdk.engine import (
        KPI,
        Approval,
        BlastRadius,
        License,
        LicenseQuotas,
        PluginResult,
    )
    from mirastack_sdk.errors import (
        ActionError,
        ConfigurationError,
        EngineError,
        InvalidPluginError,
        MirastackError,
        StartError,
    )
    from mirastack_sdk.plugin import (
        Action,
        ConfigParam,
        Context,
        EngineClient,
        ExecuteRequest,
        ExecuteResponse,
        ExecutionMode,
        IntentPattern,
        MirastackPlugin,
        ParamSchema,
        Permission,
        PluginInfo,
        PluginSchema,
        Progress,
        PromptTemplate,
        RoutingSemantics,
        Secret,
        TimeRange,
    )
    from mirastack_sdk.results import respond_error, respond_json, respond_map, respond_raw

if TYPE_CHECKING:
    from mirastack_sdk.agent import (
        ActionResult,
        Agent,
        Depends,
        Env,
        Logs,
        OrLast,
        TypedActions,
        action,
        last_range,
    )
    from mirastack_sdk.testing import MockEngineClient, make_execute_request

__all__ = [
    "KPI",
    "Action",
    "ActionError",
    "ActionResult",
    "Agent",
    "Approval",
    "BlastRadius",
    "ConfigParam",
    "ConfigurationError",
    "Context",
    "Depends",
    "EngineClient",
    "EngineError",
    "Env",
    "ExecuteRequest",
    "ExecuteResponse",
    "ExecutionMode",
    "IntentPattern",
    "InvalidPluginError",
    "License",
    "LicenseQuotas",
    "Logs",
    "MirastackError",
    "MirastackPlugin",
    "MockEngineClient",
    "OrLast",
    "ParamSchema",
    "Permission",
    "PluginInfo",
    "PluginResult",
    "PluginSchema",
    "Progress",
    "PromptTemplate",
    "RoutingSemantics",
    "Secret",
    "StartError",
    "TimeRange",
    "TypedActions",
    "action",
    "format_epoch_micros",
    "format_epoch_millis",
    "format_epoch_seconds",
    "format_in_timezone",
    "format_lookback_millis",
    "format_rfc3339",
    "last_range",
    "make_execute_request",
    "now_utc_ms",
    "respond_error",
    "respond_json",
    "respond_map",
    "respond_raw",
    "serve",
    "serve_async",
]

_LAZY: Mapping[str, str] = {
    **dict.fromkeys(("MockEngineClient", "make_execute_request"), "mirastack_sdk.testing"),
    **dict.fromkeys(
        (
            "ActionResult",
            "Agent",
            "Depends",
            "Env",
            "Logs",
            "OrLast",
            "TypedActions",
            "action",
            "last_range",
        ),
        "mirastack_sdk.agent",
    ),
}
"""The names that are imported on first use, each with its module."""


def __getattr__(name: str) -> object:
    """Import `testing` and `agent` on first use: agents that need neither start faster."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
