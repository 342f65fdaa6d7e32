"""The engine as an agent sees it: the client, and the values that travel with it."""

from mirastack_sdk._core.model.context import Context
from mirastack_sdk._core.model.engine_api import (
    KPI,
    Approval,
    BlastRadius,
    EngineClient,
    License,
    LicenseQuotas,
    PluginResult,
)

__all__ = [
    "KPI",
    "Approval",
    "BlastRadius",
    "Context",
    "EngineClient",
    "License",
    "LicenseQuotas",
    "PluginResult",
]
