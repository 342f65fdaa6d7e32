"""Every call to the engine has a deadline, which it sends."""

import asyncio
import time

import pytest

from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.engine_access.engine_client import RpcEngineClient
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache
from mirastack_sdk._runtime.engine_access.session import Session
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import Context
from tests.e2e.raw_engine import Request, raw_engine
from tests.reliability.bad_engines.engine import ByteEngine, link_to, serving, silent
from tests.runtime.engine_access.test_session import IDENTITY
from tests.runtime.recording_clock import RecordingClock


def well(request: Request) -> bytes:
    """Respond correctly to every call."""
    return b'{"success":true,"acknowledged":true}'


@pytest.mark.contract("Who calls whom: registration and heartbeat have a deadline of 10 s")
async def test_membership_has_10_and_5_seconds() -> None:
    """RegisterPlugin and Heartbeat have 10 s; deregistration has at most 5 s."""
    async with raw_engine(well) as (engine, address):
        clock = RecordingClock()
        link = link_to(int(address.rpartition(":")[2]), clock=clock)
        session = Session(
            link, IDENTITY, fixed_interval=1, clock=clock, uniform=lambda low, high: low
        )
        running = asyncio.create_task(session.run())
        for _ in range(2):
            await clock.wait_for_sleepers()
            clock.advance(1)
        await clock.wait_for_sleepers()
        running.cancel()
        await asyncio.wait([running])
        await session.leave(5.0)
        link.close()
    sent = {request.method: request.headers["grpc-timeout"] for request in engine.requests}
    assert sent == {"RegisterPlugin": "10000m", "Heartbeat": "10000m", "DeregisterPlugin": "5000m"}


@pytest.mark.parametrize(
    ("execution", "sent"),
    [(None, "30S"), (100.0, "30S"), (12.0, "12S")],
    ids=["no deadline of the execution's", "a later one", "an earlier one"],
)
async def test_a_callback_has_30_seconds_or_what_its_execution_has(
    execution: float | None, sent: str
) -> None:
    """The earlier of the two deadlines applies."""
    async with raw_engine(well) as (engine, address):
        link = link_to(int(address.rpartition(":")[2]))
        deadline = None if execution is None else time.monotonic() + execution
        clock = SystemClock()
        client = RpcEngineClient(
            link,
            ConfigCache(0, clock),
            clock,
            ctx=Context(execution_id="e", deadline=deadline),
            scope=ExecutionScope(),
        )
        await client.cache_get(None, "a")
        await client.cache_set(None, "a", "1")
        link.close()
    assert [request.headers["grpc-timeout"] for request in engine.requests] == [sent, sent]


async def test_a_callback_ends_with_its_execution() -> None:
    """A silent engine holds a call only until the end of the execution."""
    async with serving(ByteEngine(answer=silent)) as engine:
        link, clock, scope = link_to(engine.port), SystemClock(), ExecutionScope()
        client = RpcEngineClient(
            link, ConfigCache(0, clock), clock, ctx=Context(execution_id="e"), scope=scope
        )
        call = asyncio.create_task(client.request_approval(None, "Restart", timeout=3_600))
        await engine.until(lambda: engine.calls > 0)
        scope.end()
        with pytest.raises(EngineError) as caught:
            await call
        assert caught.value.reason == "execution_ended"
        await engine.until(lambda: bool(engine.resets))
        link.close()
