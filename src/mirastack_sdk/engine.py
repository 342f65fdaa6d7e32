"""The engine client, and the types of its parameters and results."""

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
