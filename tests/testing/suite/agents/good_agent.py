"""An agent that passes every check of the standard suite, and the suite that checks it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager

from mirastack_sdk.plugin import (
    Action,
    ConfigParam,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import AgentSuite, InProcessAgent

TOKEN = "t0ken-of-the-backend"
URL = "http://backend.internal:9090"


class Backend:
    """What the agents query."""

    def __init__(self) -> None:
        self.is_up = True


BACKEND = Backend()


class GoodAgent(MirastackPlugin):
    """Reads rows of a service; each method may be broken by a subclass."""

    def __init__(self) -> None:
        self.limit = 10

    def info(self) -> PluginInfo:
        return PluginInfo(
            "good",
            "1.0.0",
            "Reads rows",
            Permission.READ,
            ["observe"],
            config_params=[
                ConfigParam("limit", "How many rows", type="int", default="10"),
                ConfigParam("token", "The backend's token", secret=True),
            ],
        )

    def schema(self) -> PluginSchema:
        params = {
            "service": ParamSchema("string", description="Such as cart"),
            "rows": ParamSchema("integer", required=False, description="How many rows"),
        }
        return PluginSchema(
            [
                Action("read", "Read the rows of a service.", params, intents=["rows of *"]),
                Action("limits", "Read the limit.", {}, intents=["what is the limit"]),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        match req.action:
            case "read":
                return await self.read(req)
            case "limits":
                return ExecuteResponse(output={"result": json.dumps({"limit": self.limit})})
            case _:
                return self.unknown(req.action)

    def unknown(self, action: str) -> ExecuteResponse:
        return ExecuteResponse(logs=[f"unknown action: {action}"])

    async def read(self, req: ExecuteRequest) -> ExecuteResponse:
        service = req.params.get("service")
        if service is None:
            return self.missing()
        try:
            rows = self.rows(req.params)
        except ValueError:
            return ExecuteResponse(logs=["rows: expected a whole number"])
        await self.query(req)
        if not BACKEND.is_up:
            return self.failed()
        return self.found(service, rows)

    def missing(self) -> ExecuteResponse:
        return ExecuteResponse(logs=["service is required"])

    def rows(self, params: dict[str, str]) -> int:
        return int(params.get("rows", self.limit))

    async def query(self, req: ExecuteRequest) -> None:
        await req.engine_client.cache_set(req.ctx, "good:rows", "1")
        await asyncio.sleep(0.005)

    def failed(self) -> ExecuteResponse:
        return ExecuteResponse(logs=["the backend does not answer"])

    def found(self, service: str, rows: int) -> ExecuteResponse:
        return ExecuteResponse(output={"result": json.dumps({"service": service, "rows": rows})})

    async def health_check(self) -> None:
        if not BACKEND.is_up:
            raise RuntimeError("the backend does not answer")

    async def config_updated(self, config: dict[str, str]) -> None:
        self.limit = int(config.get("limit", "10"))


class GoodSuite(AgentSuite):
    """Knows all that a suite can be told about the agent."""

    plugin: type[MirastackPlugin] = GoodAgent
    samples = {"read": {"service": "cart", "rows": 3}}
    config = {"limit": "5", "token": TOKEN}
    new_config = {"limit": "7", "token": TOKEN}
    environ = {"BACKEND_URL": URL}
    cancel_seconds = 0.3
    shutdown_grace = 2.0

    @contextmanager
    def cut_backend(self) -> Iterator[None]:
        """Take the backend down."""
        BACKEND.is_up = False
        try:
            yield
        finally:
            BACKEND.is_up = True

    async def config_is_used(self, agent: InProcessAgent) -> None:
        """Ask for the limit."""
        found = await agent.execute("limits")
        assert found.output["result"] == '{"limit": 7}', found
