"""The agents for tests of the local engine: a real one, and one that sends what a test wants."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceStub, PluginServiceBase
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.serve import serve_async
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import Encoding, LocalEngine


class EchoAgent(MirastackPlugin):
    """An agent whose `echo` returns its parameters, and which keeps what it received."""

    def __init__(self, name: str = "echo_agent") -> None:
        self.name = name
        self.requests: list[ExecuteRequest] = []
        self.configs: list[dict[str, str]] = []
        self.health_error: Exception | None = None

    def info(self) -> PluginInfo:
        """Who it is."""
        return PluginInfo(
            name=self.name,
            version="1.2.3",
            description="Echoes",
            permission=Permission.READ,
            devops_stages=["observe"],
            intent_patterns=[IntentPattern("echo *", "echo", priority=3)],
        )

    def schema(self) -> PluginSchema:
        """What it can do."""
        text = ParamSchema("string", description="What to say", default="hi", enum=["hi", "ho"])
        return PluginSchema([Action("echo", "Echo the parameters", {"text": text})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        """Echo the parameters."""
        self.requests.append(req)
        if "fail" in req.params:
            raise RuntimeError(req.params["fail"])
        return ExecuteResponse(output=dict(req.params), logs=["echoed"])

    async def health_check(self) -> None:
        """Raise what the test has set."""
        if self.health_error is not None:
            raise self.health_error

    async def config_updated(self, config: dict[str, str]) -> None:
        """Keep the config, or refuse it."""
        if config.get("refuse"):
            raise RuntimeError(config["refuse"])
        self.configs.append(config)


@asynccontextmanager
async def serving(
    plugin: MirastackPlugin, engine: LocalEngine, environ: Mapping[str, str] | None = None
) -> AsyncIterator[None]:
    """Serve an agent for `engine` during the block; it deregisters at the end."""
    stop = asyncio.Event()
    settings = {
        "MIRASTACK_ENGINE_ADDR": engine.address,
        "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        **(environ or {}),
    }
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(serve_async(plugin, environ=settings, stop=stop))
        try:
            yield
        finally:
            stop.set()


def valid_action() -> wire.ActionDef:
    """An action that engines accept."""
    return wire.ActionDef(
        id="echo",
        description="Echoes",
        permission=wire.Permission.READ,
        stages=[wire.DevOpsStage.OBSERVE],
        input_params=b"[]",
        output_params=b"[]",
        routing_semantics=wire.RoutingSemantics(
            schema_version="mirastack.routing_semantics/v1",
            accepted_intent_domains=["core.observe.echo"],
            capability_domain="core.observe.echo.echo",
            positive_use_cases=["Echoes"],
        ),
    )


@dataclass
class HandAgent(PluginServiceBase):
    """An agent that sends exactly what a test wants."""

    name: str = "hand_agent"
    instance_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    actions: list[wire.ActionDef] = field(default_factory=lambda: [valid_action()])
    info_changes: dict[str, object] = field(default_factory=dict)
    hanging: bool = False
    called: list[str] = field(default_factory=list)
    address: str = ""

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:
        """Say who it is, with the test's changes."""
        del request
        self.called.append("info")
        if self.hanging:
            await asyncio.Event().wait()
        reply = wire.InfoResponse(
            name=self.name,
            version="1.0.0",
            description="By hand",
            type=wire.PluginType.AGENT,
            permission=wire.Permission.READ,
            devops_stages=[wire.DevOpsStage.OBSERVE],
            actions=self.actions,
            instance_id=self.instance_id,
        )
        for name, value in self.info_changes.items():
            setattr(reply, name, value)
        return reply

    async def get_schema(self, request: wire.GetSchemaRequest) -> wire.GetSchemaResponse:
        """Say what it can do."""
        del request
        self.called.append("get_schema")
        return wire.GetSchemaResponse(actions=self.actions)

    async def health_check(self, request: wire.HealthCheckRequest) -> wire.HealthCheckResponse:
        """Be well."""
        del request
        self.called.append("health_check")
        return wire.HealthCheckResponse(healthy=True, message="ok")

    def registration(self, **changes: object) -> wire.RegisterPluginRequest:
        """Its registration, with the test's changes."""
        request = wire.RegisterPluginRequest(
            name=self.name,
            version="1.0.0",
            grpc_addr=self.address,
            plugin_type=wire.PluginType.AGENT,
            instance_id=self.instance_id,
        )
        for name, value in changes.items():
            setattr(request, name, value)
        return request

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["HandAgent"]:
        """Serve while the block runs, and know the own address."""
        server = Server([self], CODECS)
        await server.start()
        self.address = f"127.0.0.1:{server.port}"
        try:
            yield self
        finally:
            await server.close()


@asynccontextmanager
async def calling(
    engine: LocalEngine,
    plugin_name: str | None = "hand_agent",
    encoding: Encoding = Encoding.JSON,
) -> AsyncIterator[EngineServiceStub]:
    """Call the engine with the generated stub, under the name of that agent."""
    host, _, port = engine.address.rpartition(":")
    channel = Channel(host, int(port), CODECS, encoding=encoding)
    metadata = {} if plugin_name is None else {"x-plugin-name": plugin_name}
    try:
        yield EngineServiceStub(channel, timeout=5, metadata=metadata)
    finally:
        channel.close()
