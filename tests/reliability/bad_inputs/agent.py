"""A real agent in this process, with access to its server and to what it still holds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    serve_async,
)
from mirastack_sdk._runtime import lifecycle
from mirastack_sdk._wire.server.grpc_server import Server

MOST_BYTES = 100_000


class Target(MirastackPlugin):
    """Returns the text it is sent; the action "wait" never ends by itself."""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="target",
            version="1.0.0",
            description="Says what it is sent.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("say", "Say it.", {}), Action("wait", "Wait.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if req.params.get("action") == "wait":
            await asyncio.Event().wait()
        return ExecuteResponse(output={"said": req.params.get("text", "")})

    async def config_updated(self, config: dict[str, str]) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an agent holds for its clients."""

    connections: int
    streams: int
    calls: int
    handlers: int
    tasks: int


class RunningAgent:
    """A running agent: its port, and what its server holds."""

    def __init__(self, port: int, server: Server) -> None:
        self.port = port
        self._server = server

    def holdings(self) -> Holdings:
        """Return what the agent holds now."""
        connections = list(self._server._connections)  # noqa: SLF001 - what no client can see
        return Holdings(
            connections=len(connections),
            streams=sum(one._http2.open_streams for one in connections),  # noqa: SLF001 - as above
            calls=sum(len(one._calls) for one in connections),  # noqa: SLF001 - as above
            handlers=len(self._server._state.running),  # noqa: SLF001 - as above
            tasks=len(asyncio.all_tasks()),
        )

    async def settled(self, expected: Holdings) -> Holdings:
        """Wait until the agent holds what is expected, for five seconds at most."""
        await self._until(lambda: self.holdings() == expected)
        return self.holdings()

    async def connected(self, connections: int) -> None:
        """Wait until this many clients are connected."""
        await self._until(lambda: self.holdings().connections == connections)
        assert self.holdings().connections == connections

    async def running(self, handlers: int) -> None:
        """Wait until this many handlers run."""
        await self._until(lambda: self.holdings().handlers == handlers)
        assert self.holdings().handlers == handlers

    async def _until(self, condition: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + 5
        while not condition() and loop.time() < end:
            await _next_turn()


async def _next_turn() -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def running_agent(
    monkeypatch: pytest.MonkeyPatch, **environ: str
) -> AsyncIterator[RunningAgent]:
    """Serve the target as `serve()` would."""
    servers: list[Server] = []

    class KeptServer(Server):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[arg-type]  # passed on as they come
            servers.append(self)

    monkeypatch.setattr(lifecycle, "Server", KeptServer)
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    settings = {
        "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        "MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES": str(MOST_BYTES),
        **environ,
    }
    serving = asyncio.create_task(
        serve_async(Target(), environ=settings, stop=stop, on_listening=port.set_result)
    )
    try:
        yield RunningAgent(await port, servers[0])
    finally:
        stop.set()
        await serving
