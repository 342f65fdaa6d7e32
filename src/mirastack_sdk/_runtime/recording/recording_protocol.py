"""The protocol of what records an agent's executions, and what stands for it by default."""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.connection_security.protection import Protection
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, Notice
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry

if TYPE_CHECKING:
    # Only agents with an engine load it.
    from mirastack_sdk._wire.client.pool import ConnectionOptions


class Recording(Protocol):
    """Records the executions of one agent."""

    @abstractmethod
    def link(
        self,
        settings: Settings,
        plugin_name: str,
        telemetry: Telemetry | None,
        protection: Protection,
        clock: Clock,
        options: "ConnectionOptions | None",
    ) -> EngineLink:
        """Return a link to the engine; the calls of each execution are recorded."""

    @abstractmethod
    def config_cache(self, ttl: float, clock: Clock, *, notice: Notice) -> ConfigCache:
        """Return a cache of the config; what an execution gets from it is recorded."""

    @abstractmethod
    def observed(self, service: AgentService) -> PluginServiceBase:
        """Return `service`, with every execution recorded."""

    @abstractmethod
    async def close(self, timeout: float) -> None:
        """Write what is left to write, within `timeout` seconds."""


class Unrecorded(Recording):
    """Records nothing."""

    def __init__(self, agent: CheckedPlugin, secrets: KnownSecrets, clock: Clock) -> None:
        """Take what every recording is opened with."""

    def link(
        self,
        settings: Settings,
        plugin_name: str,
        telemetry: Telemetry | None,
        protection: Protection,
        clock: Clock,
        options: "ConnectionOptions | None",
    ) -> EngineLink:
        """Return the usual link."""
        return EngineLink(
            settings, plugin_name, telemetry, protection, clock=clock, options=options
        )

    def config_cache(self, ttl: float, clock: Clock, *, notice: Notice) -> ConfigCache:
        """Return the usual cache."""
        return ConfigCache(ttl, clock, notice=notice)

    def observed(self, service: AgentService) -> PluginServiceBase:
        """Return `service` itself."""
        return service

    async def close(self, timeout: float) -> None:
        """Do nothing."""


type OpenRecording = Callable[[CheckedPlugin, KnownSecrets, Clock], Recording]
"""Opens a recording for an agent, without the secrets that are known when something is written."""
