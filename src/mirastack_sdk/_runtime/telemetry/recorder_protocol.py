"""The seam behind which an agent's calls are recorded; switched off, nothing is."""

from abc import abstractmethod
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from mirastack_sdk._gen.services import PluginServiceBase


class Telemetry(Protocol):
    """Records the calls of one agent."""

    @abstractmethod
    def observed(self, service: PluginServiceBase) -> PluginServiceBase:
        """Return `service`, with every call it answers recorded."""

    @abstractmethod
    def calling(self, method: str, metadata: dict[str, str]) -> AbstractContextManager[object]:
        """Record a call of the engine while it is entered; adds the trace to `metadata`."""

    @abstractmethod
    async def close(self, timeout: float) -> None:
        """Send what is left to send, within `timeout` seconds."""


class NoTelemetry:
    """Records nothing."""

    def observed(self, service: PluginServiceBase) -> PluginServiceBase:
        """Return `service` itself."""
        return service

    def calling(
        self,
        method: str,  # noqa: ARG002 - nothing is recorded of it
        metadata: dict[str, str],  # noqa: ARG002 - likewise
    ) -> AbstractContextManager[object]:
        """Return what does nothing, the same each time."""
        return _NOTHING

    async def close(self, timeout: float) -> None:
        """Return at once."""


_NOTHING = nullcontext()
NO_TELEMETRY = NoTelemetry()
