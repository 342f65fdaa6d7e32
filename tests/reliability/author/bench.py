"""An agent whose methods a test replaces, served over a socket, and a client that calls it."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets, secret_values
from mirastack_sdk._core.settings.limit_variables import ServingLimits
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.agent_service import AgentService, AuthorTimeouts
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.log_output.secret_filter import hiding_in_logs
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.plugin import (
    Action,
    ConfigParam,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import Encoding

# Only for a test that fails.
TIMEOUT = 20.0
USUAL = AuthorTimeouts()
HARMLESS = ExecuteResponse(output={"result": '"well"'})

type Execute = Callable[[ExecuteRequest], object]


class Agent(MirastackPlugin):
    """Runs `run` for the action "misbehave", and succeeds for every other one."""

    def __init__(self, run: Execute = lambda _: HARMLESS) -> None:
        self.run = run
        self.seen: list[ExecuteRequest] = []

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="my_agent",
            version="1.0.0",
            description="An agent.",
            permission=Permission.READ,
            devops_stages=["observe"],
            config_params=[
                ConfigParam("token", "A secret.", secret=True, default="none yet"),
                ConfigParam("region", "No secret."),
            ],
        )

    def schema(self) -> PluginSchema:
        actions = [Action(name, "Does something.", {}) for name in ("answer", "misbehave")]
        return PluginSchema(actions)

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        self.seen.append(req)
        if req.action != "misbehave":
            return HARMLESS
        outcome = self.run(req)
        if isinstance(outcome, Awaitable):
            outcome = await outcome
        return outcome  # type: ignore[return-value] # the wrong thing on purpose


class BlockingAgent(Agent):
    """The same with a plain `execute`, which runs in a thread."""

    def execute(self, req: ExecuteRequest) -> ExecuteResponse:  # type: ignore[override] # Agent's is a coroutine
        self.seen.append(req)
        return self.run(req) if req.action == "misbehave" else HARMLESS  # type: ignore[return-value] # the wrong thing on purpose


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls the served agent over one connection."""

    stub: PluginServiceStub
    server: Server

    async def misbehave(self, timeout: float = TIMEOUT) -> wire.ExecuteResponse:
        """Run the author's code that misbehaves."""
        request = wire.ExecuteRequest(execution_id="e-1", action_id="misbehave")
        return await self.stub.execute(request, timeout=timeout)

    async def answer(self) -> wire.ExecuteResponse:
        """Make an execution that succeeds."""
        return await self.stub.execute(wire.ExecuteRequest(action_id="answer"), timeout=TIMEOUT)

    async def health(self, timeout: float = TIMEOUT) -> wire.HealthCheckResponse:
        """Call the health check."""
        return await self.stub.health_check(wire.HealthCheckRequest(), timeout=timeout)

    async def push(self, timeout: float = TIMEOUT, **config: str) -> wire.ConfigUpdatedResponse:
        """Push a configuration."""
        request = wire.ConfigUpdatedRequest(config=config, version=1)
        return await self.stub.config_updated(request, timeout=timeout)

    async def require_well(self) -> None:
        """Check that every kind of call works as usual."""
        assert (await self.answer()).success
        assert (await self.stub.info(wire.InfoRequest(), timeout=TIMEOUT)).name == "my_agent"
        assert (await self.stub.get_schema(wire.GetSchemaRequest(), timeout=TIMEOUT)).actions


@asynccontextmanager
async def calling(
    plugin: MirastackPlugin,
    *,
    encoding: Encoding = Encoding.JSON,
    tenant_id: str = "",
    max_executions: int = 1_000,
    max_message_bytes: int = 2**26,
    timeouts: AuthorTimeouts = USUAL,
) -> AsyncIterator[Caller]:
    """Serve a plugin and call it."""
    settings = Settings(
        tenant_id=tenant_id,
        max_message_bytes=max_message_bytes,
        limits=ServingLimits(max_executions=max_executions),
    )
    agent, clock, secrets = checked_plugin(plugin), SystemClock(), KnownSecrets()
    params = agent.info.config_params
    config = ConfigCache(
        15, clock, notice=lambda config: secrets.learn(secret_values(params, config))
    )
    link = EngineLink(settings, "my_agent")
    service = AgentService(
        agent, link, config, clock, settings=settings, secrets=secrets, timeouts=timeouts
    )
    server = Server(
        [service],
        CODECS,
        max_message_bytes=max_message_bytes,
        limits=Limits(max_concurrent_streams=max_executions + 100),
    )
    await server.start()
    channel = Channel("127.0.0.1", server.port, CODECS, encoding=encoding)
    try:
        with hiding_in_logs(secrets.hide):
            yield Caller(PluginServiceStub(channel), server)
    finally:
        channel.close()
        await server.close()


def errors_in(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """The error records so far."""
    return [record for record in caplog.records if record.levelno >= logging.ERROR]
