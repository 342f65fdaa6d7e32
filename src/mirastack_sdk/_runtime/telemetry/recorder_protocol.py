"""The protocol of what records an agent's calls; without telemetry there is none."""

from abc import abstractmethod
from contextlib import AbstractContextManager
from typing import Protocol

from mirastack_sdk._gen.services import PluginServiceBase


class Telemetry(Protocol):
    """Records the calls of one agent."""

    @abstractmethod
    def observed(self, service: PluginServiceBase) -> PluginServiceBase:
        """Return `service`, with every call that it serves recorded."""

    @abstractmethod
    def calling(self, method: str, metadata: dict[str, str]) -> AbstractContextManager[object]:
        """Record a call of the engine while it is entered; adds the trace to `metadata`."""

    @abstractmethod
    async def close(self, timeout: float) -> None:
        """Send what is left to send, within `timeout` seconds."""
