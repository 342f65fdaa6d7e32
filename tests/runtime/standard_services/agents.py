"""An agent whose health a test decides, and channels to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio

from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)

AGENT = "mirastack.plugin.v1.PluginService"
HEALTH = "grpc.health.v1.Health"
REFLECTION = "grpc.reflection.v1.ServerReflection"
REFLECTION_ALPHA = "grpc.reflection.v1alpha.ServerReflection"
NAMES = [HEALTH, REFLECTION, REFLECTION_ALPHA, AGENT]
TIMEOUT = 20.0


class Patient(MirastackPlugin):
    """Raises `illness` in its health check; `checks` counts them."""

    def __init__(self) -> None:
        self.illness: Exception | None = None
        self.checks = 0

    def info(self) -> PluginInfo:
        """Return who the agent is."""
        return PluginInfo("patient", "1.0.0", "May be ill.", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        """Return its one action."""
        return PluginSchema([Action("rest", "Do nothing.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        """Do nothing."""
        return ExecuteResponse(output={})

    async def health_check(self) -> None:
        """Fail while the agent is ill."""
        self.checks += 1
        if self.illness is not None:
            raise self.illness


@asynccontextmanager
async def channel_to(port: int) -> AsyncIterator[grpc.aio.Channel]:
    """Open a channel of grpcio to an agent on this machine."""
    own = (("grpc.use_local_subchannel_pool", 1),)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", own) as channel:
        yield channel
