"""Tools can see an execution before it starts, cancel it, and look at its messages."""

import asyncio
import json

import pytest

from mirastack_sdk.plugin import ExecuteRequest, ExecuteResponse
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.testing.agents import EchoAgent, serving


class HangingAgent(EchoAgent):
    """An agent whose action runs until it is cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return ExecuteResponse()


@pytest.mark.parametrize("encoding", Encoding)
async def test_an_execution_shows_its_messages_in_both_encodings(encoding: Encoding) -> None:
    """Whichever encoding it runs in, request and response can be read in both."""
    async with LocalEngine() as engine, serving(EchoAgent(), engine):
        agent = await engine.wait_registered("echo_agent")
        execution = agent.prepare("echo", {"text": "hi"}, encoding=encoding)
        before = execution.response
        result = await execution.run()
    assert before is None
    assert result.execution_id == execution.execution_id
    request = json.loads(execution.request.json)
    assert (request["execution_id"], request["action_id"]) == (execution.execution_id, "echo")
    # Field 1, a string: the id itself stands in the bytes.
    assert execution.request.protobuf.startswith(b"\x0a\x24" + execution.execution_id.encode())
    assert execution.response is not None
    assert json.loads(execution.response.json)["success"] is True
    assert execution.response.protobuf.startswith(b"\x08\x01")


async def test_cancelling_the_call_cancels_the_execution() -> None:
    """The agent's code is cancelled when the caller gives up."""
    plugin = HangingAgent()
    async with LocalEngine() as engine, serving(plugin, engine):
        agent = await engine.wait_registered("echo_agent")
        running = asyncio.create_task(agent.prepare("echo").run())
        async with asyncio.timeout(30):
            await plugin.started.wait()
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            await plugin.cancelled.wait()


async def test_a_changed_config_has_a_new_version() -> None:
    """The version that a tool shows is the one that the agent was sent."""
    async with LocalEngine() as engine, serving(EchoAgent(), engine):
        agent = await engine.wait_registered("echo_agent")
        before = engine.config_version
        await agent.push_config({"a": "b"})
        assert engine.config_version == before + 1
