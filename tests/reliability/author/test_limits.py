"""How many executions run at once, and which calls never wait for them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from grpclib.exceptions import GRPCError

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk.plugin import ExecuteRequest, ExecuteResponse
from mirastack_sdk.testing import Encoding
from tests.e2e.in_process import served
from tests.reliability.author.bench import HARMLESS, TIMEOUT, Agent, Caller, calling


class Full:
    """Executions that wait until `release` is set."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._here = 0
        self.full, self.release = asyncio.Event(), asyncio.Event()

    async def __call__(self, _: ExecuteRequest) -> ExecuteResponse:
        self._here += 1
        if self._here == self._number:
            self.full.set()
        await self.release.wait()
        return HARMLESS


@asynccontextmanager
async def filled(number: int, *, encoding: Encoding) -> AsyncIterator[Caller]:
    """An agent that runs as many executions as its limit allows, over one connection."""
    full = Full(number)
    async with calling(Agent(full), max_executions=number, encoding=encoding) as caller:
        running = [asyncio.create_task(caller.misbehave()) for _ in range(number)]
        async with asyncio.timeout(TIMEOUT):
            await full.full.wait()
        yield caller
        full.release.set()
        assert all(reply.success for reply in await asyncio.gather(*running))
        # There is room again.
        await caller.require_well()


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_one_more_than_the_limit_is_refused_at_once(
    encoding: Encoding, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends as RESOURCE_EXHAUSTED, is logged once for many, and running executions go on."""
    async with filled(5, encoding=encoding) as caller:
        for _ in range(20):
            with pytest.raises(GRPCError) as caught:
                await caller.answer()
            assert caught.value.status is Status.RESOURCE_EXHAUSTED
            assert "runs 5 executions at once" in str(caught.value.message)
    lines = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(lines) == 1
    assert "MIRASTACK_PLUGIN_MAX_EXECUTIONS" in lines[0].getMessage()


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_all_else_is_served_over_a_connection_full_of_executions(
    encoding: Encoding,
) -> None:
    """A thousand executions on one connection delay no health check, card or push."""
    full = Full(1_000)
    async with served(Agent(full)) as port, AsyncExitStack() as closing:
        channel = Channel("127.0.0.1", port, CODECS, encoding=encoding)
        closing.callback(channel.close)
        stub = PluginServiceStub(channel, timeout=TIMEOUT)
        request = wire.ExecuteRequest(action_id="misbehave")
        running = [asyncio.create_task(stub.execute(request)) for _ in range(1_000)]
        async with asyncio.timeout(TIMEOUT):
            await full.full.wait()
        async with asyncio.timeout(5):
            for _ in range(10):
                assert (await stub.health_check(wire.HealthCheckRequest())).healthy
            assert (await stub.config_updated(wire.ConfigUpdatedRequest())).acknowledged
            assert (await stub.info(wire.InfoRequest())).name == "my_agent"
            assert (await stub.get_schema(wire.GetSchemaRequest())).actions
        with pytest.raises(GRPCError, match="RESOURCE_EXHAUSTED"):
            await stub.execute(request)
        full.release.set()
        assert all(reply.success for reply in await asyncio.gather(*running))


async def test_an_execution_that_fails_makes_room() -> None:
    """Failed and expired executions free their place as well."""
    turns = iter(range(100))

    async def fail(_: ExecuteRequest) -> None:
        if next(turns) % 2:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        raise ValueError("failed")

    async with calling(Agent(fail), max_executions=1) as caller:
        for _ in range(3):
            assert (await caller.misbehave()).error == "failed"
            with pytest.raises((GRPCError, TimeoutError)):
                await caller.misbehave(timeout=0.05)
            await _until_room(caller)
        await caller.require_well()


async def _until_room(caller: Caller) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not await _has_room(caller):
            pass


async def _has_room(caller: Caller) -> bool:
    try:
        return (await caller.answer()).success
    except GRPCError:
        return False
