"""The published SDK's types, and the class that agents written for it inherit from."""

from abc import ABC, abstractmethod

from mirastack_sdk._core.model import plugin_base
from mirastack_sdk.compat import context
from mirastack_sdk.compat._published_types import (
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
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
    TimeRange,
)

__all__ = [
    "ROUTING_SEMANTICS_SCHEMA_VERSION_V1",
    "Action",
    "ConfigParam",
    "DevOpsStage",
    "ExecuteRequest",
    "ExecuteResponse",
    "ExecutionMode",
    "IntentPattern",
    "LicenseContext",
    "LicenseQuotas",
    "ParamSchema",
    "Permission",
    "Plugin",
    "PluginInfo",
    "PluginSchema",
    "PromptTemplate",
    "RoutingSemantics",
    "TimeRange",
]


class Plugin(ABC):
    """An agent: override the methods and pass an instance to `serve()`.

    While it is served, `_engine_context` is its `EngineContext`, if MIRASTACK_ENGINE_ADDR is set,
    and `_engine_license_context` the license that the engine last sent, from the first one on. A
    method `set_engine_context(ctx)`, if the agent has one, is called with the `EngineContext`
    before the first execution.
    """

    _engine_context: context.EngineContext
    _engine_license_context: LicenseContext

    @abstractmethod
    def info(self) -> PluginInfo:
        """Return who the agent is. Called at the start."""

    @abstractmethod
    def schema(self) -> PluginSchema:
        """Return what the agent can do. Called at the start."""

    @abstractmethod
    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        """Run one action.

        An exception fails the execution: the engine sees its text without addresses, credentials
        and paths.
        """

    async def health_check(self) -> None:  # noqa: B027 - agents need not override it
        """Raise an exception if the agent's backend cannot be used."""

    async def config_updated(self, config: dict[str, str]) -> None:  # noqa: B027 - likewise
        """Use a new config, all of it; an exception rejects it.

        Called with what the engine stores after each registration, and whenever operators change
        it.
        """

    def __mirastack_plugin__(self) -> plugin_base.MirastackPlugin:
        """Return what serves this agent; see `HasPlugin`."""
        from mirastack_sdk.compat._adapter import PluginAdapter  # noqa: PLC0415 - it imports this module

        return PluginAdapter(self)
