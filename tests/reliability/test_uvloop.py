"""Agents on uvloop, whose transports have none of asyncio's base classes."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk._core.settings.security_variables import ARGUMENT_NAMES
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.connection_security.protection import protection
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.process import loop_factory
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk.errors import ConfigurationError
from mirastack_sdk.security import Security
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.e2e.agent_process import agent_process
from tests.e2e.in_process import served
from tests.reliability.bad_engines import test_connections
from tests.reliability.tls.certificates import LOOPBACK, Authority

uvloop = pytest.importorskip("uvloop", reason="uvloop does not run on this system")

LARGE = 5_000_000


class Caller(MirastackPlugin):
    """Writes to the engine's cache, reads it again, and returns what it has read."""

    def info(self) -> PluginInfo:
        return PluginInfo("caller", "1.0.0", "Calls the engine.", Permission.READ, ["test"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("call", "Call.", {}), Action("answer", "Answer.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if req.action == "answer":
            return ExecuteResponse(output={"value": "x" * LARGE})
        await req.engine_client.cache_set(req.ctx, "key", "x" * LARGE)
        value = await req.engine_client.cache_get(req.ctx, "key")
        return ExecuteResponse(output={"value": value or ""})


async def executed(port: int, action: str, client: Security | None = None) -> list[int]:
    """Run the action ten times at once; return the sizes of its results."""
    tls = None if client is None else protection(client, ARGUMENT_NAMES).client
    channel = Channel(
        "127.0.0.1", port, CODECS, encoding=Encoding.JSON, max_message_bytes=2**26, tls=tls
    )
    stub = PluginServiceStub(channel, timeout=30.0)
    request = wire.ExecuteRequest(action_id=action)
    responses = await asyncio.gather(*(stub.execute(request) for _ in range(10)))
    channel.close()
    return [len(json.loads(response.result_json)["value"]) for response in responses]


def test_an_agent_is_served_on_uvloop() -> None:
    """It registers, answers large calls, calls the engine, and stops in order."""

    async def main() -> None:
        async with LocalEngine() as engine:
            async with served(Caller(), engine=engine.address) as port:
                await engine.wait_registered("caller", timeout=30)
                assert await executed(port, "call") == [LARGE] * 10
            assert [record.known for record in engine.deregistrations] == [True]

    uvloop.run(main())


def test_an_agent_is_served_on_uvloop_over_tls(tmp_path: Path) -> None:
    """Large responses arrive, and the agent stops in order."""
    authority = Authority(tmp_path)
    security = Security(server=authority.issue(*LOOPBACK).server())

    async def main() -> None:
        async with served(Caller(), security) as port:
            client = Security(client=authority.trusted())
            assert await executed(port, "answer", client) == [LARGE] * 10

    uvloop.run(main())


def test_a_near_engine_that_answers_pings_is_waited_for_on_uvloop() -> None:
    """Its answers come in the same millisecond as the pings, by uvloop's clock."""
    uvloop.run(test_connections.test_a_slow_engine_that_answers_pings_is_waited_for())


@pytest.mark.parametrize(
    ("variables", "loop"),
    [({}, "asyncio"), ({"MIRASTACK_SDK_EVENT_LOOP": "uvloop"}, "uvloop")],
    ids=["by default", "on uvloop"],
)
async def test_a_variable_chooses_the_loop_of_serve(variables: dict[str, str], loop: str) -> None:
    """Only a chosen uvloop is used; on either, a signal deregisters and ends the agent."""
    async with (
        LocalEngine() as engine,
        agent_process("loop.py", engine=engine.address, **variables) as agent,
    ):
        registered = await engine.wait_registered("loop", timeout=30)
        response = await registered.execute("tell")
        assert response.output == {"result": f'"{loop}"'}
        agent.signal()
        assert await agent.ended() == 0
    assert [record.known for record in engine.deregistrations] == [True]


def test_uvloop_that_is_not_installed_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the variable and the extra."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with pytest.raises(ConfigurationError) as refusal:
        loop_factory("uvloop")
    assert str(refusal.value) == (
        "MIRASTACK_SDK_EVENT_LOOP=uvloop needs uvloop, which is not installed: "
        'pip install "mirastack-agents-sdk-python[speed]"'
    )
