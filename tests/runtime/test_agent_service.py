"""The agent's service, over a real socket."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    ExecutionMode,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    TimeRange,
)
from mirastack_sdk.testing import Encoding


class Agent(MirastackPlugin):
    """Records what it receives."""

    def __init__(self) -> None:
        self.seen: list[ExecuteRequest] = []

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="my_agent",
            version="1.0.0",
            description="An agent.",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("get_status", "Get a status.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        self.seen.append(req)
        return ExecuteResponse(output={"result": json.dumps(req.params)}, logs=["done"])


@asynccontextmanager
async def calling(
    plugin: MirastackPlugin, *, encoding: Encoding = Encoding.PROTOBUF, tenant_id: str = ""
) -> AsyncIterator[PluginServiceStub]:
    """Serve a plugin and call it."""
    settings = Settings(tenant_id=tenant_id)
    clock = SystemClock()
    link = EngineLink(settings, "my_agent")
    service = AgentService(
        checked_plugin(plugin),
        link,
        ConfigCache(15, clock),
        clock,
        settings=settings,
        secrets=KnownSecrets(),
    )
    server = Server([service], CODECS)
    await server.start()
    channel = Channel("127.0.0.1", server.port, CODECS, encoding=encoding)
    try:
        yield PluginServiceStub(channel, timeout=20)
    finally:
        channel.close()
        await server.close()


def full_request() -> wire.ExecuteRequest:
    return wire.ExecuteRequest(
        execution_id="e-1",
        step_id="s-1",
        action_id="get_status",
        params_json=b'{"service":"checkout","n":3,"deep":{"a":1},"yes":true,"none":null}',
        execution_mode=wire.ExecutionMode.GUIDED,
        context={"user": "u"},
        time_range=wire.TimeRange(
            start_epoch_ms=1, end_epoch_ms=2, timezone="Europe/Rome", original_expression="now"
        ),
        tenant_id="t-1",
        workflow_id="w-1",
    )


@pytest.mark.contract("Execution modes: the author sees the mode of the execution")
@pytest.mark.contract("The messages: Execute carries ids, parameters, mode, context and time range")
@pytest.mark.parametrize("encoding", list(Encoding))
async def test_execute_hands_the_author_the_documented_request(encoding: Encoding) -> None:
    """Text parameters, time range, mode and context arrive, in either encoding."""
    agent = Agent()
    async with calling(agent, encoding=encoding) as stub:
        reply = await stub.execute(full_request())
    assert reply.success
    assert reply.logs == ["done"]
    (request,) = agent.seen
    expected = {
        "service": "checkout",
        "n": "3",
        "deep": '{"a":1}',
        "yes": "true",
        "none": "",
        "action": "get_status",
    }
    assert request.params == expected
    assert json.loads(json.loads(reply.result_json)["result"]) == expected
    assert request.time_range == TimeRange(1, 2, "Europe/Rome", "now")
    assert (request.action, request.execution_mode) == ("get_status", ExecutionMode.GUIDED)
    assert (request.ctx.execution_id, request.ctx.step_id) == ("e-1", "s-1")
    assert (request.ctx.workflow_id, request.ctx.tenant_id) == ("w-1", "t-1")
    assert request.ctx.deadline is not None
    assert 0 < request.ctx.deadline - time.monotonic() <= 20


async def test_the_engines_context_and_metadata_are_at_hand() -> None:
    """They are `req.ctx.values` and `req.ctx.metadata`."""
    agent = Agent()
    async with calling(agent) as stub:
        await stub.execute(full_request(), metadata={"x-request-id": "r-1"})
    assert agent.seen[0].ctx.values == {"user": "u"}
    assert agent.seen[0].ctx.metadata == {"x-request-id": "r-1"}


@pytest.mark.contract("Who calls whom: Execute is served if either tenant is empty")
@pytest.mark.parametrize(("own", "asked"), [("t-1", "t-1"), ("", "t-1"), ("t-1", "")])
async def test_the_own_tenant_or_none_is_served(own: str, asked: str) -> None:
    """The execution runs if the tenants are equal, or if one side has none."""
    agent = Agent()
    async with calling(agent, tenant_id=own) as stub:
        reply = await stub.execute(wire.ExecuteRequest(action_id="a", tenant_id=asked))
    assert reply.success
    assert agent.seen[0].ctx.tenant_id == (asked or own)


class BlockingAgent(Agent):
    """An agent whose `execute` blocks until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.release = threading.Event(), threading.Event()

    def execute(self, req: ExecuteRequest) -> ExecuteResponse:  # type: ignore[override] # Agent's is a coroutine
        self.entered.set()
        assert self.release.wait(20)
        return ExecuteResponse(output={"result": '"late"'})


async def test_a_blocking_execute_does_not_stop_health_checks() -> None:
    """Health checks work while a plain `execute` blocks its thread."""
    agent = BlockingAgent()
    async with calling(agent) as stub:
        running = asyncio.create_task(stub.execute(full_request()))
        assert await asyncio.to_thread(agent.entered.wait, 20)
        assert (await stub.health_check(wire.HealthCheckRequest())).healthy
        agent.release.set()
        assert (await running).success


async def test_an_engine_client_kept_beyond_its_execution_is_dead() -> None:
    """A client that the author keeps cannot be used after the execution."""
    agent = Agent()
    async with calling(agent) as stub:
        await stub.execute(full_request())
    with pytest.raises(EngineError) as caught:
        await agent.seen[0].engine_client.cache_get(None, "key")
    assert caught.value.reason == "execution_ended"


class ThreadedAgent(Agent):
    """A plain `execute` that calls the engine from its own thread."""

    def execute(self, req: ExecuteRequest) -> ExecuteResponse:  # type: ignore[override] # Agent's is a coroutine
        with pytest.raises(EngineError) as caught:
            asyncio.run(req.engine_client.cache_get(req.ctx, "key"))
        return ExecuteResponse(output={"result": json.dumps(caught.value.reason)})


async def test_a_plain_execute_may_call_the_engine_from_its_thread() -> None:
    """An engine call on the thread's own loop runs on the connection's loop."""
    async with calling(ThreadedAgent()) as stub:
        reply = await stub.execute(full_request())
    assert json.loads(reply.result_json) == {"result": '"not_connected"'}
