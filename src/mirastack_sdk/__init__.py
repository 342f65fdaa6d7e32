"""Write MIRASTACK agents in Python."""

from importlib import import_module
from typing import TYPE_CHECKING

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
from mirastack_sdk.engine import KPI, Approval, BlastRadius, License, LicenseQuotas, PluginResult
from mirastack_sdk.errors import ConfigurationError, EngineError, InvalidPluginError, MirastackError
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
    PromptTemplate,
    RoutingSemantics,
    TimeRange,
)

if TYPE_CHECKING:
    from mirastack_sdk.testing import MockEngineClient, make_execute_request

__all__ = [
    "KPI",
    "Action",
    "Approval",
    "BlastRadius",
    "ConfigParam",
    "ConfigurationError",
    "Context",
    "EngineClient",
    "EngineError",
    "ExecuteRequest",
    "ExecuteResponse",
    "ExecutionMode",
    "IntentPattern",
    "InvalidPluginError",
    "License",
    "LicenseQuotas",
    "MirastackError",
    "MirastackPlugin",
    "MockEngineClient",
    "ParamSchema",
    "Permission",
    "PluginInfo",
    "PluginResult",
    "PluginSchema",
    "PromptTemplate",
    "RoutingSemantics",
    "TimeRange",
    "format_epoch_micros",
    "format_epoch_millis",
    "format_epoch_seconds",
    "format_in_timezone",
    "format_lookback_millis",
    "format_rfc3339",
    "make_execute_request",
    "now_utc_ms",
    "serve",
    "serve_async",
]

_FOR_TESTS = frozenset({"MockEngineClient", "make_execute_request"})


def __getattr__(name: str) -> object:
    """Load what only tests use when a test asks for it: an agent's start is shorter without."""
    if name in _FOR_TESTS:
        return getattr(import_module("mirastack_sdk.testing"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
