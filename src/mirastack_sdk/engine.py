"""The engine as an agent sees it: the client, and the values that travel with it."""

from mirastack_sdk._core.context import Context
from mirastack_sdk._core.engine_client import EngineClient
from mirastack_sdk._core.engine_types import (
    KPI,
    Approval,
    BlastRadius,
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
