"""Write MIRASTACK agents in Python."""

from collections.abc import Mapping
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
    PromptTemplate,
    RoutingSemantics,
    Secret,
    TimeRange,
)

if TYPE_CHECKING:
    from mirastack_sdk.agent import (
        ActionResult,
        Agent,
        Depends,
        Env,
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
    "MirastackError",
    "MirastackPlugin",
    "MockEngineClient",
    "OrLast",
    "ParamSchema",
    "Permission",
    "PluginInfo",
    "PluginResult",
    "PluginSchema",
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
            "OrLast",
            "TypedActions",
            "action",
            "last_range",
        ),
        "mirastack_sdk.agent",
    ),
}
"""What only tests use, and what only typed actions do, by the module that has it."""


def __getattr__(name: str) -> object:
    """Load what few agents use when it is asked for: the others start sooner without."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
